"""XTN: telephone numbers and e-mail addresses."""

from __future__ import annotations

import pytest

from xds_adapter.datatypes import XTN


@pytest.mark.parametrize(
    "text",
    ["^^Internet^a@b.example", "^NET^Internet^a@b.example", "^PRN^PH^^33^1^23456789", "^WPN^CP^^^^^^^^^0123456789"],
)
def test_numbers_and_addresses_are_well_formed(text: str) -> None:
    assert XTN(text).fault() is None
    assert text == str(XTN(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "XTN.3 (the equipment type) is empty"),
        ("0123456789", "XTN.3 (the equipment type) is empty"),
        ("^^Internet", "XTN.4 is no e-mail address"),
        ("^^Internet^0123", "XTN.4 is no e-mail address"),
        ("^PRN^PH", "XTN.7 (the local number) is empty"),
        ("^PRN^PH^a@b.example^33^1^^2", "XTN.7 (the local number) is empty"),
    ],
)
def test_the_fault_names_the_component(text: str, words: str) -> None:
    assert words == XTN(text).fault()
