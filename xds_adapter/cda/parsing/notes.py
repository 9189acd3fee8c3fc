"""What a reader of a document must tell its user: where the case differs from the document, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteKind(StrEnum):
    """Why there is a note."""

    LOST = "lost"
    """The case form has no place for it."""
    REPAIRED = "repaired"
    """It was written wrongly and its meaning is beyond doubt."""
    ASSUMED = "assumed"
    """It was missing, and something was taken in its place."""
    RENEWED = "renewed"
    """It is kept in meaning, and a document built from the case will hold it anew."""
    REWORDED = "reworded"
    """Words, not facts: a document built from the case says it in its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that a case does not say as its document did.

    Attributes:
        xpath: Where in the document, e.g. ``/ClinicalDocument/author[2]/time``.
        line: Line on which the element's start tag ends.
        message: What it is, with the value, for the person who compares the two.
    """

    kind: NoteKind
    xpath: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.xpath}: {self.message} ({self.kind})"
