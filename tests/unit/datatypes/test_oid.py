"""OIDs and UUID URNs."""

from __future__ import annotations

import time

import pytest

from xds_adapter.datatypes import is_oid, is_uuid_urn, new_uuid_urn, oid_fault, uuid_fault

UUID = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
LONGEST = "1." + "2" * 62


@pytest.mark.parametrize("text", ["1.2", "0.0", "2.16.840.1.113883.6.1", LONGEST])
def test_a_dotted_number_is_an_oid(text: str) -> None:
    assert (True, None) == (is_oid(text), oid_fault(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is not an OID"),
        ("1", "is not an OID"),
        ("3.1", "is not an OID"),
        ("1.02", "is not an OID"),
        ("1.2.", "is not an OID"),
        ("1.٢", "is not an OID"),
        ("1.2\n", "is not an OID"),
        (LONGEST + "2", "an OID has at most 64 characters, this one has 65"),
    ],
)
def test_anything_else_is_no_oid(text: str, expected: str) -> None:
    assert (False, expected) == (is_oid(text), oid_fault(text))


def test_a_lower_case_uuid_urn_is_valid() -> None:
    assert (True, None) == (is_uuid_urn(UUID), uuid_fault(UUID))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (UUID.upper().replace("URN:UUID", "urn:uuid"), "must be in lower case"),
        (UUID.removeprefix("urn:uuid:"), "is not urn:uuid: with 8-4-4-4-12 hexadecimal digits"),
        (UUID[:-1], "is not urn:uuid: with 8-4-4-4-12 hexadecimal digits"),
        (UUID + "\n", "is not urn:uuid: with 8-4-4-4-12 hexadecimal digits"),
    ],
)
def test_any_other_text_is_no_uuid_urn(text: str, expected: str) -> None:
    assert (False, expected) == (is_uuid_urn(text), uuid_fault(text))


def test_new_uuids_are_of_version_7_and_of_the_rfc_variant() -> None:
    text = new_uuid_urn()
    assert is_uuid_urn(text)
    assert ("7", True) == (text[23], text[28] in "89ab")


def test_new_uuids_begin_with_the_time_in_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    digits = new_uuid_urn().removeprefix("urn:uuid:").replace("-", "")
    assert before <= int(digits[:12], 16) <= time.time_ns() // 1_000_000


def test_no_two_new_uuids_are_equal() -> None:
    assert 1000 == len({new_uuid_urn() for _ in range(1000)})
