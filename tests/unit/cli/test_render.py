"""`render` on the command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.hostile_cda import PDF, b64, document, section
from xds_adapter.cli.main import run

LEVEL_1 = document(body=f'<text mediaType="application/pdf" representation="B64">{b64(PDF)}</text>')


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_bytes(document(section("épaule")))
    return path


def test_page_is_written_in_the_language_asked_for(report: Path, tmp_path: Path) -> None:
    assert 0 == run(["render", str(report), "-o", str(tmp_path / "out.html"), "--lang", "en"])

    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "épaule" in page


@pytest.mark.parametrize("options", [[], ["-o", "-"]])
def test_page_goes_from_standard_input_to_standard_output(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LEVEL_1)))

    assert 0 == run(["render", "-", *options])
    assert capfdbinary.readouterr().out.startswith(b"<!DOCTYPE html>")


def test_pdf_of_a_level_1_document_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "in.xml").write_bytes(LEVEL_1)

    assert 0 == run(["render", str(tmp_path / "in.xml"), "-o", str(tmp_path / "OUT.PDF")])
    assert PDF == (tmp_path / "OUT.PDF").read_bytes()


@pytest.mark.parametrize(
    ("content", "output", "code", "words"),
    [
        (b"<a/>", "out.html", 1, "the root element is {}a, not ClinicalDocument"),
        (b"<a", "out.html", 1, "the XML cannot be read"),
        (b"<!DOCTYPE a><a/>", "out.html", 1, "a document type declaration (DTD) is not allowed"),
        (LEVEL_1, "out.doc", 2, "out.doc: the name of the file to write ends with .html or .pdf"),
        (LEVEL_1, "out", 2, "the name of the file to write ends with .html or .pdf"),
    ],
)
def test_refusal_says_why_and_leaves_no_file(  # noqa: PLR0917 - a row of the table and two fixtures
    content: bytes, output: str, code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.xml").write_bytes(content)

    assert code == run(["render", str(tmp_path / "in.xml"), "-o", str(tmp_path / output)])
    assert words in capsys.readouterr().err
    assert ["in.xml"] == [path.name for path in tmp_path.iterdir()]


def test_missing_file_and_unknown_language_are_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["render", str(tmp_path / "none.xml"), "-o", str(tmp_path / "out.html")])
    assert 2 == run(["render", str(tmp_path / "none.xml"), "--lang", "de"])
    assert "none.xml: No such file" in capsys.readouterr().err
