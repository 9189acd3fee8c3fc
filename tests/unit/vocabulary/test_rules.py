"""The table of rules: ids once and in order, each with code, clause and words."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

import pytest

from xds_adapter.vocabulary import rules
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.rules import RULES, Rule

_CLAUSE = (
    r"ITI TF-[23] (Table )?[34]\.|Metadata Update supplement 3\.57\.|Restricted Metadata Update supplement 3\.92\."
    r"|ITI RMD 3\."
)
IDS = [row[0] for row in rules._ROWS]


def test_every_id_stands_once() -> None:
    assert len(set(IDS)) == len(IDS)


def test_the_families_follow_each_other() -> None:
    assert ["META", "REPO", "XDR", "REG", "MU", "PIF", "OD", "RM", "SQ"] == [
        family for family, _ in groupby(IDS, lambda i: i.split("-")[0])
    ]


def test_ids_ascend_inside_a_family() -> None:
    numbers = [(a, b) for a, b in pairwise(IDS) if a.split("-")[0] == b.split("-")[0]]
    assert [] == [(a, b) for a, b in numbers if not a < b]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.rule_id)
def test_a_rule_has_id_code_clause_and_a_sentence(rule: Rule) -> None:
    assert re.fullmatch(r"(META|REPO|XDR|REG|MU|PIF|OD|RM|SQ)-\d{3}", rule.rule_id)
    assert isinstance(rule.code, XdsErrorCode)
    assert re.match(_CLAUSE, rule.clause)
    assert re.fullmatch(r"\w.*\.", rule.words)
