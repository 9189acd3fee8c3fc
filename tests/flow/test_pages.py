"""Rendered documents in a real browser: nothing leaves the page, nothing runs, everybody can read it."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Browser, missing, started
from tests.hostile_cda import HOSTILE, PDF, RUN, b64, document, section
from tests.shared import shared_files
from tests.unit.cda.view.pages import ordinary_case
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.view.page import render_html
from xds_adapter.cda.view.words import Lang

pytestmark = pytest.mark.browser

SAMPLES = shared_files("data", "cda", "samples", pattern="*.xml") + shared_files(
    "data", "cda", "examples", pattern="*.xml"
)
PDF_VIEWER = "chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai"
"""What Chromium itself shows a PDF with; it is part of the browser."""
AUDIT = (Path(__file__).parent / "audit.js").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if reason := missing():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    with started() as browser:
        yield browser


class _Listener(ThreadingHTTPServer):
    """A server that hostile documents point at; it notes what it is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: _Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@pytest.fixture(scope="module")
def listener() -> Iterator[_Listener]:
    listener = _Listener()
    yield listener
    listener.shutdown()
    listener.server_close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Show a page and return what the audit finds in it."""

    def show(page: bytes, *, width: int = 1280) -> dict[str, Any]:
        file = tmp_path / "page.html"
        file.write_bytes(page)
        browser.width(width)
        browser.open(file)
        found: dict[str, Any] = browser.run(AUDIT)
        return found

    return show


def _level_1(pdf: bytes) -> bytes:
    return document(body=f'<text mediaType="application/pdf" representation="B64">{b64(pdf)}</text>')


def _assert_safe(found: dict[str, Any], browser: Browser, listener: _Listener) -> None:
    assert [] == found["unsafe"]
    assert found["pwned"] is False
    assert ["A.skip", "HEADER.top", "MAIN", "FOOTER"] == found["body"]
    assert [] == browser.messages()
    assert {"file://", "data://", PDF_VIEWER} >= set(browser.requests())
    assert [] == listener.asked


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_runs_nothing_and_asks_for_nothing(
    name: str, browser: Browser, listener: _Listener, show: Callable[..., dict[str, Any]]
) -> None:
    page = b"".join(render_html([HOSTILE[name](listener.origin)]))

    found = show(page)

    _assert_safe(found, browser, listener)
    assert [] == found["hostile_fits"]


def test_hostile_documents_are_harmless_without_the_policy(
    browser: Browser, listener: _Listener, show: Callable[..., dict[str, Any]]
) -> None:
    """The policy is the second wall: the mapping holds alone."""
    with browser.without_policy():
        for name, hostile in HOSTILE.items():
            found = show(b"".join(render_html([hostile(listener.origin)])))
            assert ([], False) == (found["unsafe"], found["pwned"]), name
            assert [] == browser.messages(), name
    assert [] == listener.asked


def test_policy_stops_what_the_mapping_would_let_through(
    browser: Browser, listener: _Listener, show: Callable[..., dict[str, Any]]
) -> None:
    """The mapping is the first wall: the policy holds alone."""
    page = b"".join(
        render_html([document(body=f'<text mediaType="application/pdf" representation="B64">{b64(PDF)}</text>')])
    )
    far, framed = listener.origin, "<script>parent.pwned=1</script>"
    attack = (
        f'<script>{RUN}</script><script src="{far}/s.js"></script><img src="{far}/i"><img src="x" onerror="{RUN}">'
        f'<link rel="stylesheet" href="{far}/l"><style>@import "{far}/c"</style><iframe src="{far}/f"></iframe>'
        f'<iframe src="data:text/html,{framed}"></iframe><iframe srcdoc="{framed}"></iframe>'
        f'<video src="{far}/v"></video><object data="{far}/o"></object><base href="{far}/">'
    ).encode()

    found = show(page.replace(b"</main>", attack + b"</main>"))
    time.sleep(0.3)

    assert found["pwned"] is False
    assert [] == listener.asked
    assert len(browser.messages()) >= 8
    assert "SCRIPT" in str(found["unsafe"]), "the audit itself sees what is put in"


def _documents() -> Iterator[Any]:
    for kind in KINDS:
        yield pytest.param(lambda kind=kind: build(kind.name, example(kind.name)), id=kind.name)
    for path in SAMPLES:
        yield pytest.param(path.read_bytes, id=path.stem, marks=pytest.mark.shared)


@pytest.mark.parametrize("read", [*_documents()])
def test_document_can_be_read_by_everybody(
    read: Callable[[], bytes], browser: Browser, listener: _Listener, show: Callable[..., dict[str, Any]]
) -> None:
    """Landmarks, headings in order, named tables and pictures, contrast, and no scrolling sideways on a telephone."""
    page = b"".join(render_html([read()], lang=Lang.EN))
    for width in (1280, 390):
        found = show(page, width=width)

        _assert_safe(found, browser, listener)
        assert [] == found["barriers"]
        assert [] == found["pale"]
        assert found["scroll_width"] <= width
        assert {"lang": "en", "landmarks": 3, "h1": 1} == {key: found[key] for key in ("lang", "landmarks", "h1")}


def test_audit_sees_barriers(show: Callable[..., dict[str, Any]]) -> None:
    """What the audit must find is put into a page."""
    page = b"".join(render_html([document(section("<paragraph>x</paragraph>"))]))
    barriers = (
        b'<h5>x</h5><table><tr><th>x</th></tr></table><img src="data:,"><div style="color:#999">pale</div>'
        b'<a href="#nowhere">jump</a><a href="https://x.example"></a><p id="content">twice</p>'
    )
    # The style attribute is stopped by the policy; the colour is put in by the test.
    found = show(
        page.replace(b"</main>", barriers + b"</main>").replace(
            b"style-src", b"style-src-attr 'unsafe-inline'; style-src"
        )
    )

    assert ["pale"] == [entry["text"] for entry in found["pale"]]
    assert {"heading", "scope", "alt", "anchor", "name", "id"} == {
        barrier.split(" ")[0] for barrier in found["barriers"]
    }


def test_keyboard_reaches_content_first(browser: Browser, show: Callable[..., dict[str, Any]]) -> None:
    """The first stop is a visible link past the banner, and it leads to the content."""
    from selenium.webdriver.common.keys import Keys

    show(b"".join(render_html([build("imaging-report", example("imaging-report"))])))
    browser.type(Keys.TAB)
    where = browser.run(
        "const a = document.activeElement, box = a.getBoundingClientRect();"
        "return [a.className, box.left >= 0, getComputedStyle(a).outlineStyle]"
    )
    browser.type(Keys.ENTER)

    assert ["skip", True, "solid"] == where
    assert browser.run("return document.activeElement.id") == "content"


def test_small_pdf_is_shown_in_the_page(browser: Browser, show: Callable[..., dict[str, Any]]) -> None:
    show(b"".join(render_html([_level_1(PDF)])))

    assert browser.eventually(lambda: any(url.startswith(PDF_VIEWER) for url in browser.frames())), browser.frames()


def test_large_pdf_is_saved_as_it_was(browser: Browser, show: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """A PDF beyond what a browser shows from an address comes out of the page byte for byte."""
    content = PDF + b"\n%" + bytes(range(32, 127)) * 40_000
    browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))

    found = show(b"".join(render_html([_level_1(content)])))
    browser.run("document.querySelector('a[download]').click()")

    saved = tmp_path / "document-1.pdf"
    assert browser.eventually(saved.exists)
    assert content == saved.read_bytes()
    assert [] == found["objects"]


@pytest.mark.parametrize("kind", ["imaging-request", "imaging-report"])
def test_ordinary_document_is_printed_on_one_sheet(
    kind: str, browser: Browser, show: Callable[..., dict[str, Any]]
) -> None:
    show(b"".join(render_html([build(kind, ordinary_case(kind))])))

    assert 1 == len(re.findall(rb"/Type\s*/Page\b", browser.print_pdf()))
