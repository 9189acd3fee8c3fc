"""The classes and data types of CDA R2, read from `tables/classes.txt`: what an element may hold, and how often.

The notation of the table stands at its top. The table is read once, at the first document; the pattern of a class is
compiled when its first element comes.

Source: HL7 CDA R2 (POCD_MT000040); HL7 v3 data types R1; DICOM PS3.20; the extensions ``sdtc``, ``pharm`` and ``lab``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from xds_adapter.vocabulary.namespaces import CDA, DICOM_CDA, LAB, PHARM, SDTC, XSI, qname

TABLES = Path(__file__).with_name("tables")
XSI_TYPE = qname(XSI, "type")
MANY = 1_000_000
_SPACES = {"": CDA, "sdtc": SDTC, "ps3-20": DICOM_CDA, "pharm": PHARM, "lab": LAB}
_TOKEN = re.compile(r"((?:[\w-]+:)?[A-Za-z]\w*):(\*|[A-Za-z][\w.]*)")
_INFRASTRUCTURE = "realmCode:CS* typeId:InfrastructureRoot.typeId? templateId:II* "
_FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII | re.DOTALL)
    for name, pattern in {
        "any": r".*",
        "st": r".+",
        "cs": r"\s*\S+\s*",
        "bl": r"\s*(true|false)\s*",
        "uid": r"[0-2](\.(0|[1-9][0-9]*))*|[0-9a-zA-Z]{8}(-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}|[A-Za-z][A-Za-z0-9-]*",
        "ts": r"[0-9]{1,8}|([0-9]{9,14}|[0-9]{14}\.[0-9]+)([+-][0-9]{1,4})?",
        "int": r"\s*[+-]?[0-9]+\s*",
        "real": r"\s*([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF|NaN)\s*",
        "url": r"[^\s<>\"{}|\\^`]*",
        "ID": r"\s*[^\W\d][\w.-]*\s*",
        "IDREF": r"\s*[^\W\d][\w.-]*\s*",
        "IDREFS": r"\s*[^\W\d][\w.-]*(\s+[^\W\d][\w.-]*)*\s*",
    }.items()
}
# Names in XML are not limited to ASCII.
for _name in ("ID", "IDREF", "IDREFS"):
    _FORMS[_name] = re.compile(_FORMS[_name].pattern)


def clark(name: str) -> str:
    """Write a short name as an element has it, e.g. ``{urn:hl7-org:v3}id``."""
    prefix, _, local = name.rpartition(":")
    return qname(_SPACES[prefix], local)


@dataclass(frozen=True, slots=True)
class Attribute:
    """What an attribute may hold.

    Attributes:
        words: What it may hold, for a message.
        fits: Tells whether a value does.
    """

    name: str
    form: str
    words: str
    required: bool
    fits: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Particle:
    """A child as its class lists it; those of one choice share a place."""

    name: str
    tag: str
    place: int
    required: bool
    many: bool


@dataclass(frozen=True, kw_only=True)
class CdaClass:
    """A class or data type.

    Attributes:
        base: Name of the class that it extends or restricts.
        content: Its children in the notation of the table.
        mixed: Text may stand between its children.
        attributes: By Clark name.
    """

    name: str
    base: str
    content: str
    mixed: bool
    attributes: Mapping[str, Attribute] = field(repr=False)

    @cached_property
    def children(self) -> Mapping[str, str]:
        """Class of a child by its Clark name."""
        return {clark(name): kind for name, kind in _TOKEN.findall(self.content)}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Attributes that must be there."""
        return tuple(name for name, attribute in self.attributes.items() if attribute.required)

    @cached_property
    def _letters(self) -> dict[str, str]:
        return {tag: chr(0xE000 + number) for number, tag in enumerate(self.children)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        letters = self._letters
        return re.compile(_TOKEN.sub(lambda token: letters[clark(token[1])], self.content).replace(" ", ""))

    def accepts(self, tags: tuple[str, ...]) -> bool:
        """Tell whether these may be all the children, in this order."""
        letters = self._letters
        try:
            word = "".join([letters[tag] for tag in tags])
        except KeyError:
            return False
        return self._pattern.fullmatch(word) is not None

    @cached_property
    def particles(self) -> tuple[Particle, ...]:
        """Its children in their order, without the grouping."""
        return tuple(_particles(self.content))


def _particles(content: str) -> Iterator[Particle]:
    """Read the order off the notation: what stands in brackets with a bar shares a place and is not required."""
    depth = choice = place = 0
    seen: set[str] = set()
    for token in re.finditer(
        r"\(|\)|\||(?P<name>(?:[\w-]+:)?[A-Za-z]\w*):(?:\*|[A-Za-z][\w.]*)(?P<count>[?*+]?)", content
    ):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")":
            depth -= 1
            if depth == 0:
                place += 1
        elif token[0] == "|":
            choice += 1
        elif token["name"] not in seen:
            seen.add(token["name"])
            needed = depth == 0 and token["count"] in ("", "+")
            many = token["count"] in ("*", "+") or (depth > 0 and bool(re.search(r"\)[*+]", content)))
            yield Particle(token["name"], clark(token["name"]), place, needed, many)
            place += depth == 0


@cache
def classes() -> Mapping[str, CdaClass]:
    """All classes by name."""
    lists: dict[str, frozenset[str]] = {}
    several: set[str] = set()
    parts: dict[str, str] = {}
    found: dict[str, CdaClass] = {}
    for line in (TABLES / "classes.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("="):
            name, *codes = line[1:].split()
            lists[name.rstrip("*")] = frozenset(codes)
            several |= {name[:-1]} if name.endswith("*") else set()
        elif line.startswith("$"):
            name, _, content = line[1:].partition(" ")
            parts[name] = content
        else:
            read = _class(line, parts, lists, several, found)
            found[read.name] = read
    return found


def _class(
    line: str,
    parts: Mapping[str, str],
    lists: Mapping[str, frozenset[str]],
    several: set[str],
    known: dict[str, CdaClass],
) -> CdaClass:
    head, _, rest = line.partition(" :")
    name, _, base = head.partition(" < ")
    content, _, written = rest.partition(";")
    content = content.strip()
    mixed = content.startswith("~~")
    content = content.removeprefix("~~").strip()
    if content.startswith("~"):
        content = _INFRASTRUCTURE + content[1:]
    content = re.sub(r"\$(\w+)", lambda part: parts[part[1]], content)
    attributes = dict(known[base].attributes) if base else {}
    for item in written.split():
        if item.startswith("-"):
            del attributes[item[1:]]
        else:
            attribute = _attribute(item, lists, several)
            attributes[attribute.name] = attribute
    return CdaClass(name=name, base=base, content=content.strip(), mixed=mixed, attributes=attributes)


def _attribute(item: str, lists: Mapping[str, frozenset[str]], several: set[str]) -> Attribute:
    required = item.endswith("!")
    item = item.removesuffix("!")
    if "=" in item:
        name, _, value = item.partition("=")
        return Attribute(_attribute_name(name), "fixed", value, required, frozenset({value}).__contains__)
    name, _, form = item.rpartition(":")
    name = _attribute_name(name)
    if form in _FORMS:
        return Attribute(name, form, form, required, _FORMS[form].fullmatch)
    codes = lists[form] if form in lists else frozenset(form.strip("{}").split("|"))
    words = ", ".join(sorted(codes)) if len(codes) < 20 else form
    fits: Callable[[str], object] = (
        (lambda value: codes.issuperset(value.split())) if form in several else codes.__contains__
    )
    return Attribute(name, form, words, required, fits)


def _attribute_name(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return qname(_SPACES[prefix], local) if prefix else local


@cache
def is_kind_of(name: str, other: str) -> bool:
    """Tell whether a class is another or derived from it."""
    while name:
        if name == other:
            return True
        name = classes()[name].base if name in classes() else ""
    return False
