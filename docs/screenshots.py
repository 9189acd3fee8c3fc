"""Take pictures of rendered documents: `python -m docs.screenshots [FOLDER [FILE.xml ...]]`.

Each page is taken at 1280 and at 390 pixels, and as printed; without files these are the pages of the example cases.
Without a folder only the picture of the read-me is taken anew.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser import missing, started
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.view.page import render_html
from xds_adapter.cda.view.words import Lang

README_PICTURE = Path(__file__).parent / "imaging-report.png"
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
    for name, document in _documents(files):
        page = folder / f"{name}.html"
        page.write_bytes(b"".join(render_html([document])))
        with started() as browser:
            for width in WIDTHS:
                browser.width(width)
                browser.open(page)
                time.sleep(_FOR_PLUGINS_S if b"<object" in page.read_bytes() else 0)
                browser.picture(folder / f"{name}-{width}.png")
            (folder / f"{name}-print.pdf").write_bytes(browser.print_pdf())
        print(folder / name)


def picture_of_readme() -> None:
    """Take the head of a report for the read-me."""
    with TemporaryDirectory() as folder, started() as browser:
        page = Path(folder) / "report.html"
        page.write_bytes(b"".join(render_html([build("imaging-report", example("imaging-report"))], lang=Lang.EN)))
        browser.width(1100)
        browser.open(page)
        browser.picture(README_PICTURE, most=840, scale=0.75)


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    else:
        picture_of_readme()
