"""Points in time in their four forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xds_adapter.cda.moments import dtm_of_ts, french, iso_fault, ts_fault, ts_of_iso


@pytest.mark.parametrize(
    ("iso", "ts"),
    [
        ("2026", "2026"),
        ("2026-01", "202601"),
        ("2026-01-06", "20260106"),
        ("2026-01-06T11:20+01:00", "202601061120+0100"),
        ("2026-01-06T11:20:00Z", "20260106112000+0000"),
    ],
)
def test_a_date_of_a_case_becomes_a_ts(iso: str, ts: str) -> None:
    """Precision and zone are kept."""
    assert iso_fault(iso) is None
    assert ts_of_iso(iso) == ts
    assert ts_fault(ts) is None


@pytest.mark.parametrize(
    "text",
    ["", "06/01/2026", "2026-13-01", "2026-02-30", "2026-01-06T11:20:00", "2026-01T10:00Z", "2026-01-06T24:00Z",
     "2026-01-06T10:00+15:00", "2026-01-06T10:00+01:60", "2026-01-06 10:00Z", "٢٠٢٦"],
)  # fmt: skip
def test_what_is_no_date_is_told(text: str) -> None:
    """Other notations, days outside the calendar, and times without zone are refused."""
    assert iso_fault(text) is not None


@pytest.mark.parametrize(
    ("ts", "dtm"),
    [
        ("00010101000000+1400", "00010101000000"),
        ("09990101003000+0100", "09981231233000"),
        ("2026010610+0530", "2026010610"),
        ("20260106+0100", "20260106"),
    ],
)
def test_the_edges_of_the_calendar_do_not_break(ts: str, dtm: str) -> None:
    """What cannot be moved to UTC stays as written; years keep four digits."""
    assert str(dtm_of_ts(ts)) == dtm


def test_a_moment_is_written_for_a_french_reader() -> None:
    """Day before month, and the time of the place."""
    assert [french(text) for text in ("1979", "2026-01-06", "2026-01-06T11:20:00+01:00")] == [
        "1979",
        "06/01/2026",
        "06/01/2026 à 11:20",
    ]


@given(st.text("0123456789+-.Z", max_size=24))
def test_any_text_is_a_ts_or_not(text: str) -> None:
    """No text makes the reader fail; what is accepted becomes a DTM without fault."""
    found = dtm_of_ts(text)
    assert (found is None) == (ts_fault(text) is not None)
    assert found is None or found.fault() is None
