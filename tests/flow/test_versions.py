"""Versions of a document through the command line and a real server: replaced, masked, and refused with words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.cda_cases import changed, report_case
from tests.flow.running import Site
from xds_adapter import DocumentConsumer, DocumentSource
from xds_adapter.cda.build import build
from xds_adapter.cda.header import read_header
from xds_adapter.cda.versions import next_version
from xds_adapter.cli.main import run
from xds_adapter.client.submission import submission_from_cda
from xds_adapter.model import DocumentEntry
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

REPORT = "imaging-report"
_NUMBERS = count(1)


@dataclass
class Shelf:
    """A folder of documents of one patient, and the server that takes them."""

    site: Site
    folder: Path

    def write(self, name: str, case: dict[str, Any]) -> Path:
        path = self.folder / name
        path.write_bytes(build(REPORT, case))
        return path

    def first(self, name: str = "first.xml") -> tuple[Path, dict[str, Any]]:
        """A report that no other test knows."""
        case = changed(report_case(), "unique_id", f"1.2.250.1.999.9.1.{next(_NUMBERS)}")
        case["set_id"] = f"1.2.250.1.999.9.2.{next(_NUMBERS)}"
        return self.write(name, case), case

    def second(self, first: Path, case: dict[str, Any], name: str = "second.xml") -> Path:
        """The corrected report."""
        corrected = changed(json.loads(json.dumps(case)), "sections.conclusion", "Conclusion corrigée.")
        for place in ("unique_id", "version_number"):
            del corrected[place]
        return self.write(name, next_version(REPORT, corrected, read_header([first.read_bytes()])))

    def submit(self, *arguments: object, registry: bool = True) -> int:
        where = ["--registry", self.site.registry] if registry else []
        return run(["submit", *map(str, arguments), "--repository", self.site.repository, *where])

    def entries(self, *paths: Path) -> list[DocumentEntry | None]:
        """What the registry holds of each document."""
        ids = [id_of(path) for path in paths]
        with DocumentConsumer(self.site.registry) as consumer:
            found = {entry.unique_id: entry for entry in consumer.get_documents(ids)}
        return [found.get(one) for one in ids]

    def statuses(self, *paths: Path) -> list[str]:
        """Last word of the availabilityStatus of each document; empty for one that is not there."""
        return [(entry.availability_status or "").rpartition(":")[2] if entry else "" for entry in self.entries(*paths)]

    def masks(self, path: Path) -> list[str]:
        (entry,) = self.entries(path)
        assert entry is not None
        return [code.code for code in entry.confidentiality_codes]


def id_of(path: Path) -> str:
    identifier = read_header([path.read_bytes()]).document_id
    assert identifier is not None
    return identifier.root


@pytest.fixture
def shelf(shared_site: Site, tmp_path: Path) -> Shelf:
    shared_site.installation.registry.add_patients(["279035121518989^^^&1.2.250.1.213.1.4.10&ISO"])
    return Shelf(shared_site, tmp_path)


Errors = Callable[[], str]


@pytest.fixture
def errors(capsys: pytest.CaptureFixture[str]) -> Errors:
    """What commands wrote to standard error since it was asked last."""
    return lambda: capsys.readouterr().err


@pytest.mark.parametrize("named", [False, True], ids=["by-the-document", "by-the-option"])
def test_a_corrected_report_replaces_the_first(shelf: Shelf, errors: Errors, named: bool) -> None:
    """The old one is Deprecated, the new one Approved, and the RPLC association says so."""
    first, case = shelf.first()
    assert 0 == shelf.submit(first, registry=False)
    second = shelf.second(first, case)
    assert 0 == shelf.submit(second, *(["--replace", case["unique_id"]] if named else []))
    assert "" == errors()
    assert ["Deprecated", "Approved"] == shelf.statuses(first, second)
    old, new = shelf.entries(first, second)
    assert old is not None
    assert new is not None
    with DocumentConsumer(shelf.site.registry) as consumer:
        (link,) = consumer.get_related_documents(str(new.entry_uuid), [AssociationType.RPLC]).associations
    assert (AssociationType.RPLC, new.entry_uuid, old.entry_uuid, AvailabilityStatus.APPROVED) == (
        link.association_type,
        link.source_object,
        link.target_object,
        link.availability_status,
    )


def test_replaying_a_replacement_is_refused(shelf: Shelf, errors: Errors) -> None:
    """The second time the new document is there already; another correction of the old one is told the newest."""
    first, case = shelf.first()
    second = shelf.second(first, case)
    other = shelf.second(first, case, "other.xml")
    assert 0 == shelf.submit(first, registry=False)
    assert 0 == shelf.submit(second)
    assert 1 == shelf.submit(second)
    said = errors()
    assert f"{second} not sent (1 error)" in said
    assert f"{id_of(second)} is registered already" in said
    assert 1 == shelf.submit(other)
    said = errors()
    assert "XDSRegistryDeprecatedDocumentError" in said
    assert f"{id_of(first)} was replaced by {id_of(second)} before; correct that one" in said
    assert [""] == shelf.statuses(other)


def test_an_unknown_document_is_not_replaced(shelf: Shelf, errors: Errors, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent; with --replace none the document goes as a first version."""
    first, case = shelf.first()
    second = shelf.second(first, case)
    assert 1 == shelf.submit(second)
    assert f"{id_of(first)}, which it replaces, is not in the registry; --replace none" in errors()
    assert 1 == shelf.submit(second, "--json")
    (line,) = capsys.readouterr().out.splitlines()
    assert ["Failure", "UnresolvedReferenceException"] == [
        json.loads(line)["status"],
        json.loads(line)["errors"][0]["error_code"],
    ]
    assert [""] == shelf.statuses(second)
    assert 0 == shelf.submit(second, "--replace", "none", registry=False)
    assert ["Approved"] == shelf.statuses(second)


def test_another_patients_document_is_not_replaced(shelf: Shelf, errors: Errors) -> None:
    """Both patients are named."""
    first, _ = shelf.first()
    assert 0 == shelf.submit(first, registry=False)
    case = changed(shelf.first("unused.xml")[1], "record_target.ins.extension", "279035121518990")
    case["related_document"] = {"unique_id": id_of(first)}
    stranger = shelf.write("stranger.xml", case)
    assert 1 == shelf.submit(stranger)
    said = errors()
    assert "XDSPatientIdDoesNotMatch" in said
    assert "279035121518989" in said
    assert "279035121518990" in said
    assert ["Approved", ""] == shelf.statuses(first, stranger)


def test_option_and_document_must_agree(shelf: Shelf, errors: Errors) -> None:
    """Both values are named, and nothing is sent."""
    first, case = shelf.first()
    second = shelf.second(first, case)
    assert 2 == shelf.submit(second, "--replace", "1.2.3.4")
    said = errors()
    assert f"replaces {id_of(first)} (relatedDocument), not 1.2.3.4 as --replace says" in said
    assert 2 == shelf.submit(second, registry=False)
    assert "give --registry URL, to look up what is replaced" in errors()
    assert [""] == shelf.statuses(second)


def test_a_document_that_does_not_say_so_can_replace(shelf: Shelf, errors: Errors) -> None:
    """The option alone is enough for the registry; that the document is silent is said."""
    first, _ = shelf.first()
    second, _ = shelf.first("second.xml")
    assert 0 == shelf.submit(first, registry=False)
    assert 0 == shelf.submit(second, "--replace", id_of(first))
    assert f"{second}: replaces {id_of(first)} in the registry; the document itself does not say so" in errors()
    assert ["Deprecated", "Approved"] == shelf.statuses(first, second)


def test_versions_of_one_run_follow_each_other(shelf: Shelf, errors: Errors) -> None:
    """What an earlier file of the same command brings can be replaced by a later one."""
    first, case = shelf.first()
    second = shelf.second(first, case)
    assert 0 == shelf.submit(first, second)
    assert "" == errors()
    assert ["Deprecated", "Approved"] == shelf.statuses(first, second)


def test_both_forms_of_a_report_are_replaced_together(shelf: Shelf, errors: Errors) -> None:
    """One submission for both: when one of them cannot be replaced, neither is."""
    one, one_case = shelf.first("one.xml")
    two, two_case = shelf.first("two.xml")
    assert 0 == shelf.submit(one, two, "--together", registry=False)
    new_one, new_two = shelf.second(one, one_case, "new-one.xml"), shelf.second(two, two_case, "new-two.xml")
    lost, lost_case = shelf.first("lost.xml")
    new_lost = shelf.second(lost, lost_case, "new-lost.xml")
    assert 1 == shelf.submit(new_one, new_lost, "--together")
    assert f"{new_one}, {new_lost} not sent (1 error)" in errors()
    assert ["Approved", "", ""] == shelf.statuses(one, new_one, new_lost)
    assert 0 == shelf.submit(new_one, new_two, "--together")
    assert ["Deprecated", "Deprecated", "Approved", "Approved"] == shelf.statuses(one, two, new_one, new_two)
    with DocumentConsumer(shelf.site.registry) as consumer:
        entries = consumer.get_documents([id_of(new_one), id_of(new_two)])
    assert 2 == len({entry.entry_uuid for entry in entries})


def test_masking_stands_in_the_metadata_and_is_changed_by_a_new_version(shelf: Shelf, errors: Errors) -> None:
    """A correction stays hidden as the version before it; another mask, or none, is a version of its own."""
    first, case = shelf.first()
    assert 0 == shelf.submit(first, "--mask", "INVISIBLE_PATIENT", registry=False)
    assert ["N", "INVISIBLE_PATIENT"] == shelf.masks(first)
    second = shelf.second(first, case)
    assert 0 == shelf.submit(second)
    assert ["N", "INVISIBLE_PATIENT"] == shelf.masks(second)
    third = shelf.second(second, case, "third.xml")
    fourth = shelf.second(third, case, "fourth.xml")
    assert 0 == shelf.submit(third, "--mask", "MASQUE_PS")
    assert ["N", "MASQUE_PS"] == shelf.masks(third)
    assert 0 == shelf.submit(fourth, "--mask", "none")
    assert ["N"] == shelf.masks(fourth)
    assert ["Deprecated"] * 3 == shelf.statuses(first, second, third)
    for path in (first, second, third, fourth):
        assert b"MASQUE" not in path.read_bytes()
        assert b"INVISIBLE" not in path.read_bytes()
    assert 2 == shelf.submit(fourth, "--mask", "MASQUE")
    assert "'MASQUE' is no masking code; known: MASQUE_PS, " in errors()


def test_a_replacement_in_python(shelf: Shelf) -> None:
    """The registry is given to the call that makes the submission."""
    first, case = shelf.first()
    second = shelf.second(first, case)
    with DocumentSource(shelf.site.repository) as source, DocumentConsumer(shelf.site.registry) as registry:
        source.submit(submission_from_cda(first, masking=["MASQUE_PS"]))
        source.submit(submission_from_cda(second, registry=registry))
    assert ["Deprecated", "Approved"] == shelf.statuses(first, second)
    assert ["N", "MASQUE_PS"] == shelf.masks(second)
