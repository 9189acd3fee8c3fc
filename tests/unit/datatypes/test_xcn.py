"""XCN: a person by identifier or by name."""

from __future__ import annotations

import pytest

from xds_adapter.datatypes import XCN

AUTHORITY_FAULT = "XCN.9 is not &OID&ISO"


def test_the_parts_of_a_person_are_read_from_the_text() -> None:
    person = XCN("801^MARTIN^Claire^^^Dr^^^&1.2.3&ISO^D")
    assert ("801", "MARTIN", "Claire", "1.2.3") == (person.id_number, person.family, person.given, person.authority)


def test_a_short_text_has_empty_parts() -> None:
    assert ("801", "", "", "") == (XCN("801").id_number, XCN("801").family, XCN("801").given, XCN("801").authority)


def test_a_namespace_alone_is_no_authority() -> None:
    assert "" == XCN("801^MARTIN^Claire^^^^^^hospital").authority


def test_a_person_is_joined_from_all_parts() -> None:
    person = XCN.of(id_number="801", family="MARTIN", given="Claire", authority="1.2.3", name_type="D", id_type="IDNPS")
    assert "801^MARTIN^Claire^^^^^^&1.2.3&ISO^D^^^IDNPS" == str(person)


def test_empty_parts_at_the_end_are_left_out() -> None:
    assert "^MARTIN^Claire" == XCN.of(family="MARTIN", given="Claire").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("801", None),
        ("^MARTIN", None),
        ("801^MARTIN^Claire^^^^^^&1.2.3&ISO", None),
        ("", "needs XCN.1 (identifier) or XCN.2 (family name)"),
        ("^^Claire", "needs XCN.1 (identifier) or XCN.2 (family name)"),
        ("801^MARTIN^^^^^^^hospital", AUTHORITY_FAULT),
        ("801^MARTIN^^^^^^^&1.02&ISO", AUTHORITY_FAULT),
        ("801^MARTIN^^^^^^^&1.2.3&DNS", AUTHORITY_FAULT),
        ("801^MARTIN^^^^^^^&1.2.3", AUTHORITY_FAULT),
    ],
)
def test_a_fault_says_what_a_person_lacks(text: str, expected: str | None) -> None:
    assert expected == XCN(text).fault()
