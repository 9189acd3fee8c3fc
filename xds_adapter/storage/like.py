"""LIKE as stored queries write it, the same on every database.

Source: IHE ITI TF-2 3.18.4.1.2.3.3 (``%`` any text, ``_`` one character). A backslash takes the meaning from the
character behind it, which the technical framework leaves open.
"""

from __future__ import annotations

from functools import lru_cache

_ANY_TEXT = "%"
_ANY_CHARACTER = "_"
_ESCAPE = "\\"

Token = tuple[bool, str]
"""Whether it is a wildcard, and the character."""


def has_wildcard(pattern: str) -> bool:
    """Tell whether a pattern holds a ``%`` that is not escaped."""
    return (True, _ANY_TEXT) in _tokens(pattern)


def is_like(text: str, pattern: str) -> bool:
    """Match as SQL LIKE does, case counting.

    Time is bounded by the product of the two lengths, whatever the pattern.
    """
    tokens = _tokens(pattern)
    at = start = place = 0
    star = -1
    while at < len(text):
        token = tokens[place] if place < len(tokens) else None
        if token == (True, _ANY_TEXT):
            star, start = place, at
            place += 1
        elif token is not None and (token == (True, _ANY_CHARACTER) or token == (False, text[at])):
            at += 1
            place += 1
        elif star >= 0:
            start += 1
            place, at = star + 1, start
        else:
            return False
    return all(token == (True, _ANY_TEXT) for token in tokens[place:])


def escape_like(text: str) -> str:
    """Write a text so that a pattern matches exactly it."""
    return "".join(_ESCAPE + c if c in (_ANY_TEXT, _ANY_CHARACTER, _ESCAPE) else c for c in text)


@lru_cache(maxsize=256)
def _tokens(pattern: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    characters = iter(pattern)
    for character in characters:
        if character == _ESCAPE:
            tokens.append((False, next(characters, _ESCAPE)))
        else:
            tokens.append((character in (_ANY_TEXT, _ANY_CHARACTER), character))
    return tuple(tokens)
