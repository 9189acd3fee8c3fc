"""Points in time in words."""

from __future__ import annotations

import pytest

from xds_adapter.cda.view.moments import moment, years_between
from xds_adapter.cda.view.words import Lang, Words


@pytest.mark.parametrize(
    ("ts", "french", "english"),
    [
        ("1979", "1979", "1979"),
        ("197903", "mars 1979", "March 1979"),
        ("19790328", "28 mars 1979", "28 March 1979"),
        ("19790801", "1er août 1979", "1 August 1979"),
        ("2026010610", "6 janvier 2026 à 10:00", "6 January 2026, 10:00"),
        ("202601061058", "6 janvier 2026 à 10:58", "6 January 2026, 10:58"),
        ("20260106105801.123+0100", "6 janvier 2026 à 10:58", "6 January 2026, 10:58"),
        ("20260106105801-0500", "6 janvier 2026 à 10:58", "6 January 2026, 10:58"),
        ("hier", "hier", "hier"),
        ("20261306", "20261306", "20261306"),
    ],
)
def test_moment_is_written_with_its_precision(ts: str, french: str, english: str) -> None:
    assert (french, english) == (moment(ts, Words(Lang.FR)), moment(ts, Words(Lang.EN)))


@pytest.mark.parametrize(
    ("birth", "later", "years"),
    [
        ("19790328", "20260106105800+0100", 46),
        ("19790328", "20260328", 47),
        ("19790328", "20260327", 46),
        ("1979", "20260327", None),
        ("19790328", "2026", None),
        ("19790328", "197", None),
        ("x", "20260327", None),
        ("20270101", "20260327", None),
    ],
)
def test_age_is_known_from_two_days_only(birth: str, later: str, years: int | None) -> None:
    assert years == years_between(birth, later)
