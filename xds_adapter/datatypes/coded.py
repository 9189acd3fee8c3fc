"""A coded value: code, coding scheme and display name.

Source: IHE ITI TF-3 4.2.3.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of a coding scheme; `display` is for people and never compared with an affinity domain."""

    code: str
    scheme: str
    display: str = ""

    @property
    def key(self) -> str:
        """The form in which two codes compare and in which queries write them: ``code^^scheme``."""
        return f"{self.code}^^{self.scheme}"

    def fault(self) -> str | None:
        """Say what is wrong, or None."""
        if self.code and self.scheme and self.display:
            return None
        missing = [
            part
            for part, value in (
                ("code (nodeRepresentation)", self.code),
                ("codingScheme", self.scheme),
                ("display name", self.display),
            )
            if not value
        ]
        return f"lacks its {' and its '.join(missing)}"

    def __str__(self) -> str:
        return self.key
