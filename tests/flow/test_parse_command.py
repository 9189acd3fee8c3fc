"""`parse`: what a person at the terminal and what a script gets."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from xds_adapter.cda.build import build, example
from xds_adapter.cli.main import run

REQUEST = build("imaging-request", example("imaging-request"))


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "request.xml"
    path.write_bytes(REQUEST)
    return path


def test_the_case_goes_to_standard_output_and_the_kind_to_standard_error(
    request_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == run(["parse", str(request_file)])
    out, err = capsys.readouterr()
    assert REQUEST == build("imaging-request", json.loads(out))
    assert f"{request_file}: imaging-request, all of it is in the case\n" == err


def test_the_case_is_written_to_a_file_that_build_takes(request_file: Path, tmp_path: Path) -> None:
    case, again = tmp_path / "case.json", tmp_path / "again.xml"
    assert 0 == run(["parse", str(request_file), "-o", str(case)])
    assert 0 == run(["build", "imaging-request", str(case), "-o", str(again)])
    assert REQUEST == again.read_bytes()


def test_a_document_is_read_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xef\xbb\xbf" + REQUEST)))
    assert 0 == run(["parse", "-"])
    assert "standard input: imaging-request, all of it is in the case\n" == capsys.readouterr().err


def test_what_the_case_does_not_say_is_listed_with_its_place(
    request_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request_file.write_bytes(REQUEST.replace(b'<languageCode code="fr-FR"/>', b'<languageCode code="en"/>'))
    assert 0 == run(["parse", str(request_file)])
    note, summary = capsys.readouterr().err.splitlines()
    assert f"{request_file}, line 14, /ClinicalDocument/languageCode: " in note
    assert note.endswith("'en' (lost)")
    assert summary.endswith("imaging-request, 1 note: what the case does not say as the document does")


def test_json_is_one_object_with_kind_case_and_notes(request_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    request_file.write_bytes(REQUEST.replace(b'<versionNumber value="1"/>', b'<versionNumber value="one"/>'))
    assert 0 == run(["parse", str(request_file), "--json"])
    (line,) = capsys.readouterr().out.splitlines()
    parsed = json.loads(line)
    assert {"file", "kind", "case", "notes"} == parsed.keys()
    assert "imaging-request" == parsed["kind"]
    assert [{"kind", "xpath", "line", "message"}] == [set(note) for note in parsed["notes"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no xml", "the XML cannot be read"), (b"<html/>", "is no ClinicalDocument")],
)
def test_what_cannot_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    path = tmp_path / "other.xml"
    path.write_bytes(content)
    assert 1 == run(["parse", str(path)])
    out, err = capsys.readouterr()
    assert "" == out
    assert err.startswith(str(path))
    assert words in err


def test_a_missing_file_is_a_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run(["parse", str(tmp_path / "none.xml")])
    assert "none.xml" in capsys.readouterr().err
