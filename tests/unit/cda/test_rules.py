"""Every rule of the built-in validator: a document that breaks it, and its words in both languages."""

from __future__ import annotations

import re

import pytest

from tests.unit.cda.rule_cases import CASES, PDF, REPORT, REQUEST, TELE_REPORT, TELE_REQUEST, Case, sound
from xds_adapter.cda.validate import RULES, Language, validate


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_broken_thing_breaks_one_rule(case: Case) -> None:
    """Each edit of a valid document is found by the rule it breaks, and by no other that the case does not name."""
    assert {finding.rule for finding in validate(case.document())} == {case.rule, *case.also}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_finding_speaks_both_languages(case: Case) -> None:
    """Every place in the words is filled, in English and in French, and only the words differ."""
    english, french = (validate(case.document(), language=language) for language in Language)
    assert [(f.rule, f.xpath, f.line) for f in english] == [(f.rule, f.xpath, f.line) for f in french]
    for one, other in zip(english, french, strict=True):
        assert one.message != other.message
        assert not re.search(r"\{\w*\}", one.message + other.message)


def test_every_rule_is_tested() -> None:
    """No rule is without a document that breaks it, and each cites its source."""
    assert set(RULES) == {case.rule for case in CASES}
    assert all(row.source and row.words and row.words_fr for row in RULES.values())


@pytest.mark.parametrize("kind", [REPORT, REQUEST, PDF, TELE_REQUEST, TELE_REPORT])
def test_what_the_cases_break_is_sound(kind: str) -> None:
    """Before the edit there is nothing to find."""
    assert validate(sound(kind).encode()) == ()
