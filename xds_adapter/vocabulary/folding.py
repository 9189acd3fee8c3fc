"""Text without case and accents, for comparing what people type with what a table says."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]+")
_SPELLINGS = (("œ", "oe"), ("æ", "ae"), ("’", "'"), ("\u00a0", " "))


def folded(text: str) -> str:
    """Return `text` in small letters, without accents, ligatures and typographic apostrophes; line ends stay.

    Example:
        >>> folded("Œdème de l’Épaule")
        "oedeme de l'epaule"
    """
    small = text.casefold()
    if small.isascii():
        return small
    for letter, spelling in _SPELLINGS:
        small = small.replace(letter, spelling)
    return _MARKS.sub("", unicodedata.normalize("NFD", small))
