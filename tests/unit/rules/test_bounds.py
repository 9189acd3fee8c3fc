"""An answer holds many findings, and of a flood the first ones with the number of the others."""

from __future__ import annotations

import pytest

from tests.rule_cases import Case, found
from xds_adapter.model import RegistryError, finding
from xds_adapter.rules import MOST_FINDINGS, bounded


def faults(number: int, rule: str = "META-020") -> list[RegistryError]:
    return [finding(rule, f"is fault {n}", attribute="title") for n in range(number)]


CASES = [
    Case(
        rule="META-070",
        name="errors",
        right=faults(MOST_FINDINGS),
        wrong=faults(MOST_FINDINGS + 1),
        code="XDSRegistryError",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_rule_allows_is_listed_whole(case: Case) -> None:
    assert case.right == bounded(case.right)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_more_is_counted_instead(case: Case) -> None:
    errors = bounded(case.wrong)
    assert case.wrong[:-1] == errors[:-1]
    assert [case.finding] == found(errors[-1:])
    assert "1 more findings are not listed [META-070]" == errors[-1].code_context


def test_errors_are_listed_before_warnings() -> None:
    warnings, errors = faults(MOST_FINDINGS, "META-034"), faults(2)
    assert errors + warnings[:-2] == bounded(warnings + errors)[:-1]


def test_a_flood_of_warnings_refuses_nothing() -> None:
    assert not any(error.is_error for error in bounded(faults(2 * MOST_FINDINGS, "META-034")))
