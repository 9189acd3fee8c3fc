"""A narrative table taken apart: rows and cells, and whatever stands where HTML allows neither.

Source: HL7 CDA R2 section 4.3.5.7; WCAG 2.2 technique H63 (scope of header cells).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xds_adapter.cda.tree import get, name_of
from xds_adapter.xmlio import Element

MAX_COLSPAN = 100
MAX_ROWSPAN = 1000
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})
_ALIGNMENTS = {"left": "left", "center": "center", "right": "right", "justify": "left"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell; `scope` is empty for one that heads nothing."""

    element: Element
    scope: str
    colspan: int
    rowspan: int
    classes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row and the group it belongs to: ``thead``, ``tbody`` or ``tfoot``."""

    element: Element
    group: str
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class Table:
    """A table.

    Attributes:
        strays: Text and elements that stand beside rows and cells; they go before the table.
        columns: The number of columns of the widest row, spans counted.
    """

    caption: Element | None = None
    rows: list[Row] = field(default_factory=list)
    strays: list[Element | str] = field(default_factory=list)
    columns: int = 0


def read_table(element: Element) -> Table:
    """Take a table element apart."""
    table = Table()
    _texts(table, element)
    for child in element:
        name = name_of(child)
        if name == "caption" and table.caption is None:
            table.caption = child
        elif name in _GROUPS:
            _texts(table, child)
            for row in child:
                _row(table, row, name)
        elif name not in {"col", "colgroup"}:
            _row(table, child, "tbody")
    return table


def _texts(table: Table, element: Element) -> None:
    """Note the text directly in an element that holds rows or cells only."""
    texts = (element.text, *(child.tail for child in element))
    table.strays.extend(text for text in texts if text and text.strip())


def _row(table: Table, element: Element, group: str) -> None:
    if name_of(element) != "tr":
        table.strays.append(element)
        return
    _texts(table, element)
    cells = [child for child in element if name_of(child) in _CELLS]
    table.strays.extend(child for child in element if name_of(child) not in _CELLS)
    if not cells:
        return
    heading_row = group == "thead" or all(name_of(cell) == "th" for cell in cells)
    row = Row(element=element, group=group, cells=tuple(_cell(cell, heading_row=heading_row) for cell in cells))
    table.rows.append(row)
    table.columns = max(table.columns, sum(cell.colspan for cell in row.cells))


def _cell(element: Element, *, heading_row: bool) -> Cell:
    scope = ""
    if heading_row or name_of(element) == "th":
        given = get(element, "scope")
        scope = given if given in _SCOPES else "col" if heading_row else "row"
    return Cell(
        element=element,
        scope=scope,
        colspan=_span(get(element, "colspan"), MAX_COLSPAN),
        rowspan=_span(get(element, "rowspan"), MAX_ROWSPAN),
        classes=_ALIGNMENTS.get(get(element, "align"), ""),
    )


def _span(text: str, most: int) -> int:
    """Read a span; anything but a number of one to `most` is one, as a browser would have it, or the most."""
    if not (text.isascii() and text.isdigit()):
        return 1
    return min(max(int(text[:9]), 1), most)
