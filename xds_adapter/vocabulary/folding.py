"""Text without case and accents, for comparing what people type with what a table says."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "\u00a0": " "})


def folded(text: str) -> str:
    """Return `text` in small letters, without accents, ligatures and typographic apostrophes.

    Example:
        >>> folded("Œdème de l’Épaule")
        "oedeme de l'epaule"
    """
    small = text.casefold()
    if small.isascii():
        return small
    return "".join(c for c in unicodedata.normalize("NFD", small.translate(_LETTERS)) if not unicodedata.combining(c))
