"""XON: an organisation with name and identifier.

Source: IHE ITI TF-3 Table 4.2.3.1.7-2; French practice adds XON.7 (`IDNST`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from xds_adapter.datatypes.oid import is_oid

_USED = frozenset({1, 6, 7, 10})


@dataclass(frozen=True, slots=True)
class XON:
    """An organisation ``name^^^^^&OID&ISO^^^^identifier``, as written."""

    text: str

    @classmethod
    def of(cls, name: str, *, id_number: str = "", authority: str = "", id_type: str = "") -> XON:
        """Join the parts XON.1, 6 (OID), 7 and 10; what is empty at the end is left out."""
        parts = [name, "", "", "", "", f"&{authority}&ISO" if authority else "", id_type, "", "", id_number]
        return cls("^".join(parts).rstrip("^"))

    def _part(self, number: int) -> str:
        parts = self.text.split("^")
        return parts[number - 1] if len(parts) >= number else ""

    @property
    def name(self) -> str:
        """XON.1."""
        return self._part(1)

    @property
    def id_number(self) -> str:
        """XON.10."""
        return self._part(10)

    def fault(self) -> str | None:
        """Say what is wrong with the text, or None."""
        return _fault(self)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _fault(value: XON) -> str | None:
    """The same people and organisations stand in a site's metadata again and again."""
    parts = value.text.split("^")
    if not parts[0]:
        return "XON.1 (the name) is empty"
    unwanted = [str(n) for n, part in enumerate(parts, 1) if part and n not in _USED]
    if unwanted:
        return f"XON.{', XON.'.join(unwanted)} must be empty"
    id_number = parts[9] if len(parts) > 9 else ""
    if not id_number or is_oid(id_number):
        return None
    authority = parts[5].split("&")
    if len(authority) == 3 and is_oid(authority[1]) and authority[2] == "ISO":
        return None
    return "XON.10 is no OID, so XON.6 must be &OID&ISO"
