"""Every rule has a case that it allows and one that it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tests.unit.ebxml import test_decode
from tests.unit.rules import (
    test_attributes,
    test_bounds,
    test_documents,
    test_on_demand,
    test_patients,
    test_queries,
    test_recipient,
    test_registered,
    test_removal,
    test_structure,
    test_update,
)
from xds_adapter.vocabulary.rules import RULES

COVERED_ELSEWHERE = {
    "REPO-006": "the repository cannot reach its registry: tests of the actors",
    "REPO-007": "a document that is not stored: tests of the actors",
    "REPO-008": "another repository's document: tests of the actors",
    "REPO-009": "what a CDA document breaks: flow tests",
    "REPO-010": "official rules that are busy: flow tests",
    "REPO-011": "official rules that do not come to an end: flow tests",
    "OD-007": "an on-demand document out of force: tests of the actors",
    "OD-008": "an on-demand document that nobody makes: tests of the actors",
    "OD-009": "a snapshot that the registry does not take: tests of the actors",
    "XDR-003": "a uniqueId that comes again: tests of the actors",
    "XDR-004": "no room: tests of the actors",
    "RM-001": "a removal that names nothing: tests of the transaction",
    "RM-005": "another repository's document: tests of the actors",
    "RM-006": "a document that is not stored: tests of the actors",
    "RM-007": "a document whose registration is open: tests of the actors",
    "SQ-006": "a result of several patients: tests of the actors",
    "SQ-007": "a result over the limit: tests of the actors",
}


class _Case(Protocol):
    @property
    def rule(self) -> str: ...


def _rules(cases: Iterable[_Case]) -> set[str]:
    return {case.rule for case in cases}


TESTED = (
    _rules(test_decode.CASES)
    | _rules(test_attributes.CASES)
    | _rules(test_structure.CASES)
    | _rules(test_bounds.CASES)
    | _rules(test_documents.CASES)
    | _rules(test_recipient.CASES)
    | _rules(test_registered.CASES)
    | _rules(test_patients.CASES)
    | _rules(test_queries.CASES)
    | _rules(test_update.CASES)
    | _rules(test_on_demand.CASES)
    | _rules(test_removal.CASES)
)


def test_every_rule_has_its_cases() -> None:
    assert set(RULES) == TESTED | set(COVERED_ELSEWHERE)


def test_no_rule_is_called_covered_elsewhere_that_has_its_cases_here() -> None:
    assert set() == TESTED & set(COVERED_ELSEWHERE)
