"""CX and CXi: an identifier with its assigning authority.

Source: IHE ITI TF-3 Table 4.2.3.1.7-2; French practice adds CX.5 (`NH`, `PI`), kept and ignored when comparing.
"""

from __future__ import annotations

from dataclasses import dataclass

from xds_adapter.datatypes.hd import HD
from xds_adapter.datatypes.oid import is_oid
from xds_adapter.vocabulary.ebrim import ReferenceIdType


def _authority_oid(component: str) -> str:
    """The universal id of an HD component ``namespace&OID&ISO``; empty when there is none."""
    parts = component.split("&")
    return parts[1] if len(parts) > 1 else ""


def _authority_fault(component: str, name: str) -> str | None:
    parts = component.split("&")
    if len(parts) != 3 or parts[0]:
        return f"{name} is not &OID&ISO"
    if parts[2] != "ISO":
        return f"{name}.3 is {parts[2]!r}, not ISO"
    return None if is_oid(parts[1]) else f"{name}.2 is not an OID"


@dataclass(frozen=True, slots=True)
class CX:
    """A patient identifier ``id^^^&OID&ISO``, as written."""

    text: str

    @classmethod
    def of(cls, id_number: str, authority: str, type_code: str = "") -> CX:
        """Join the parts: CX.1, the OID of CX.4 and optionally CX.5."""
        return cls(f"{id_number}^^^&{authority}&ISO" + (f"^{type_code}" if type_code else ""))

    @property
    def id_number(self) -> str:
        """CX.1."""
        return self.text.split("^", 1)[0]

    @property
    def authority(self) -> str:
        """CX.4.2, the OID of the assigning authority; empty when absent."""
        parts = self.text.split("^")
        return _authority_oid(parts[3]) if len(parts) > 3 else ""

    @property
    def assigning_authority(self) -> HD:
        """CX.4; its text is empty when absent."""
        parts = self.text.split("^")
        return HD(parts[3] if len(parts) > 3 else "")

    @property
    def key(self) -> str:
        """The form in which two identifiers compare: CX.1 and CX.4.2 only."""
        return f"{self.id_number}^^^&{self.authority}&ISO"

    def fault(self) -> str | None:
        """Say what is wrong with the text, or None."""
        parts = self.text.split("^")
        if len(parts) < 4:
            return "is not id^^^&OID&ISO"
        if not parts[0]:
            return "CX.1 (the identifier) is empty"
        unwanted = [str(n) for n, part in enumerate(parts, 1) if part and n not in (1, 4, 5)]
        if unwanted:
            return f"CX.{', CX.'.join(unwanted)} must be empty"
        return _authority_fault(parts[3], "CX.4")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class CXi:
    """A reference identifier ``id^^^&OID&ISO^typecode``, as written."""

    text: str

    @classmethod
    def of(cls, id_number: str, authority: str, type_code: str) -> CXi:
        """Join the parts; an empty `authority` leaves CXi.4 empty, as for a Study Instance UID."""
        return cls(f"{id_number}^^^{f'&{authority}&ISO' if authority else ''}^{type_code}")

    def _part(self, number: int) -> str:
        parts = self.text.split("^")
        return parts[number - 1] if len(parts) >= number else ""

    @property
    def id_number(self) -> str:
        """CXi.1."""
        return self._part(1)

    @property
    def authority(self) -> str:
        """CXi.4.2, the OID of the assigning authority; empty when absent."""
        return _authority_oid(self._part(4))

    @property
    def type_code(self) -> str:
        """CXi.5, e.g. ``urn:ihe:iti:xds:2013:accession``."""
        return self._part(5)

    def fault(self) -> str | None:
        """Say what is wrong with the text, or None."""
        if not self.id_number:
            return "CXi.1 (the identifier) is empty"
        if not self.type_code:
            return "CXi.5 (the type code) is empty"
        if self._part(2) or self._part(3):
            return "CXi.2 and CXi.3 must be empty"
        if self.type_code == ReferenceIdType.STUDY_INSTANCE_UID and self._part(4):
            return "CXi.4 must be empty: a Study Instance UID needs no authority"
        if "&" in self._part(4):
            return _authority_fault(self._part(4), "CXi.4")
        return None

    def __str__(self) -> str:
        return self.text
