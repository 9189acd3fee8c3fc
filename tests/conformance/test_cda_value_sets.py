"""The value-set tables agree with the published ones, and hold no display name that may not be passed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.own_displays import OWN_DISPLAYS
from docs.value_sets import TARGET, WITHHELD, published, stale
from tests.shared import shared_files, shared_path
from xds_adapter.vocabulary.value_sets import VALUE_SETS

PUBLISHED = shared_files("data", "cda", "jeuxDeValeurs", pattern="JDV_*.xml")

pytestmark = pytest.mark.shared


def test_the_tables_are_what_the_script_writes() -> None:
    assert [] == stale(shared_path("data", "cda", "jeuxDeValeurs"))


def test_every_published_set_has_a_table() -> None:
    shared_path("data", "cda", "jeuxDeValeurs")
    ours = {"JDV_FonctionEtudiee", "CDA_Confidentiality", "CDA_ActPriority", "CDA_TelemedicineAct"}
    assert {path.stem for path in PUBLISHED} | ours == set(VALUE_SETS)


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_a_table_holds_the_published_codes(path: Path) -> None:
    """Same OID, same codes of the same systems in the same order, and the same display names where one is given."""
    value_set = VALUE_SETS[path.stem]
    oid, members = published(path)
    assert oid == value_set.oid
    assert [(m.code, m.system) for m in members] == [(m.code, m.system) for m in value_set.members]
    passed_on = [m for m in members if m.system not in WITHHELD]
    assert passed_on == [m for m in value_set.members if m.system not in WITHHELD]


def test_our_own_words_are_no_phrases_of_the_publisher() -> None:
    """A single word or a name of two or three is nobody's; a longer phrase would be its author's."""
    theirs = {member.display for path in PUBLISHED for member in published(path)[1] if member.system in WITHHELD}
    assert [] == [display for display in OWN_DISPLAYS.values() if display in theirs and len(display.split()) > 3]


def test_there_is_no_table_beside_them() -> None:
    assert set(VALUE_SETS) == {path.stem for path in TARGET.glob("*.txt")}
