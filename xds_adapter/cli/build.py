"""`build`: a CDA document from a JSON case."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter.cda import build as cda
from xds_adapter.cli.common import one_command, read_input, write_whole
from xds_adapter.errors import CaseInvalid, ConfigError


def command(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="Kind of document; --list names them.")] = None,
    case: Annotated[str | None, typer.Argument(metavar="INPUT.json", help="The case; - for standard input.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write.", metavar="OUT.xml")] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option(
            "--attach",
            help="File to put in: the body of a level 1 document, an attached document of the others; may be repeated.",
            metavar="FILE.pdf",
        ),
    ] = None,
    list_kinds: Annotated[bool, typer.Option("--list", help="List the kinds.")] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a complete case.")] = False,
    minimal: Annotated[bool, typer.Option("--minimal", help="With --example: only what the kind needs.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a case.")] = False,
) -> None:
    """Build a CDA document from a JSON case; all faults of a case are reported at once, each with its JSON path."""
    if list_kinds:
        for row in cda.KINDS:
            print(f"{row.name:22} {row.title} ({row.model} {row.model_version})")
        return
    if kind is None:
        raise ConfigError("name the kind of document; xds-adapter build --list shows the kinds")
    if example or schema:
        shown = cda.example(kind, minimal=minimal) if example else cda.schema(kind)
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if case is None:
        raise ConfigError(f"name a case file, or - for standard input; see xds-adapter build {kind} --example")
    content = _built(kind, case, attach or [])
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(output, (content,))


def _built(kind: str, case: str, files: list[Path]) -> bytes:
    name = "standard input" if case == "-" else case
    try:
        members: Any = json.loads(read_input(case))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CaseInvalid((f"{name} is no JSON: {error}",)) from error
    try:
        for file in files if isinstance(members, dict) else ():
            members = cda.attach(kind, members, file.name, file.read_bytes())
        return cda.build(kind, members)
    except CaseInvalid as error:
        raise CaseInvalid(tuple(f"{name}, {finding}" for finding in error.findings)) from error


app = one_command(command)
