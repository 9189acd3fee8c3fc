"""`metadata`: the DocumentEntry that follows from a CDA header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cda.given import shown
from xds_adapter.cda.metadata import DERIVED_FIELDS, Derived
from xds_adapter.cli.common import json_line, one_command
from xds_adapter.client.submission import derive
from xds_adapter.model.entry_json import to_json
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CDA document.")],
    explain: Annotated[bool, typer.Option("--explain", help="Each value with the place where it comes from.")] = False,
) -> None:
    """Print the metadata that the adapter derives from a CDA document, as one JSON object."""
    derived, _content = derive(file)
    if not explain:
        members = to_json(derived.entry)
        del members["entry_uuid"]
        print(json_line(members))
        return
    for line in _explained(derived):
        print(line)


def _explained(derived: Derived) -> Iterator[str]:
    """Each attribute with its value, and under it where that comes from; then those that the document leaves out."""
    fields = {row.name: row.field for row in DOCUMENT_ENTRY}
    width = max(len(name) for name in fields)
    for name, source in derived.sources.items():
        yield f"{name:{width}}  {shown(getattr(derived.entry, fields[name]))}"
        yield f"{'':{width}}    {source}"
    for field in DERIVED_FIELDS:
        (name,) = (name for name, known in fields.items() if known == field)
        if name not in derived.sources:
            yield f"{name:{width}}  - (the document does not say)"


app = one_command(command)
