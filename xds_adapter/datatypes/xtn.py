"""XTN: a telephone number or an e-mail address.

Source: IHE ITI TF-3 Table 4.2.3.1.7-2; HL7 v2.5 section 2.A.89.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_MAIL = "Internet"


@dataclass(frozen=True, slots=True)
class XTN:
    """A telecommunication address, as written: ``^^Internet^a@b.example`` or ``^PRN^PH^^33^1^23456789``."""

    text: str

    def fault(self) -> str | None:
        """Say what is wrong with the text, or None.

        The number of a telephone stands in XTN.7; XTN.12, where HL7 v2.5 puts a number as it is dialled, is taken too.
        """
        return _fault(self)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _fault(value: XTN) -> str | None:
    """The same people and organisations stand in a site's metadata again and again."""
    parts = [*value.text.split("^"), *[""] * 12]
    equipment, mail, local, unformatted = parts[2], parts[3], parts[6], parts[11]
    if not equipment:
        return "XTN.3 (the equipment type) is empty"
    if equipment == _MAIL:
        return None if "@" in mail else "XTN.4 is no e-mail address"
    return None if local or unformatted else "XTN.7 (the local number) is empty"
