"""XON: an organisation by name, with an identifier that must be an OID or have an authority."""

from __future__ import annotations

import pytest

from xds_adapter.datatypes import XON

IDENTIFIER_FAULT = "XON.10 is no OID, so XON.6 must be &OID&ISO"


def test_the_parts_of_an_organisation_are_read_from_the_text() -> None:
    organisation = XON("CH de Ville^^^^^&1.2.3&ISO^IDNST^^^1350")
    assert ("CH de Ville", "1350") == (organisation.name, organisation.id_number)


def test_an_organisation_is_joined_from_all_parts() -> None:
    organisation = XON.of("CH de Ville", id_number="1350", authority="1.2.3", id_type="IDNST")
    assert "CH de Ville^^^^^&1.2.3&ISO^IDNST^^^1350" == str(organisation)


def test_empty_parts_at_the_end_are_left_out() -> None:
    assert "CH de Ville" == XON.of("CH de Ville").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CH de Ville", None),
        ("CH de Ville^^^^^^^^^1.2.3", None),
        ("CH de Ville^^^^^&1.2.3&ISO^IDNST^^^1350", None),
        ("", "XON.1 (the name) is empty"),
        ("^^^^^^^^^1.2.3", "XON.1 (the name) is empty"),
        ("CH de Ville^L", "XON.2 must be empty"),
        ("CH de Ville^L^1^^^^^^x", "XON.2, XON.3, XON.9 must be empty"),
        ("CH de Ville^^^^^^^^^1350", IDENTIFIER_FAULT),
        ("CH de Ville^^^^^&1.02&ISO^^^^1350", IDENTIFIER_FAULT),
        ("CH de Ville^^^^^&1.2.3&DNS^^^^1350", IDENTIFIER_FAULT),
    ],
)
def test_a_fault_names_the_component(text: str, expected: str | None) -> None:
    assert expected == XON(text).fault()
