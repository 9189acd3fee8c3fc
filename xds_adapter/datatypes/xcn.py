"""XCN: a person with identifier and name.

Source: IHE ITI TF-3 Table 4.2.3.1.7-2 and 4.2.3.1.4.2; HL7 v2.5 section 2.A.86.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from xds_adapter.datatypes.oid import is_oid


@dataclass(frozen=True, slots=True)
class XCN:
    """A person ``id^family^given^^suffix^prefix^^^&OID&ISO``, as written."""

    text: str

    @classmethod
    def of(
        cls,
        *,
        id_number: str = "",
        family: str = "",
        given: str = "",
        authority: str = "",
        name_type: str = "",
        id_type: str = "",
    ) -> XCN:
        """Join the parts XCN.1, 2, 3, 9 (OID), 10 and 13; what is empty at the end is left out."""
        parts = [id_number, family, given, "", "", "", "", "", f"&{authority}&ISO" if authority else ""]
        parts += [name_type, "", "", id_type]
        return cls("^".join(parts).rstrip("^"))

    def _part(self, number: int) -> str:
        parts = self.text.split("^")
        return parts[number - 1] if len(parts) >= number else ""

    @property
    def id_number(self) -> str:
        """XCN.1."""
        return self._part(1)

    @property
    def family(self) -> str:
        """XCN.2."""
        return self._part(2)

    @property
    def given(self) -> str:
        """XCN.3."""
        return self._part(3)

    @property
    def authority(self) -> str:
        """XCN.9.2, the OID of the assigning authority; empty when absent."""
        parts = self._part(9).split("&")
        return parts[1] if len(parts) > 1 else ""

    def fault(self) -> str | None:
        """Say what is wrong with the text, or None."""
        return _fault(self)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _fault(value: XCN) -> str | None:
    """The same people and organisations stand in a site's metadata again and again."""
    if not value.id_number and not value.family:
        return "needs XCN.1 (identifier) or XCN.2 (family name)"
    parts = value.text.split("^")
    component = parts[8] if len(parts) > 8 else ""
    authority = component.split("&")
    complete = len(authority) == 3 and is_oid(authority[1]) and authority[2] == "ISO"
    if component and not complete:
        return "XCN.9 is not &OID&ISO"
    return None
