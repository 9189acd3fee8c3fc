"""HL7 points in time as a reader of the page writes them."""

from __future__ import annotations

from xds_adapter.cda.moments import ts_fault
from xds_adapter.cda.view.words import Lang, Words


def moment(ts: str, words: Words) -> str:
    """Write an HL7 TS in words, with the precision and in the zone it has; what is no TS stays as written."""
    if ts_fault(ts):
        return ts
    digits = ts.partition("+")[0].partition("-")[0].partition(".")[0]
    day = _day(digits, words)
    if len(digits) < 10:
        return day
    time = f"{digits[8:10]}:{digits[10:12] or '00'}"
    return f"{day} à {time}" if words.lang is Lang.FR else f"{day}, {time}"


def _day(digits: str, words: Words) -> str:
    year = digits[:4]
    if len(digits) < 6:
        return year
    month = words.month(int(digits[4:6]))
    if len(digits) < 8:
        return f"{month} {year}"
    day = int(digits[6:8])
    first = "1er" if words.lang is Lang.FR and day == 1 else str(day)
    return f"{first} {month} {year}"


def years_between(birth: str, later: str) -> int | None:
    """Return full years from a birth date to a later TS, or None when either is not known to the day."""
    if ts_fault(birth) or ts_fault(later) or not birth[:8].isdigit() or not later[:8].isdigit():
        return None
    if len(birth[:8]) < 8 or len(later[:8]) < 8:
        return None
    years = int(later[:4]) - int(birth[:4]) - (later[4:8] < birth[4:8])
    return years if years >= 0 else None
