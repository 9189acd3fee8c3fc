"""`build`: a CDA document from a JSON case."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter.cda import build as cda
from xds_adapter.cda.header import read_header
from xds_adapter.cda.versions import addendum as addendum_to
from xds_adapter.cda.versions import next_version
from xds_adapter.cli.common import one_command, read_input, write_whole
from xds_adapter.errors import CaseInvalid, ConfigError
from xds_adapter.xmlio import file_chunks


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
    replaces: Annotated[
        Path | None,
        typer.Option("--replaces", help="Make the next version of this document.", metavar="PREVIOUS.xml"),
    ] = None,
    addendum: Annotated[
        str | None,
        typer.Option(
            "--addendum",
            help="With --replaces: add this text, by the first author, now. Needs no case.",
            metavar="TEXT",
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
    if case is None and (addendum is None or replaces is None):
        raise ConfigError(f"name a case file, or - for standard input; see xds-adapter build {kind} --example")
    if addendum is not None and replaces is None:
        raise ConfigError("--addendum needs --replaces PREVIOUS.xml, the document that the case was built into")
    if case is None and replaces is not None:
        name, members = str(replaces), _of_document(kind, replaces)
    else:
        name = "standard input" if case in (None, "-") else str(case)
        members = _case_of(name, case or "-")
    content = _built(kind, name, members, attach or [], partial(_version, kind, replaces=replaces, text=addendum))
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(output, (content,))


def _version(kind: str, case: Any, *, replaces: Path | None, text: str | None) -> Any:
    """The case itself, or the case of the version that follows on `replaces`."""
    if replaces is None:
        return case
    previous = read_header(file_chunks(replaces))
    if text is None:
        return next_version(kind, case, previous)
    return addendum_to(kind, case, text, previous=previous)


def _of_document(kind: str, path: Path) -> Any:
    """The case of a document that gets an addendum, when nobody has the case any more.

    Raises:
        CaseInvalid: It is of another kind, or says something that its case could not: the addendum may lose nothing.
    """
    parsing = import_module("xds_adapter.cda.parse")
    parsed = parsing.parse(path)
    if parsed.kind != kind:
        raise CaseInvalid((f"{path} is of the kind {parsed.kind}, not {kind}",))
    keeping = (parsing.NoteKind.RENEWED, parsing.NoteKind.REWORDED)
    lost = [f"{path}, {note}" for note in parsed.notes if note.kind not in keeping]
    if lost:
        raise CaseInvalid((*lost, f"{path} cannot be built again as it is; correct its case (xds-adapter parse)"))
    return parsed.case


def _case_of(name: str, case: str) -> Any:
    try:
        return json.loads(read_input(case))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CaseInvalid((f"{name} is no JSON: {error}",)) from error


def _built(kind: str, name: str, members: Any, files: list[Path], version: Callable[[Any], Any]) -> bytes:
    try:
        for file in files if isinstance(members, dict) else ():
            members = cda.attach(kind, members, file.name, file.read_bytes())
        return cda.build(kind, version(members))
    except CaseInvalid as error:
        raise CaseInvalid(tuple(f"{name}, {finding}" for finding in error.findings)) from error


app = one_command(command)
