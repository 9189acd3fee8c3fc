"""Take pictures of rendered documents: `python -m docs.screenshots FOLDER [FILE.xml ...]`.

Without files the example cases of the kinds of documents are built and rendered. Each page is taken at 1280 and at
390 pixels, and as printed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.browser import Browser, missing
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.view.page import render_html

WIDTHS = (1280, 390)
_FOR_PLUGINS_S = 1.5


def _documents(files: list[Path]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        yield file.stem, file.read_bytes()
    if not files:
        for kind in KINDS:
            yield kind.name, build(kind.name, example(kind.name))


def main(folder: Path, files: list[Path]) -> None:
    """Write the pages and their pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        for name, document in _documents(files):
            page = folder / f"{name}.html"
            page.write_bytes(b"".join(render_html([document])))
            for width in WIDTHS:
                browser.width(width)
                browser.open(page)
                time.sleep(_FOR_PLUGINS_S if b"<object" in page.read_bytes() else 0)
                browser.picture(folder / f"{name}-{width}.png")
            (folder / f"{name}-print.pdf").write_bytes(browser.print_pdf())
            print(folder / name)
    finally:
        browser.close()


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"), [Path(name) for name in sys.argv[2:]])
