"""A code compares by code and scheme; all three parts must be there."""

from __future__ import annotations

import pytest

from xds_adapter.datatypes import Coded


def test_two_codes_compare_by_code_and_scheme_only() -> None:
    assert "18748-4^^2.16.840.1.113883.6.1" == Coded("18748-4", "2.16.840.1.113883.6.1", "Report").key


def test_a_code_prints_as_its_key() -> None:
    assert "a^^b" == str(Coded("a", "b", "c"))


@pytest.mark.parametrize(
    ("coded", "expected"),
    [
        (Coded("a", "b", "c"), None),
        (Coded("", "b", "c"), "lacks its code (nodeRepresentation)"),
        (Coded("a", "", "c"), "lacks its codingScheme"),
        (Coded("a", "b"), "lacks its display name"),
        (Coded("", "", ""), "lacks its code (nodeRepresentation) and its codingScheme and its display name"),
    ],
)
def test_each_missing_part_is_named(coded: Coded, expected: str | None) -> None:
    assert expected == coded.fault()
