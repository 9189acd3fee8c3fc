"""Points in time: ISO 8601 in a case, HL7 TS in a document, DTM in UTC in metadata, dd/mm/yyyy in a narrative.

Source: HL7 v3 data types R1, TS; IHE ITI TF-3 Table 4.2.3.1.7-2 (DTM).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from xds_adapter.datatypes import DTM

_ISO = re.compile(
    r"(?P<date>\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(?P<time>\d\d:\d\d(?::\d\d)?)(?P<zone>Z|[+-]\d\d:\d\d))?", re.ASCII
)
_TS = re.compile(r"(?P<digits>\d{4}(?:\d\d){0,5})(?:\.\d{1,4})?(?P<zone>[+-]\d{4})?", re.ASCII)
_FORMATS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


def _moment(digits: str) -> datetime:
    """The first instant that an HL7 TS names; strptime takes ten times as long.

    Raises:
        ValueError: The calendar does not hold it.
    """
    month, day, hour, minute, second = (digits[at : at + 2] for at in range(4, 14, 2))
    date = int(digits[:4]), int(month or 1), int(day or 1)
    return datetime(*date, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)


def _exists(digits: str, zone: str) -> bool:
    """Tell whether the calendar holds the moment and the world the zone."""
    try:
        _moment(digits)
    except ValueError:
        return False
    return not zone or (int(zone[1:3]) <= 14 and int(zone[3:5]) < 60)


def iso_fault(text: str) -> str | None:
    """Say what keeps `text` from being a date, or a date and time with zone, in ISO 8601; None when it is one."""
    match = _ISO.fullmatch(text)
    if match is None or (match["time"] and (len(match["date"]) < 10 or not match["zone"])):
        return "is no date (2026-01-06) and no date and time with zone (2026-01-06T11:20:00+01:00)"
    ts = ts_of_iso(text)
    return None if ts_fault(ts) is None else "is no date of the calendar"


def instant_fault(text: str) -> str | None:
    """Like `iso_fault`, for a value that needs a time and a zone."""
    fault = iso_fault(text)
    if fault is None and "T" not in text:
        return "needs a time and a zone (2026-01-06T11:20:00+01:00)"
    return fault


def ts_of_iso(text: str) -> str:
    """Rewrite ISO 8601 as HL7 TS: ``2026-01-06T11:20:00+01:00`` becomes ``20260106112000+0100``."""
    date, _, rest = text.partition("T")
    if rest.endswith("Z"):
        rest = rest[:-1] + "+00:00"
    return date.replace("-", "") + rest.replace(":", "")


def ts_fault(text: str) -> str | None:
    """Say what keeps `text` from being an HL7 TS, or None."""
    match = _TS.fullmatch(text)
    if match is None:
        return "is not YYYY[MM[DD[hh[mm[ss]]]]][+zzzz]"
    if not _exists(match["digits"], match["zone"] or ""):
        return "is no date and time of the calendar"
    return None


def has_zone(ts: str) -> bool:
    """Tell whether an HL7 TS carries a zone."""
    match = _TS.fullmatch(ts)
    return match is not None and match["zone"] is not None


def dtm_of_ts(text: str) -> DTM | None:
    """Move an HL7 TS to UTC, keeping its precision.

    A date without time names a day, not an instant, and a time without zone cannot be moved: both stay as written.

    Returns:
        None when `text` is no TS.

    Source: IHE ITI TF-3 Table 4.2.3.1.7-2.
    """
    match = _TS.fullmatch(text)
    if match is None or ts_fault(text):
        return None
    digits, zone = match["digits"], match["zone"]
    if not zone or len(digits) < 10:
        return DTM(digits)
    written = _FORMATS[len(digits)]
    if len(digits) == 10 and not zone.endswith("00"):
        return DTM(digits)
    try:
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        moment = _moment(digits) + (ahead if zone[0] == "-" else -ahead)
    except OverflowError:
        return DTM(digits)
    return DTM(moment.strftime(written).zfill(len(digits)))


def french(text: str) -> str:
    """Write an ISO 8601 moment for a French reader: ``06/01/2026 à 11:20``."""
    date, _, rest = text.partition("T")
    day = "/".join(reversed(date.split("-")))
    return f"{day} à {rest[:5]}" if rest else day
