"""Value sets: looked up by code and system, read when needed, and fast."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from docs.own_displays import OWN_DISPLAYS
from docs.value_sets import WITHHELD
from xds_adapter.vocabulary import cda, value_sets
from xds_adapter.vocabulary.value_sets import (
    ACQUISITION_MODALITY,
    ANATOMIC_LOCATION,
    IMAGING_ACT,
    VALUE_SETS,
    Member,
    ValueSet,
)


def test_a_member_is_found_by_its_code() -> None:
    assert Member("CT", cda.DCM, "Tomodensitométrie") == ACQUISITION_MODALITY.find("CT")


@pytest.mark.parametrize("code", ["CTT", "", "ct", "@"])
def test_what_is_no_code_is_not_found(code: str) -> None:
    assert None is ACQUISITION_MODALITY.find(code)


def test_a_member_is_found_by_code_and_system() -> None:
    requested = VALUE_SETS["JDV_Modalite_demandeActeImagerie_CISIS"]
    assert Member("CT", cda.DCM, "Scanner/TDM") == requested.find("CT", cda.DCM)
    assert None is requested.find("CT", cda.LOINC)


def test_a_code_of_two_systems_is_told_apart_by_its_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "TWO.txt").write_text("-\n@ 1.2\nA one\nB b\n@ 1.3\nA two\n", encoding="utf-8")
    monkeypatch.setattr(value_sets, "_TABLES", tmp_path)
    two = ValueSet("TWO", "letter")
    assert (Member("A", "1.2", "one"), Member("A", "1.3", "two")) == (two.find("A"), two.find("A", "1.3"))
    assert None is two.find("A", "1.4")
    assert ("", "A, B, A") == (two.oid, two.some_codes)


def test_the_ending_of_the_publisher_may_be_left_out() -> None:
    assert VALUE_SETS["JDV_ModaliteAcquisition"] is VALUE_SETS["JDV_ModaliteAcquisition_CISIS"]
    assert "JDV_ModaliteAcquisition" in VALUE_SETS
    assert "JDV_Modalite" not in VALUE_SETS
    with pytest.raises(KeyError, match="JDV_Nothing"):
        VALUE_SETS["JDV_Nothing"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("CTT", "CT"), ("Tomodensitometrie", "CT"), ("ECHOGRAPHIE", "US"), ("qqqqqqqqqqqq", None)],
)
def test_the_nearest_member_is_near_by_code_or_display_without_accents(text: str, code: str | None) -> None:
    member = ACQUISITION_MODALITY.nearest(text)
    assert code == (member.code if member else None)


@pytest.mark.parametrize(
    ("text", "code"),
    [("24627", "24627-2"), ("scanner thorax sans", "99629-8"), ("qqqqqqqqqqqq", None), ("échographie " * 1000, None)],
)
def test_the_nearest_of_thousands_is_found_in_little_time(text: str, code: str | None) -> None:
    IMAGING_ACT.nearest("")
    began = time.perf_counter()
    member = IMAGING_ACT.nearest(text)
    assert time.perf_counter() - began < 20
    assert code == (member.code if member else None)


def test_a_message_about_a_member_without_display_shows_its_code_alone() -> None:
    member = ANATOMIC_LOCATION.members[0]
    assert ("", member.code) == (member.display, str(member))


@pytest.mark.parametrize("value_set", VALUE_SETS.values(), ids=lambda value_set: str(value_set.name))
def test_every_table_has_members_each_once_with_code_and_system(value_set: ValueSet) -> None:
    members = value_set.members
    assert members
    assert len(members) == len({(m.code, m.system) for m in members})
    assert [] == [m for m in members if not m.code or not m.system or m.display != " ".join(m.display.split())]


def test_withheld_display_names_are_our_own_or_none() -> None:
    shown = {(m.code, m.system): m.display for v in VALUE_SETS.values() for m in v.members if m.system in WITHHELD}
    assert OWN_DISPLAYS == {key: display for key, display in shown.items() if display}


def test_a_case_never_meets_a_code_without_display_in_the_sets_of_a_schema() -> None:
    """What `build` fills in from a closed set needs a display name."""
    names = [
        "ModificateurTopographique",
        "RegionAnatomique",
        "StatutGrossesse",
        "Contre_indications",
        "InfoPriseEnCharge",
    ]
    sets = [VALUE_SETS[f"JDV_{name}"] for name in names]
    assert [] == [member for value_set in sets for member in value_set.members if not member.display]


def test_importing_the_sets_reads_no_table() -> None:
    script = (
        "from xds_adapter.vocabulary import value_sets as v; v.VALUE_SETS['JDV_ModaliteAcquisition'].words;"
        "print(v._table.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "0\n" == done.stdout
