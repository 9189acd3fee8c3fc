"""`render`: a CDA document as a page that people read."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cda.view.page import render_html
from xds_adapter.cda.view.words import Lang
from xds_adapter.cli.common import input_chunks, one_command, write_whole
from xds_adapter.errors import ConfigError


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A CDA document; - for standard input.")],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", help="File to write, .html or .pdf; - for HTML on standard output.", metavar="OUT"
        ),
    ] = "-",
    lang: Annotated[
        Lang | None, typer.Option("--lang", help="Language of the page; that of the document if not given.")
    ] = None,
) -> None:
    """Render a CDA document as one safe, self-contained page; the PDF of a level 1 document comes out unchanged."""
    chunks = input_chunks(file)
    if output == "-":
        _print(render_html(chunks, lang=lang))
        return
    match Path(output).suffix.lower():
        case ".html" | ".htm":
            write_whole(Path(output), render_html(chunks, lang=lang))
        case ".pdf":
            from xds_adapter.cda.view.pdf import render_pdf  # noqa: PLC0415 - loads a library that few need

            write_whole(Path(output), render_pdf(chunks, lang=lang))
        case _:
            raise ConfigError(f"{output}: the name of the file to write ends with .html or .pdf")


def _print(pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


app = one_command(command)
