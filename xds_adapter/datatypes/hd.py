"""HD: an assigning authority ``namespace&OID&ISO``.

Source: HL7 v2.5 chapter 2A.33; IHE ITI TF-2 3.8.4.1.2.3 (either the namespace, or OID and type, or all three).
"""

from __future__ import annotations

from dataclasses import dataclass

from xds_adapter.datatypes.oid import oid_fault

ISO = "ISO"


@dataclass(frozen=True, slots=True)
class HD:
    """An assigning authority, as written."""

    text: str

    def _part(self, number: int) -> str:
        parts = self.text.split("&")
        return parts[number - 1] if len(parts) >= number else ""

    @property
    def namespace(self) -> str:
        """HD.1, a name that is agreed between the parties; empty when absent."""
        return self._part(1)

    @property
    def universal_id(self) -> str:
        """HD.2; an OID when HD.3 is ISO; empty when absent."""
        return self._part(2)

    @property
    def universal_id_type(self) -> str:
        """HD.3; empty when absent."""
        return self._part(3)

    def fault(self) -> str | None:
        """Say what keeps the text from being an authority with an OID, or None."""
        if self.text.count("&") != 2 or self.universal_id_type != ISO:
            return "is not NAMESPACE&OID&ISO (the namespace may be empty)"
        fault = oid_fault(self.universal_id)
        return f"has no OID in its second part: {fault}" if fault else None

    def __str__(self) -> str:
        return self.text
