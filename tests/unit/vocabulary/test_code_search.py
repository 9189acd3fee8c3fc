"""The search of codes: all words, without case and accents, the best first, and a way on when nothing is found."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from xds_adapter.vocabulary import value_sets
from xds_adapter.vocabulary.code_search import search, suggestions
from xds_adapter.vocabulary.folding import folded
from xds_adapter.vocabulary.value_sets import VALUE_SETS, ValueSet

ALL = tuple(VALUE_SETS.values())
TABLE = """-
@ 1.2
AB1 Radiothérapie d'un sein
AB Cœur
ZAB Échographie du cœur
XX Échographie
YY sein
VV Cardio-échographie, sein
TT RX sein
SS
"""


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ValueSet, ...]:
    (tmp_path / "SEARCHED.txt").write_text(TABLE, encoding="utf-8")
    monkeypatch.setattr(value_sets, "_TABLES", tmp_path)
    return (ValueSet("SEARCHED", "example"),)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ab", ["AB", "AB1", "ZAB"]),
        ("COEUR", ["AB", "ZAB"]),
        ("echographie", ["XX", "ZAB", "VV"]),
        ("Échographie", ["XX", "ZAB", "VV"]),
        ("echo", ["XX", "ZAB", "VV"]),
        ("ographie", ["XX", "ZAB", "VV"]),
        ("sein", ["YY", "TT", "AB1", "VV"]),
        ("sein  radiothérapie", ["AB1"]),
        ("radio sein", ["TT", "AB1"]),
        ("radiographie", ["TT"]),
        ("d’un", ["AB1"]),
        ("ss", ["SS"]),
        ("sein nulle-part", []),
        ("   ", []),
    ],
)
def test_the_best_comes_first(sets: tuple[ValueSet, ...], text: str, codes: list[str]) -> None:
    assert codes == [hit.member.code for hit in search(text, sets)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echografie", ["echographie"]),
        ("echografie coeur", ["echographie coeur", "coeur", "echographie"]),
        ("echographie radiotherapie", ["radiotherapie", "echographie"]),
        ("ab2", ["ab"]),
        ("qqqqqqqq", []),
        ("", []),
    ],
)
def test_a_text_that_finds_nothing_gets_a_better_one(sets: tuple[ValueSet, ...], text: str, found: list[str]) -> None:
    assert found == suggestions(text, sets)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("18748-4", "18748-4 CR d'imagerie médicale"),
        ("CT", "CT Scanner/TDM"),
        ("scanner thorax", "24627-2 CT thorax"),
        ("302553009", "302553009"),
        ("hopital militaire", "SA02 Hôpital militaire du Service de santé des armées"),
    ],
)
def test_the_shipped_sets_are_found_by_what_people_type(text: str, best: str) -> None:
    hits = search(text, ALL)
    if text == "CT":
        assert best in {str(hit.member) for hit in hits[:2]}
    else:
        assert best == str(hits[0].member)


def test_a_hostile_text_costs_little() -> None:
    search("a", ALL)
    began = time.perf_counter()
    suggestions("a b c d e f g zz " * 10_000, ALL)
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Œdème de l’Épaule", "oedeme de l'epaule"), ("ABC-1", "abc-1"), ("µg", "μg"), ("Æ\u00a0Ç", "ae c")],
)
def test_folding_takes_case_accents_and_ligatures_away(text: str, plain: str) -> None:
    assert plain == folded(text)


def test_folding_keeps_line_ends_apart() -> None:
    """Tables are folded in one piece."""
    assert "e\n\na" == folded("É\n\nÀ")
