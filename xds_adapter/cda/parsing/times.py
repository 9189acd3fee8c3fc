"""HL7 points in time back to ISO 8601.

A case takes no time without zone, since such a time cannot be moved to UTC. The zone that is missing is assumed to
be the document's own; where that is the zone of France, or there is none, summer and winter are told apart.

Source: HL7 v3 data types R1, TS, IVL_TS; Directive 2000/84/EC (summer time).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime

from xds_adapter.cda.moments import ts_fault
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.tree import first, get
from xds_adapter.xmlio import Element

_TS = re.compile(r"(?P<digits>\d{4}(?:\d\d){0,5})(?P<fraction>\.\d{1,4})?(?P<zone>[+-]\d{4})?", re.ASCII)
_FRENCH = ("", "+0100", "+0200")


def _last_sunday(year: int, month: int) -> int:
    day = monthrange(year, month)[1]
    return day - (date(year, month, day).weekday() + 1) % 7


def french_zone(moment: datetime) -> str:
    """Return the zone of metropolitan France at a local time."""
    start = datetime(moment.year, 3, _last_sunday(moment.year, 3), 2)
    end = datetime(moment.year, 10, _last_sunday(moment.year, 10), 3)
    return "+0200" if start <= moment < end else "+0100"


def _zone(reader: Reader, element: Element, digits: str, zone: str | None) -> str:
    if zone:
        return zone
    local = datetime.strptime(digits[:12].ljust(12, "0"), "%Y%m%d%H%M")
    assumed = french_zone(local) if reader.zone in _FRENCH else reader.zone
    reader.assumed(element, f"the time {digits} has no zone; {assumed} is assumed")
    return assumed


def _iso(digits: str, zone: str) -> str:
    day = "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)
    if len(digits) <= 8:
        return day
    time = ":".join(part for part in (digits[8:10], digits[10:12], digits[12:14]) if part)
    return f"{day}T{time}{zone[:3]}:{zone[3:]}"


def moment(reader: Reader, element: Element | None, *, instant: bool = False) -> str | None:
    """Return the ISO 8601 form of a TS, or None when it says nothing.

    Args:
        reader: The document.
        element: An element with ``@value``.
        instant: A time is needed: midnight is assumed for a date.
    """
    if element is None:
        return None
    reader.see(element)
    value = get(element, "value")
    match = _TS.fullmatch(value)
    if not value:
        return None
    if match is None or ts_fault(value):
        reader.lost(element, f"{value!r} is no date and time")
        return None
    digits, zone = match["digits"], match["zone"] or ""
    if match["fraction"]:
        reader.lost(element, f"the case form counts whole seconds; {match['fraction']} is left out of {value}")
    if len(digits) == 10 or (instant and len(digits) < 12):
        filled = (digits + "0101"[len(digits) - 4 :])[:8] if len(digits) < 8 else digits
        reader.assumed(element, f"{value} is less precise than the case form; its beginning is taken")
        digits = filled.ljust(12, "0")
    if len(digits) > 8:
        return _iso(digits, _zone(reader, element, digits, zone))
    if zone:
        reader.repaired(element, f"the date {value} has a zone, which a date cannot have")
    return _iso(digits, "")


def period(reader: Reader, element: Element | None) -> Case | None:
    """Return an IVL_TS with its low and high end; a single value is the low end."""
    if element is None:
        return None
    reader.see(element)
    low = first(element, "low")
    if low is None and get(element, "value"):
        reader.repaired(element, f"a period is given as the one moment {get(element, 'value')}")
        return present(low=moment(reader, element))
    return present(low=moment(reader, low), high=moment(reader, first(element, "high"))) or None


def start(reader: Reader, element: Element | None) -> str | None:
    """Return the moment of a TS, or the low end of an IVL_TS where a case takes only one moment."""
    if element is None:
        return None
    low = reader.first(element, "low")
    return moment(reader, low if low is not None else element)
