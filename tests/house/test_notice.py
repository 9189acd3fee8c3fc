"""NOTICE says whose codes are shipped, and what the owners of the code systems ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.value_sets import WITHHELD
from xds_adapter.vocabulary.cda import CODE_SYSTEM_NAMES
from xds_adapter.vocabulary.value_sets import VALUE_SETS

NOTICE = " ".join((Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("system", sorted(WITHHELD))
def test_the_owner_of_withheld_display_names_is_named(system: str) -> None:
    assert CODE_SYSTEM_NAMES[system] in NOTICE


def test_the_notice_of_loinc_stands_there() -> None:
    """LOINC may be passed on with this notice only."""
    assert (
        "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc."
        " and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under"
        " the license at http://loinc.org/license. LOINC is a registered United States trademark of Regenstrief"
        " Institute, Inc."
    ) in NOTICE


def test_every_code_system_with_a_name_of_its_own_is_in_the_notice() -> None:
    systems = {member.system for value_set in VALUE_SETS.values() for member in value_set.members}
    words = {"DCM": "DICOM", "DCMUID": "DICOM", "TA_ASIP": "Agence du Numérique en Santé", "NCIT": "NCI Thesaurus"}
    names = {CODE_SYSTEM_NAMES[system] for system in systems if system in CODE_SYSTEM_NAMES}
    wanted = {words.get(name, name) for name in names if not name.startswith("HL7")}
    assert [] == sorted(name for name in wanted if name not in NOTICE)
