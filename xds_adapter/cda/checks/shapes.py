"""What stands where: the class of every element, and in the header what France asks of it besides.

A shape is a class of the model at a place. Most places ask nothing more than their class; those of the header have a
row of `tables/header.txt`. Shapes are made as elements come and are kept, with what is known of their sound elements.

Source: HL7 CDA R2; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from xds_adapter.cda.checks.classes import MANY, TABLES, CdaClass, clark, classes
from xds_adapter.xmlio import Element

_PREDICATE = re.compile(r"(?P<name>[\w:-]+?)(?:\[(?P<condition>[^\]]+)\])?$")
ROOT = "ClinicalDocument"


class Condition:
    """To which of the elements of a name a row applies; the notation is that of the table."""

    __slots__ = ("_applies", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._applies = _condition(text)

    def __call__(self, element: Element) -> bool:
        """Tell whether it applies to an element."""
        return self._applies(element)


def _condition(text: str) -> Callable[[Element], bool]:
    name, _, value = text.partition("=")
    child, at, attribute = name.partition("@")
    if text == "!":
        return lambda element: element.get("nullFlavor") is None
    if at and not child:
        return lambda element: element.get(attribute, "") == value
    tag = clark(child.removeprefix("!"))
    if at:
        return lambda element: any(one.get(attribute, "") == value for one in element.iterchildren(tag))
    if child.startswith("!"):
        return lambda element: next(element.iterchildren(tag), None) is None
    return lambda element: next(element.iterchildren(tag), None) is not None


@dataclass(slots=True)
class Row:
    """A line of the header table.

    Attributes:
        condition: Which elements it is about; None means all.
        kind: Data type whose rules apply; ``-`` none.
        null_alone: A nullFlavor may not stand beside a value, here and in everything below.
    """

    name: str
    tag: str
    condition: Condition | None = None
    least: int = 0
    most: int = MANY
    kind: str = "-"
    needs: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    null_alone: bool = False
    rows: list[Row] = field(default_factory=list)

    def rows_of(self, tag: str) -> list[Row]:
        """The lines about children of a name."""
        return [row for row in self.rows if row.tag == tag]

    @property
    def words(self) -> str:
        """What is counted, for a message."""
        condition = self.condition.text if self.condition else ""
        return self.name if condition in ("", "!") or condition.startswith("!") else f"{self.name}[{condition}]"


def _row(text: str) -> Row:
    path, count, kind, *rules = text.split()
    match = _PREDICATE.fullmatch(path)
    if match is None:
        raise ValueError(f"header.txt: {text}")
    least, _, most = count.partition("..")
    options = tuple((name, value) for name, colon, value in (rule.partition(":") for rule in rules) if colon)
    return Row(
        name=match["name"],
        tag=clark(match["name"]),
        condition=Condition(match["condition"]) if match["condition"] else None,
        least=int(least),
        most=MANY if most == "*" else int(most),
        kind=kind,
        needs=tuple(rule for rule in rules if ":" not in rule),
        options=options,
    )


def _lines(parts: Mapping[str, Sequence[tuple[int, str]]], name: str, depth: int = 0) -> Iterator[tuple[int, str]]:
    for own, text in parts[name]:
        if text.startswith("&"):
            yield from _lines(parts, text[1:], depth + own)
        else:
            yield depth + own, text


@cache
def header_rows() -> Row:
    """The row of ClinicalDocument, with all others below it."""
    parts: dict[str, list[tuple[int, str]]] = {}
    part = ""
    for line in (TABLES / "header.txt").read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith(":"):
            part = text[1:]
            parts[part] = []
        elif text and not text.startswith("#"):
            marks = re.match(r">*", text)
            depth = len(marks[0]) if marks else 0
            parts[part].append((depth, text[depth:].strip()))
    root = Row(name=ROOT, tag=clark(ROOT))
    open_rows = [root]
    for depth, text in _lines(parts, "document"):
        row = _row(text)
        del open_rows[depth + 1 :]
        row.null_alone = row.kind != "-" or open_rows[-1].null_alone
        open_rows[-1].rows.append(row)
        open_rows.append(row)
    return root


Items = tuple[tuple[str, str], ...]
Tags = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Verdict:
    """What is known of elements with the same attributes and children.

    Attributes:
        kids: The shape of every child, the last one first.
        no_text: No text may stand in it.
        counted: The header counts children by what stands in them, or compares them.
        noted: Which list of `Survey` it belongs to, or None.
        templates: It carries template ids.
        anchor: It has an ID.
        texts: The header looks at its text.
    """

    kids: tuple[Shape | Fork | None, ...]
    no_text: bool = False
    counted: bool = False
    noted: str | None = None
    templates: bool = False
    anchor: bool = False
    texts: bool = False
    special: bool = field(init=False)

    def __post_init__(self) -> None:
        self.special = self.counted or self.noted is not None or self.templates or self.anchor or self.texts


@dataclass(slots=True, eq=False)
class Shape:
    """A class of the model at a place.

    Attributes:
        cda_class: None where anything may stand.
        row: What the header asks besides, or None.
        known: What was found out about elements without a flaw, by their attributes and children.
    """

    cda_class: CdaClass | None
    row: Row | None = None
    known: dict[tuple[Items, Tags], Verdict] = field(default_factory=dict, repr=False)
    _children: dict[str, Shape | Fork | None] = field(default_factory=dict, repr=False)

    def child(self, tag: str) -> Shape | Fork | None:
        """The shape of children of a name, None when there may be none."""
        if tag not in self._children:
            self._children[tag] = self._find(tag)
        return self._children[tag]

    def _find(self, tag: str) -> Shape | Fork | None:
        if self.cda_class is None:
            return _ANYTHING
        name = self.cda_class.children.get(tag)
        if name is None:
            return None
        plain = self._plain(name, tag)
        rows = self.row.rows_of(tag) if self.row else []
        if not any(row.condition for row in rows):
            return Shape(_class(name), rows[0]) if rows else plain
        return Fork(tuple((row.condition, Shape(_class(name), row)) for row in rows), plain)

    def _plain(self, name: str, tag: str) -> Shape:
        if self.row is not None and self.row.null_alone:
            return Shape(_class(name), Row(name=tag, tag=tag, kind="ANY", null_alone=True))
        return plain_shape(name)


@dataclass(frozen=True, slots=True)
class Fork:
    """Several shapes for one name: which one, only the element can tell."""

    ways: tuple[tuple[Condition | None, Shape], ...]
    other: Shape

    def choose(self, element: Element) -> Shape:
        """The shape of an element."""
        for condition, shape in self.ways:
            if condition is None or condition(element):
                return shape
        return self.other


def _class(name: str) -> CdaClass | None:
    return None if name == "*" else classes()[name]


@cache
def plain_shape(name: str) -> Shape:
    """The shape of a class where nothing is asked besides."""
    return Shape(_class(name))


_ANYTHING = Shape(None)


@cache
def root_shape() -> Shape:
    """The shape of a whole document."""
    return Shape(classes()[ROOT], header_rows())
