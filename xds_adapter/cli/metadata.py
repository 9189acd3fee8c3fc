"""`metadata`: the DocumentEntry that follows from a CDA header."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cli.common import json_line, one_command
from xds_adapter.client.submission import derive
from xds_adapter.model.entry_json import to_json


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CDA document.")],
    explain: Annotated[bool, typer.Option("--explain", help="Where each value comes from, one a line.")] = False,
) -> None:
    """Print the metadata that the adapter derives from a CDA document, as one JSON object."""
    derived, _content = derive(file)
    if not explain:
        members = to_json(derived.entry)
        del members["entry_uuid"]
        print(json_line(members))
        return
    width = max(len(name) for name in derived.sources)
    for name, source in derived.sources.items():
        print(f"{name:{width}}  {source}")


app = one_command(command)
