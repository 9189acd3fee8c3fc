"""Narrative blocks back to lines of text.

A case holds plain text, one line a paragraph. Paragraphs, rows of a table, items of a list and line breaks end a
line; the cells of a row stand beside each other. A break of the source text inside a paragraph is a blank: a
document is often indented by an editor.

Source: HL7 CDA R2 section 4.3.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from xds_adapter.cda.tree import name_of
from xds_adapter.xmlio import Element

CELL_SEPARATOR = " | "
LABEL_SEPARATOR = " : "
_BLOCKS = frozenset({"paragraph", "tr", "item", "caption", "list", "table", "thead", "tbody", "tfoot", "text"})
_CELLS = frozenset({"td", "th"})
_BROKEN = re.compile(r"[ \t]*[\r\n]\s*")


@dataclass(slots=True)
class Line:
    """One line of a narrative.

    Attributes:
        heading: True when it is a row of header cells, a caption, or bold from end to end.
        elements: The elements whose words it holds, outermost first.
    """

    text: str = ""
    heading: bool = False
    elements: list[Element] = field(default_factory=list)


def plain(text: str | None) -> str:
    """Return character data as one line: a break with its indentation is a blank, other blanks stay."""
    if not text:
        return ""
    return _BROKEN.sub(" ", text) if "\n" in text or "\r" in text else text


def own_words(element: Element) -> str:
    """Return the words of an element that holds no line structure, e.g. a title or a name."""
    words = "".join(cast("Iterator[str]", element.itertext()))
    return plain(words).strip() if "\n" in words or "\r" in words else words


class _Lines:
    def __init__(self) -> None:
        self.lines: list[Line] = [Line()]
        self._open: list[Element] = []

    def write(self, text: str | None) -> None:
        line = self.lines[-1]
        more = plain(text)
        line.text += more.lstrip() if line.text.endswith(CELL_SEPARATOR) else more

    def end(self) -> None:
        # What a break divides is in the same elements before and after it.
        following = Line(elements=[*self._open])
        if self.lines[-1].text.strip():
            self.lines.append(following)
        else:
            self.lines[-1] = following

    def read(self, element: Element) -> None:
        """Write an element's words, not its tail."""
        name = name_of(element)
        block = name in _BLOCKS
        if block or name == "br":
            self.end()
        elif name in _CELLS and self.lines[-1].text.strip():
            self.lines[-1].text = self.lines[-1].text.rstrip() + CELL_SEPARATOR
        self.lines[-1].elements.append(element)
        self._open.append(element)
        self.write(element.text)
        for child in element:
            self.read(child)
            self.write(child.tail)
        self._open.pop()
        if name == "linkHtml" and (href := element.get("href", "")) and href not in (element.text or ""):
            self.write(f" ({href})")
        if block:
            self._mark_heading(element, name)
            self.end()

    def _mark_heading(self, element: Element, name: str) -> None:
        cells_of_header = name == "tr" and len(element) and all(name_of(cell) == "th" for cell in element)
        self.lines[-1].heading = bool(name == "caption" or cells_of_header or _is_bold(element, name))


def _is_bold(element: Element, name: str) -> bool:
    if name != "paragraph" or len(element) != 1 or (element.text or "").strip():
        return False
    child = element[0]
    return "Bold" in child.get("styleCode", "") and not (child.tail or "").strip()


def is_free(line: Line) -> bool:
    """Tell whether a line stands in no table and holds nothing that an entry may point to."""
    return not any(name_of(element) == "tr" or "ID" in element.attrib for element in line.elements)


def free_words(element: Element | None) -> str:
    """Return the lines of a narrative that stand in no table and that no entry points into."""
    return text_of_lines([line for line in lines_of(element) if is_free(line)])


def closing_words(element: Element | None) -> str:
    """Return the free lines behind the last row of the tables of a narrative."""
    lines = lines_of(element)
    rows = [index for index, line in enumerate(lines) if any(name_of(one) == "tr" for one in line.elements)]
    return text_of_lines([line for line in lines[max(rows, default=-1) + 1 :] if is_free(line)])


def lines_of(element: Element | None) -> list[Line]:
    """Return the lines of a narrative element; empty lines are left out."""
    if element is None:
        return []
    found = _Lines()
    found.read(element)
    kept = [line for line in found.lines if line.text.strip()]
    for line in kept:
        line.text = line.text.strip()
    return kept


def text_of_lines(lines: list[Line]) -> str:
    """Return lines as the text of a case."""
    return "\n".join(line.text for line in lines)


def words_of(element: Element | None) -> str:
    """Return what a narrative element says as the text of a case."""
    return text_of_lines(lines_of(element))


def labelled_words_of(anchor: Element) -> str:
    """Return the words of an anchor, with the cells after it when the anchor is only their label.

    Some documents mark the first cell of a row, ``Informations transmises``, and write the information in the next.
    """
    words = words_of(anchor)
    later = [*_later_cells(anchor)]
    if not later or any(_has_anchor(cell) for cell in later):
        return words
    beside = [said for cell in later if (said := words_of(cell))]
    return LABEL_SEPARATOR.join((words, *beside))


def _later_cells(anchor: Element) -> Iterator[Element]:
    cell = anchor.getparent()
    if cell is None or name_of(cell) != "td" or len(cell) != 1 or (cell.text or "").strip():
        return iter(())
    return cell.itersiblings()


def _has_anchor(element: Element) -> bool:
    return any("ID" in part.attrib for part in element.iter())
