"""The document while it is read: what was taken from it, where its links lead, and the notes made on the way.

Whatever a part of the parser takes into the case it marks as seen. What nobody has seen at the end is what the
case cannot carry, and becomes a note: so nothing can vanish in silence.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from typing import Any, cast

from lxml import etree

from xds_adapter.cda.parsing.narrative import labelled_words_of, own_words, words_of
from xds_adapter.cda.parsing.notes import Note, NoteKind
from xds_adapter.cda.tree import all_of, first, get, line_of, xpath_of
from xds_adapter.vocabulary.cda import LOINC
from xds_adapter.xmlio import Element

Case = dict[str, Any]

_ANCHORS = etree.XPath("//*[@ID]")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Base64Text:
    """Takes the text of a base64 element piece by piece, without its blanks."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, text: str) -> None:
        """Take a piece."""
        self._pieces.append("".join(text.split()))

    @property
    def size(self) -> int:
        """Characters taken and not given away."""
        return sum(map(len, self._pieces))

    def take(self) -> str:
        """Return the text and forget it: a case holds it once."""
        text = "".join(self._pieces)
        self._pieces = []
        return text


class Reader:
    """Reads one document.

    Attributes:
        notes: What the case does not say as the document did, in the order of discovery.
        seen: Elements whose facts are in the case or need not be, because every document holds them.
        zone: Zone of the document's own time, ``+0100``; empty when it has none.
    """

    def __init__(self, root: Element, texts: Mapping[Element, Base64Text], lines: array[int]) -> None:
        self.root = root
        self.notes: list[Note] = []
        self.seen: set[Element] = {root}
        self.zone = ""
        self._texts = texts
        self._lines = lines
        self._line_by_element: dict[Element, int] = {}
        self._places: dict[Element, str] = {}
        self._anchors: dict[str, Element] = {}
        for element in cast("list[Element]", _ANCHORS(root)):
            if self._anchors.setdefault(element.get("ID", ""), element) is not element:
                self.note(
                    NoteKind.REPAIRED, element, f"the ID {element.get('ID')!r} is used twice; links lead to the first"
                )

    def see(self, *elements: Element | None) -> None:
        """Mark elements whose facts need no note."""
        self.seen.update(element for element in elements if element is not None)

    def see_all(self, element: Element | None) -> None:
        """Mark an element and everything in it."""
        if element is not None:
            self.seen.update(element.iter())

    def note(self, kind: NoteKind, element: Element, message: str) -> None:
        """Make a note about an element."""
        if self._lines and not self._line_by_element:
            # A document of so many lines that an element cannot tell its own: looked up once for all notes.
            self._line_by_element = dict(zip(self.root.iter(), self._lines, strict=False))
        line = self._line_by_element.get(element) or line_of(element, self._lines)
        self.notes.append(Note(kind=kind, xpath=xpath_of(element, self._places), line=line, message=message))

    def lost(self, element: Element, message: str) -> None:
        """Note what the case form has no place for."""
        self.note(NoteKind.LOST, element, message)

    def repaired(self, element: Element, message: str) -> None:
        """Note what was written wrongly."""
        self.note(NoteKind.REPAIRED, element, message)

    def assumed(self, element: Element, message: str) -> None:
        """Note what was missing."""
        self.note(NoteKind.ASSUMED, element, message)

    def reworded(self, element: Element, message: str) -> None:
        """Note words that a built document will say differently."""
        self.note(NoteKind.REWORDED, element, message)

    def first(self, element: Element, path: str) -> Element | None:
        """Return the first element at a path and mark it and those above it."""
        found = first(element, path)
        self.see(found)
        return found

    def all(self, element: Element, path: str) -> list[Element]:
        """Return the elements at a path and mark them."""
        found = all_of(element, path)
        self.seen.update(found)
        return found

    def constant(self, element: Element, path: str, *codes: str, system: str = LOINC) -> None:
        """Mark a code that a built document always writes; another one stays unseen."""
        found = first(element, path)
        if found is not None and get(found, "code") in codes and get(found, "codeSystem") in ("", system):
            self.see(found)

    def words(self, element: Element, path: str) -> str:
        """Return the words of the first element at a path and mark it."""
        found = self.first(element, path)
        return "" if found is None else own_words(found)

    def binary(self, element: Element) -> str:
        """Return the base64 text of an element without blanks."""
        text = self._texts.get(element)
        return "" if text is None else text.take()

    def binary_size(self, element: Element) -> int:
        """Return how many characters of base64 an element holds that nobody has taken."""
        text = self._texts.get(element)
        return 0 if text is None else text.size

    def target(self, reference: Element) -> Element | None:
        """Return what a link into the narrative points to, or None; a broken link is repaired or noted."""
        value = get(reference, "value")
        found = self._anchors.get(value.removeprefix("#"))
        if found is not None:
            if not value.startswith("#"):
                self.repaired(reference, f"the link {value!r} lacks its #")
            return found
        if value and not _ABSOLUTE.match(value):
            self.repaired(reference, f"the link {value!r} leads to no ID of the document; it is left out")
        elif value:
            self.lost(reference, f"the case form has no place for the link {value}")
        return None

    def anchored(self, identifier: str, *, link: bool = True) -> str:
        """Return the words at an anchor, with the address of a link in them or without.

        A built document marks so what it only tells: no entry points to it.
        """
        anchor = self._anchors.get(identifier)
        if anchor is None:
            return ""
        return words_of(anchor) if link else own_words(anchor)

    def anchor_of(self, element: Element, path: str = "text") -> str:
        """Return the ID of the anchor that an entry points to; empty without one."""
        reference = first(element, f"{path}/reference")
        return "" if reference is None else get(reference, "value").removeprefix("#")

    def linked(self, element: Element, path: str = "text", *, labelled: bool = True) -> str:
        """Return the words that an entry's text, or a code's original text, points to; its own words otherwise.

        Args:
            element: The entry or code.
            path: Where the pointing element is.
            labelled: Take the cells beside an anchor that is only a label, see `labelled_words_of`.
        """
        holder = self.first(element, path)
        if holder is None:
            return ""
        reference = self.first(holder, "reference")
        if reference is None:
            return own_words(holder)
        anchor = self.target(reference)
        if anchor is None:
            return ""
        return labelled_words_of(anchor) if labelled else words_of(anchor)


def worded(reader: Reader, entry: Element, words: str) -> str:
    """Return the words that are all an entry says; note when there are none, because it is then left out."""
    if not words:
        reader.lost(entry, "this entry leads to no words; it is left out")
    return words


def present(**members: Any) -> Case:
    """Return the members that have a value."""
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}
