"""Search the value sets by what people type: parts of a code or of a French display name.

A member is found when every word of the text stands in its code or display name, without regard to case and accents.
The best comes first: the code itself, a code that begins so, a display name that is or begins with the text, then
whole words, beginnings of words, and parts of words. French LOINC names write modalities in short (RM, CT, RX), people
say IRM, scanner, radio: both are found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xds_adapter.vocabulary.folding import folded
from xds_adapter.vocabulary.value_sets import Member, ValueSet

_WORD = re.compile(r"[^\W_]+")
_SHORT_NAMES = {"irm": "rm", "mri": "rm", "scanner": "ct", "tdm": "ct", "radio": "rx", "radiographie": "rx"}
"""How French LOINC names abbreviate what people say."""
_LONGEST_TEXT = 200
"""So many characters of a text are looked at: nobody types more."""
_LEFT_OUT = 6
"""So many of the first words are left out in turn to find a better text."""
_LAST_RANK = 7


@dataclass(frozen=True, slots=True)
class Hit:
    """A member that was found, with the set that holds it."""

    value_set: ValueSet
    member: Member


def search(text: str, value_sets: Iterable[ValueSet]) -> list[Hit]:
    """Return the members whose code and display name hold every word of `text`, the best first.

    Args:
        text: Words, or (part of) a code; case and accents do not matter.
        value_sets: Where to look; among equals the shorter name goes first, then the order of the publisher.
    """
    wanted = _normal(text)
    words = wanted.split()
    found = [
        (_rank(wanted, words, *names), len(names[1]), Hit(value_set, member))
        for value_set in value_sets
        for names, member in zip(value_set.folded, value_set.members, strict=True)
        if words and all(_holds(names, word) for word in words)
    ]
    return [hit for _, _, hit in sorted(found, key=lambda row: row[:2])]


def suggestions(text: str, value_sets: Iterable[ValueSet]) -> list[str]:
    """Say how a text that finds nothing could be corrected, the nearest first.

    A word that stands nowhere is replaced by the nearest one that does; words that only never stand together are tried
    without one of them.

    Returns:
        Texts that find something; none when nothing is near.
    """
    sets = tuple(value_sets)
    words = [*dict.fromkeys(_normal(text).split())]
    known = {word for value_set in sets for pair in value_set.folded for word in (pair[0], *_WORD.findall(pair[1]))}
    corrected = [word if any(word in other for other in known) else _nearest(word, known) for word in words]
    tried = [corrected, *(corrected[:index] + corrected[index + 1 :] for index in range(min(len(words), _LEFT_OUT)))]
    texts = dict.fromkeys(" ".join(filter(None, those)) for those in tried)
    return [other for other in texts if search(other, sets)]


def _normal(text: str) -> str:
    return " ".join(folded(text[:_LONGEST_TEXT]).split())


def _holds(names: tuple[str, str], word: str) -> bool:
    if word in names[0] or word in names[1]:
        return True
    short = _SHORT_NAMES.get(word)
    return short is not None and short in names[1] and short in _WORD.findall(names[1])


def _nearest(word: str, known: Iterable[str]) -> str:
    alike = [other for other in known if abs(len(other) - len(word)) < 4]
    return next(iter(difflib.get_close_matches(word, sorted(alike), n=1, cutoff=0.6)), "")


def _rank(wanted: str, words: list[str], code: str, display: str) -> int:
    return next((rank for rank, met in enumerate(_tests(wanted, words, code, display)) if met), _LAST_RANK)


def _tests(wanted: str, words: list[str], code: str, display: str) -> Iterator[bool]:
    yield code == wanted
    yield display == wanted
    yield code.startswith(wanted)
    begins = display.startswith(wanted)
    yield begins and not display[len(wanted) :][:1].isalnum()
    there = {code, *_WORD.findall(display)}
    yield all(word in there or _SHORT_NAMES.get(word) in there for word in words)
    yield begins
    yield all(any(other.startswith(word) for other in there) for word in words)
