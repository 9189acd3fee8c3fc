"""Files made ready for submission: their own metadata, those given by hand, and masking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cda_cases import built
from tests.factories import make_document_entry
from xds_adapter.cli.main import run
from xds_adapter.client.submission import prepare, submission_from_cda, submission_from_file
from xds_adapter.datatypes import Coded
from xds_adapter.errors import CdaInvalid, ConfigError
from xds_adapter.model import DocumentEntry

MASK = Coded("MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Masqué aux professionnels de santé")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_bytes(built("imaging-report"))
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b"not XML")
    return path


def codes(entry: DocumentEntry) -> list[str]:
    return [code.code for code in entry.confidentiality_codes]


def test_metadata_beside_cda_add_to_its_header(report: Path) -> None:
    """What the header does not say is taken from them."""
    document = prepare(report, entry=DocumentEntry(comments="À relire", confidentiality_codes=(MASK,)))
    assert ("À relire", ["N", "MASQUE_PS"]) == (document.derived.entry.comments, codes(document.derived.entry))
    assert (document.is_cda, document.masking_chosen, document.replaces) == (True, True, None)
    assert prepare(report).derived.entry.type_code == document.derived.entry.type_code


def test_metadata_that_contradict_cda_are_refused(report: Path) -> None:
    """By the call and by the command, which names the file."""
    with pytest.raises(CdaInvalid, match=r"uniqueId: the document says 1.2.250.1.999.1.9.102 .* 1.2.3 was given"):
        prepare(report, entry=DocumentEntry(unique_id="1.2.3"))


def test_the_command_names_file_and_both_values(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metadata = report.with_suffix(".json")
    metadata.write_text(json.dumps({"unique_id": "1.2.3", "language_code": "en-US"}))
    assert 1 == run(["submit", str(report), "--metadata", str(metadata), "--repository", "http://127.0.0.1:9/"])
    lines = capsys.readouterr().err.splitlines()
    assert [f"{report}, languageCode:", f"{report}, uniqueId:"] == [" ".join(line.split(" ")[:2]) for line in lines]
    assert "the document says fr-FR (/ClinicalDocument/languageCode/@code), en-US was given" in lines[0]


def test_any_other_file_has_the_metadata_given(picture: Path) -> None:
    """Size and hash are those of the file; given ones must be the same."""
    given = make_document_entry(mime_type="image/png", hash=None, size=None)
    document = prepare(picture, entry=given, masking=["INVISIBLE_PATIENT"])
    entry = document.derived.entry
    assert (7, given.unique_id, ["N", "INVISIBLE_PATIENT"]) == (entry.size, entry.unique_id, codes(entry))
    assert not document.is_cda
    with pytest.raises(CdaInvalid) as caught:
        prepare(picture, entry=make_document_entry(mime_type="image/png"))
    assert ["hash:", "size:"] == [finding.split(" ")[0] for finding in caught.value.findings]
    assert "size: the document says 7 (its bytes), 4711 was given" == caught.value.findings[1]


def test_other_xml_is_a_document_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_bytes(b"<other/>")
    document = prepare(path, entry=make_document_entry(mime_type="text/xml", hash=None, size=None))
    assert not document.is_cda
    assert submission_from_file(path, make_document_entry(hash=None, size=None)).associations[0].target_object


def test_a_replacement_needs_a_registry(report: Path) -> None:
    with pytest.raises(ConfigError, match=r"1.2.250.1.999.1.9.102 replaces 1.2.9: a registry must look that one up"):
        submission_from_file(report, DocumentEntry(), replaces="1.2.9")


def test_an_unknown_mask_is_refused(report: Path) -> None:
    with pytest.raises(ConfigError, match="'SECRET' is no masking code; known: MASQUE_PS, INVISIBLE_PATIENT, "):
        submission_from_cda(report, masking=["MASQUE_PS", "SECRET"])
