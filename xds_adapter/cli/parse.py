"""`parse`: a CDA document back into the case that builds it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cda.parse import ParsedCase, parse
from xds_adapter.cli.common import JsonOption, json_line, one_command, read_input, write_whole
from xds_adapter.errors import CdaInvalid, MalformedMessage


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A CDA document; - for standard input.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write.", metavar="CASE.json")] = None,
    json_output: JsonOption = False,
) -> None:
    """Read a CDA document of a known kind back into the JSON case that build takes.

    What the case does not say as the document did is listed on standard error, each with its line and XPath. With
    --json the result is one object: kind, case and notes.
    """
    name = "standard input" if file == "-" else file
    parsed = _parsed(file, name)
    for note in parsed.notes:
        print(f"{name}, {note}", file=sys.stderr)
    print(f"{name}: {parsed.kind}, {_count(len(parsed.notes))}", file=sys.stderr)
    text = _json(name, parsed) if json_output else json.dumps(parsed.case, ensure_ascii=False, indent=2)
    if output is None:
        sys.stdout.buffer.write(f"{text}\n".encode())
        sys.stdout.buffer.flush()
    else:
        write_whole(output, (f"{text}\n".encode(),))


def _parsed(file: str, name: str) -> ParsedCase:
    try:
        return parse(read_input(file) if file == "-" else Path(file))
    except CdaInvalid as error:
        raise CdaInvalid(tuple(f"{name}, {finding}" for finding in error.findings)) from error
    except MalformedMessage as error:
        raise CdaInvalid((f"{name}, {error.reason}",)) from error


def _count(notes: int) -> str:
    if not notes:
        return "all of it is in the case"
    return f"{notes} {'notes' if notes > 1 else 'note'}: what the case does not say as the document does"


def _json(name: str, parsed: ParsedCase) -> str:
    notes = [asdict(note) for note in parsed.notes]
    return json_line({"file": name, "kind": parsed.kind, "case": parsed.case, "notes": notes})


app = one_command(command)
