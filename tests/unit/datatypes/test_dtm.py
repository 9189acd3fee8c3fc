"""DTM: kept as written, compared with its missing parts at their lowest value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from xds_adapter.datatypes import DTM

FORM = "is not YYYY[MM[DD[hh[mm[ss]]]]] (digits only, UTC, no zone)"
CALENDAR = "is no date and time of the calendar"


def test_a_moment_of_another_zone_is_written_in_utc() -> None:
    paris = timezone(timedelta(hours=1))
    assert DTM("20240305231500") == DTM.of(datetime(2024, 3, 6, 0, 15, tzinfo=paris))


def test_now_is_the_present_second() -> None:
    before = DTM.of(datetime.now(UTC)).text
    assert before <= DTM.now().text <= DTM.of(datetime.now(UTC)).text


def test_a_time_prints_as_written() -> None:
    assert "202403" == str(DTM("202403"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", "20240101000000"),
        ("202403", "20240301000000"),
        ("20240305", "20240305000000"),
        ("2024030510", "20240305100000"),
        ("202403051015", "20240305101500"),
        ("20240305101530", "20240305101530"),
    ],
)
def test_missing_parts_are_padded_with_their_lowest_value(text: str, expected: str) -> None:
    assert expected == DTM(text).padded


@pytest.mark.parametrize("text", ["2024", "202403", "20240229", "2024030510", "202403051015", "20240305101530"])
def test_every_precision_is_valid(text: str) -> None:
    assert DTM(text).fault() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", FORM),
        ("20240", FORM),
        ("202403051015301", FORM),
        ("2024-3", FORM),
        ("٢٠٢٤", FORM),
        ("20240305101530Z", FORM),
        ("0000", CALENDAR),
        ("202413", CALENDAR),
        ("20230229", CALENDAR),
        ("2024030524", CALENDAR),
        ("20240305101560", CALENDAR),
    ],
)
def test_a_fault_tells_form_from_calendar(text: str, expected: str) -> None:
    assert expected == DTM(text).fault()
