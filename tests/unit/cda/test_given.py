"""Metadata given by hand: what they may add to a document, and what contradicts it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.cda_cases import built
from xds_adapter.cda.description import read_description
from xds_adapter.cda.given import shown
from xds_adapter.cda.metadata import Derived, document_entry
from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.errors import CdaInvalid
from xds_adapter.model import Author, DocumentEntry
from xds_adapter.vocabulary.cda import DCM, MASKING, SNOMED_CT
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, ReferenceIdType

DOCUMENT = read_description(lambda: [built("imaging-report")])
MASKED = Coded("MASQUE_PS", MASKING, "Masqué")
NATIONAL = "1.2.250.1.213.1.4.10"
LOCAL = "1.2.250.1.999.1.1.100"
OTHER_PERSON = XCN.of(id_number="899700000001", family="X", authority="1.2.250.1.71.4.2.1")


def entry(**given: object) -> DocumentEntry:
    return joined(**given).entry


def joined(**given: object) -> Derived:
    return document_entry(DOCUMENT, sha1="a" * 40, size=7, overrides=given)


PLAIN = entry()


def first_author(**changes: Any) -> Author:
    return replace(PLAIN.authors[0], **changes)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("title", "Autre titre", "Autre titre"),
        ("comments", "À relire", "À relire"),
        ("uri", "report.xml", "report.xml"),
        ("creation_time", DTM("20260106095800"), PLAIN.creation_time),
        ("language_code", "FR-fr", "FR-fr"),
        ("hash", "A" * 40, "A" * 40),
        ("patient_id", CX.of("4711", "1.2.3.4"), CX.of("4711", "1.2.3.4")),
        ("patient_id", CX.of("IPP-204417", LOCAL), CX.of("IPP-204417", LOCAL)),
        ("type_code", Coded("CR", "1.2.3", "Report"), Coded("CR", "1.2.3", "Report")),
        (
            "class_code",
            Coded("10", "1.2.250.1.213.1.1.4.1", "Report"),
            Coded("10", "1.2.250.1.213.1.1.4.1", "Report"),
        ),
        ("confidentiality_codes", (MASKED,), (*PLAIN.confidentiality_codes, MASKED)),
        ("event_code_list", (Coded("CT", DCM, "Scanner"),), None),
        ("event_code_list", (Coded("X", "1.2.3", "y"),), (*PLAIN.event_code_list, Coded("X", "1.2.3", "y"))),
        (
            "reference_id_list",
            (CXi.of("S1", "1.2.3", ReferenceIdType.ENCOUNTER_ID),),
            (*PLAIN.reference_id_list, CXi.of("S1", "1.2.3", ReferenceIdType.ENCOUNTER_ID)),
        ),
        ("source_patient_info", ("PID-3|9^^^&1.2.3&ISO",), (*PLAIN.source_patient_info, "PID-3|9^^^&1.2.3&ISO")),
        ("authors", (first_author(roles=("Radiologue",)),), (first_author(roles=("Radiologue",)),)),
        ("legal_authenticator", XCN(f"{PLAIN.legal_authenticator}^x"), XCN(f"{PLAIN.legal_authenticator}^x")),
    ],
)
def test_what_does_not_contradict_is_taken(name: str, value: object, expected: object) -> None:
    """The sender's own attributes, the same value in other words, and values in other places."""
    found = getattr(entry(**{name: value}), name)
    if expected is None:
        assert ["ECQH010", "CT"] == [code.code for code in found][1:3]
        assert "Scanner" == found[2].display
    else:
        assert expected == found


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("unique_id", "1.2.3", "1.2.250.1.999.1.9.102", "1.2.3"),
        ("hash", "b" * 40, "a" * 40, "b" * 40),
        ("size", 8, "7", "8"),
        ("mime_type", "application/pdf", "text/xml", "application/pdf"),
        ("language_code", "en-US", "fr-FR", "en-US"),
        ("creation_time", DTM("20260107"), "20260106095800", "20260107"),
        ("service_start_time", DTM("2025"), "20260106091000", "2025"),
        ("service_stop_time", DTM("2025"), "20260106092500", "2025"),
        ("patient_id", CX.of("279035121518990", NATIONAL), f"279035121518989^^^&{NATIONAL}&ISO", "279035121518990"),
        ("source_patient_id", CX.of("IPP-1", LOCAL), f"IPP-204417^^^&{LOCAL}&ISO", "IPP-1"),
        ("source_patient_info", ("PID-8|M",), "PID-8|F", "PID-8|M"),
        ("source_patient_info", ("PID-5|DUPONT^ANNE^^^^^L",), "PID-5|PAT-TROIS^DOMINIQUE^^^^^L", "DUPONT"),
        ("type_code", Coded("11488-4", "2.16.840.1.113883.6.1", "x"), "18748-4", "11488-4"),
        ("class_code", Coded("42", "1.2.250.1.213.1.1.4.1", "x"), "10", "42"),
        ("format_code", Coded("urn:ihe:iti:xds-sd:pdf:2008", "1.2.3", "x"), "ImagingReport", "xds-sd:pdf"),
        ("healthcare_facility_type_code", Coded("SA99", "1.2.250.1.71.4.2.4", "x"), "SA0", "SA99"),
        ("practice_setting_code", Coded("X", "1.2.250.1.213.1.1.4.9", "x"), "AMBULATOIRE", "X (x)"),
        ("confidentiality_codes", (Coded("V", "2.16.840.1.113883.5.25", "x"),), "N (", "V (x)"),
        ("event_code_list", (Coded("MR", DCM, "IRM"),), "CT (", "MR (IRM)"),
        ("event_code_list", (Coded("1", SNOMED_CT, "x"),), "67734004", "1 (x)"),
        (
            "reference_id_list",
            (CXi.of("ACN-9", "1.2.3", ReferenceIdType.ACCESSION),),
            "ACN-101",
            "ACN-9",
        ),
        ("authors", (Author(person=OTHER_PERSON),), "MARTEL", "899700000001"),
        ("authors", (Author(),), "MARTEL", "an author without name"),
        ("authors", (Author(person=XCN.of(family="Martel", given="Hugo")),), "801234560801", "^Martel^Hugo"),
        ("legal_authenticator", OTHER_PERSON, "MARTEL", "899700000001"),
    ],
)
def test_a_contradiction_is_refused_with_both_values(name: str, value: object, old: str, new: str) -> None:
    """The sentence names the attribute, what the document says and where, and what was given."""
    with pytest.raises(CdaInvalid) as caught:
        entry(**{name: value})
    (finding,) = caught.value.findings
    (row,) = (row for row in DOCUMENT_ENTRY if row.field == name)
    assert finding.startswith(f"{row.name}: the document says ")
    assert finding.index(old) < finding.index(new)


def test_persons_without_number_compare_by_name() -> None:
    """Case does not matter there."""
    text = built("imaging-report").replace(b'<id root="1.2.250.1.71.4.2.1" extension="801234560801"/>', b"")
    description = read_description(lambda: [text])
    same = Author(person=XCN.of(family="Martel", given="HUGO"))
    assert document_entry(description, overrides={"authors": (same,)}).entry.authors[0] == same


def test_what_the_document_does_not_say_is_filled() -> None:
    """A missing attribute is taken from the caller, and the sources tell them apart."""
    text = built("imaging-report").replace(b"<high value=", b"<x value=")
    derived = document_entry(
        read_description(lambda: [text]), overrides={"service_stop_time": DTM("2026"), "comments": "c"}
    )
    assert DTM("2026") == derived.entry.service_stop_time
    assert ["given by the caller"] * 2 == [derived.sources[name] for name in ("serviceStopTime", "comments")]
    source = joined(confidentiality_codes=(MASKED,)).sources["confidentialityCode"]
    assert "/ClinicalDocument/confidentialityCode; completed by the caller" == source


def test_all_contradictions_are_named_with_what_is_missing() -> None:
    """Three at once."""
    text = built("imaging-report").replace(b'<languageCode code="fr-FR"/>', b"")
    with pytest.raises(CdaInvalid) as caught:
        document_entry(read_description(lambda: [text]), overrides={"unique_id": "1.2", "mime_type": "text/plain"})
    assert ["uniqueId:", "mimeType:", "languageCode"] == [f.split(" ")[0] for f in caught.value.findings]


def test_long_values_are_shown_shortened() -> None:
    """A sentence stays a sentence."""
    assert 203 == len(shown("x" * 1000))
    assert "A, B" == shown(("A", "B"))
