"""CX and CXi: the text is kept, the parts are read from it, and a fault names the component."""

from __future__ import annotations

import pytest

from xds_adapter.datatypes import CX, CXi

ACCESSION = "urn:ihe:iti:xds:2013:accession"


def test_the_parts_of_a_patient_identifier_are_read_from_its_text() -> None:
    patient_id = CX("4711^^^&1.2.3&ISO^PI")
    assert ("4711", "1.2.3") == (patient_id.id_number, patient_id.authority)


def test_a_text_of_another_form_has_no_authority() -> None:
    assert ("4711", "") == (CX("4711").id_number, CX("4711").authority)
    assert "" == CX("4711^^^hospital").authority


@pytest.mark.parametrize(
    ("type_code", "expected"), [("", "4711^^^&1.2.3&ISO"), ("NH", "4711^^^&1.2.3&ISO^NH")], ids=["plain", "typed"]
)
def test_a_patient_identifier_is_joined_from_its_parts(type_code: str, expected: str) -> None:
    assert expected == str(CX.of("4711", "1.2.3", type_code))


def test_the_type_of_an_identifier_is_ignored_when_comparing() -> None:
    assert CX("4711^^^&1.2.3&ISO").key == CX("4711^^^&1.2.3&ISO^NH").key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4711^^^&1.2.3&ISO", None),
        ("4711^^^&1.2.3&ISO^NH", None),
        ("4711^^^&1.2.3&ISO^^^", None),
        ("4711", "is not id^^^&OID&ISO"),
        ("^^^&1.2.3&ISO", "CX.1 (the identifier) is empty"),
        ("4711^3^^&1.2.3&ISO", "CX.2 must be empty"),
        ("4711^3^M11^&1.2.3&ISO^NH^facility", "CX.2, CX.3, CX.6 must be empty"),
        ("4711^^^", "CX.4 is not &OID&ISO"),
        ("4711^^^1.2.3", "CX.4 is not &OID&ISO"),
        ("4711^^^hospital&1.2.3&ISO", "CX.4 is not &OID&ISO"),
        ("4711^^^&1.2.3&ISO&", "CX.4 is not &OID&ISO"),
        ("4711^^^&1.2.3&DNS", "CX.4.3 is 'DNS', not ISO"),
        ("4711^^^&1.02.3&ISO", "CX.4.2 is not an OID"),
    ],
)
def test_a_fault_of_a_patient_identifier_names_the_component(text: str, expected: str | None) -> None:
    assert expected == CX(text).fault()


def test_the_parts_of_a_reference_are_read_from_its_text() -> None:
    reference = CXi(f"A-1^^^&1.2.3&ISO^{ACCESSION}")
    assert ("A-1", "1.2.3", ACCESSION) == (reference.id_number, reference.authority, reference.type_code)


def test_a_short_reference_has_empty_parts() -> None:
    assert ("A-1", "", "") == (CXi("A-1").id_number, CXi("A-1").authority, CXi("A-1").type_code)


@pytest.mark.parametrize(("authority", "component"), [("1.2.3", "&1.2.3&ISO"), ("", "")], ids=["with", "without"])
def test_a_reference_is_joined_with_or_without_an_authority(authority: str, component: str) -> None:
    assert f"A-1^^^{component}^{ACCESSION}" == str(CXi.of("A-1", authority, ACCESSION))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"A-1^^^&1.2.3&ISO^{ACCESSION}", None),
        (f"1.2.3^^^^{ACCESSION}", None),
        (f"A-1^^^hospital^{ACCESSION}", None),
        (f"^^^&1.2.3&ISO^{ACCESSION}", "CXi.1 (the identifier) is empty"),
        ("A-1^^^&1.2.3&ISO", "CXi.5 (the type code) is empty"),
        (f"A-1^x^^&1.2.3&ISO^{ACCESSION}", "CXi.2 and CXi.3 must be empty"),
        (f"A-1^^x^&1.2.3&ISO^{ACCESSION}", "CXi.2 and CXi.3 must be empty"),
        (f"A-1^^^&1.2.3&DNS^{ACCESSION}", "CXi.4.3 is 'DNS', not ISO"),
    ],
)
def test_a_fault_of_a_reference_names_the_component(text: str, expected: str | None) -> None:
    assert expected == CXi(text).fault()
