"""DTM: a date and time of variable precision, in UTC.

Source: IHE ITI TF-3 Table 4.2.3.1.7-2 (YYYY[MM[DD[hh[mm[ss]]]]], no zone suffix).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

_LOWEST = "00000101000000"
_PRECISIONS = (4, 6, 8, 10, 12, 14)


@dataclass(frozen=True, slots=True)
class DTM:
    """A DTM as written: ``202403`` stays ``202403``."""

    text: str

    @classmethod
    def of(cls, moment: datetime) -> DTM:
        """Write an aware `moment` to the second, in UTC."""
        return cls(moment.astimezone(UTC).strftime("%Y%m%d%H%M%S"))

    @classmethod
    def now(cls) -> DTM:
        """The present second."""
        return cls.of(datetime.now(UTC))

    @property
    def padded(self) -> str:
        """All 14 digits, missing parts at their lowest value; the form in which two DTM compare."""
        return self.text + _LOWEST[len(self.text) :]

    def fault(self) -> str | None:
        """Say what is wrong with the text, or None."""
        text = self.text
        if len(text) not in _PRECISIONS or not (text.isascii() and text.isdigit()):
            return "is not YYYY[MM[DD[hh[mm[ss]]]]] (digits only, UTC, no zone)"
        try:
            d = self.padded
            datetime(int(d[:4]), int(d[4:6]), int(d[6:8]), int(d[8:10]), int(d[10:12]), int(d[12:]), tzinfo=UTC)
        except ValueError:
            return "is no date and time of the calendar"
        return None

    def __str__(self) -> str:
        return self.text
