"""A document as PDF."""

from __future__ import annotations

import builtins
import os
import re
import zlib
from typing import Any

import pytest

from tests.hostile_cda import HOSTILE, PDF, PNG, b64, document, media, section
from tests.unit.cda.view.pages import ordinary_case
from xds_adapter.cda.build import build
from xds_adapter.cda.view import pdf
from xds_adapter.cda.view.pdf import render_pdf
from xds_adapter.cda.view.words import Lang
from xds_adapter.errors import CdaInvalid, ConfigError

needs_library = pytest.mark.usefixtures("library")


@pytest.fixture(scope="module")
def library() -> None:
    if not pdf.available():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("needs WeasyPrint and Pango")


def _pdf(content: bytes, lang: Lang | None = None) -> bytes:
    return b"".join(render_pdf([content], lang=lang))


def _inside(content: bytes) -> bytes:
    """Return the objects of a PDF, those in compressed streams included."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    return content + b"\n".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")


@needs_library
def test_ordinary_report_is_one_tagged_page_with_title_and_language() -> None:
    found = _inside(_pdf(build("imaging-report", ordinary_case("imaging-report")), Lang.EN))

    assert found.startswith(b"%PDF-")
    assert 1 == len(re.findall(rb"/Type\s*/Page\b", found))
    assert b"/MarkInfo" in found
    assert b"/Lang (en)" in found
    assert b"/Title" in found


@needs_library
def test_attached_documents_are_attached() -> None:
    files = media("a", "application/pdf", b64(PDF)) + media("b", "image/png", PNG) + media("c", "text/html", "PGI+")

    found = _inside(_pdf(document(section('<renderMultiMedia referencedObject="b"/>', entries=files))))

    assert [b"document-1.pdf"] == re.findall(rb"/UF \((.*?)\)", found)
    assert b"/Subtype /Image" in found or b"/Subtype/Image" in found


def test_level_1_pdf_comes_out_unchanged() -> None:
    """Even without the library."""
    content = PDF + bytes(range(256)) * 3000

    found = _pdf(document(body=f'<text mediaType="application/pdf" representation="B64">{b64(content)}</text>'))

    assert content == found


@needs_library
@pytest.mark.parametrize(
    "name", ["files", "foreign elements", "styles", "header", "body elsewhere", "direction of text"]
)
def test_hostile_document_makes_no_request(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("a connection is opened")

    monkeypatch.setattr("socket.socket.connect", refuse)

    assert _pdf(HOSTILE[name]("http://127.0.0.1:9")).startswith(b"%PDF-")


@needs_library
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_nothing_but_data_is_loaded(url: str) -> None:
    import weasyprint

    with pytest.raises(ValueError, match="disallowed protocol"):
        pdf.fetcher(weasyprint).fetch(url)
    assert b"x" == pdf.fetcher(weasyprint).fetch("data:,x").read()


@needs_library
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<table>" + "<tr><td>1</td></tr>" * 6000 + "</table>", "tags; a PDF is made of 10000 at most"),
        ("x" * 500_000, "characters; a PDF is made of 500000 at most"),
    ],
)
def test_what_would_take_minutes_is_refused(text: str, words: str) -> None:
    with pytest.raises(CdaInvalid, match=f"{words}: render it as HTML and print that"):
        _pdf(document(section(text)))


@needs_library
def test_attached_files_beyond_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_FILES", 10)

    with pytest.raises(CdaInvalid, match="the attached files have 124 octets; a PDF holds 10 at most"):
        _pdf(document(section("x", entries=media("a", "application/pdf", b64(PDF)))))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ImportError("No module named 'weasyprint'"), r"needs the extra \"pdf\": pip install 'xds-adapter\[pdf\]'"),
        (OSError("cannot load library 'libpango-1.0-0'"), "needs Pango"),
    ],
)
def test_missing_library_is_named(fault: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "weasyprint":
            raise fault
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)

    assert not pdf.available()
    with pytest.raises(ConfigError, match=words):
        _pdf(document(section("x")))
