"""Checks of sections and entries by the template ids they carry, after `tables/templates.txt`.

Source: ANS CI-SIS, volets IMG-DA-IMG 2024.01, IMG-CR-IMG 2024.01, TLM-DA and TLM-CR 2022.01 and the content models
they use; IHE PCC; DICOM PS3.20.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

from lxml import etree

from xds_adapter.cda.checks.classes import MANY, TABLES, XSI_TYPE, clark
from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.checks.value_sets import attributes_of, code_flaws, code_words
from xds_adapter.cda.tree import all_of, first, name_of
from xds_adapter.vocabulary import cda
from xds_adapter.vocabulary.namespaces import CDA, DICOM_CDA, XSI
from xds_adapter.vocabulary.value_sets import VALUE_SETS
from xds_adapter.xmlio import Element

_SYSTEMS = {"LOINC": cda.LOINC, "DCM": cda.DCM, "SNOMED": cda.SNOMED_CT}
_SPACES = {"c": CDA, "x": DICOM_CDA, "xsi": XSI}
_MODELS = {cda.IMG_CR_IMG: "CR", cda.IMG_DA_IMG: "DA", cda.TLM_DA: "TD"}
# A name, but no text, attribute, prefix, axis or function.
_WORD = re.compile(r"'[^']*'|(?<![@$\w'-])(?<!(?<!:):)[A-Za-z][\w-]*(?![\w-]*\(|[\w-]*:)")
_OPERATORS = frozenset({"and", "or"})
DOCUMENT = "document"
_TAGS: dict[str, str] = {}

Check = Callable[[Element, "Block", list[str]], Iterator[Flaw]]


@dataclass(frozen=True, slots=True)
class Block:
    """What a template asks.

    Attributes:
        words: What to call it.
        checks: Each with the models that ask it; none means all.
        only: Name of the element that is asked; empty when any is.
    """

    template_id: str
    words: str
    checks: tuple[tuple[frozenset[str], Check], ...]
    only: str = ""

    def check(self, element: Element, roots: list[str], model: str) -> Iterator[Flaw]:
        """Check an element that carries the template."""
        if self.only and name_of(element) != self.only:
            return
        for models, check in self.checks:
            if not models or model in models:
                yield from check(element, self, roots)


def expression(text: str) -> str:
    """Write an expression of the table as XPath: names with their namespace, template ids and codes spelled out."""
    text = re.sub(r"\{([\d.]+)\}", r"[templateId/@root='\1']", text)
    text = re.sub(r"<([\w-]+)>", r"[code/@code='\1']", text)
    return _WORD.sub(lambda word: word[0] if word[0][0] == "'" or word[0] in _OPERATORS else f"c:{word[0]}", text)


def _xpath(text: str) -> Callable[[Element], Any]:
    return etree.XPath(expression(text), namespaces=_SPACES)


def _range(text: str) -> tuple[int, int]:
    if not text:
        return 1, MANY
    least, dots, most = text.partition("..")
    return int(least), int(most or MANY) if dots else int(least)


def _is(arguments: str) -> Check:
    name, classes, moods = arguments.split()

    def check(element: Element, block: Block, _: list[str]) -> Iterator[Flaw]:
        if name not in ("?", name_of(element)):
            yield found("CDA-306", element, template=block.words, what="element", value=name_of(element), expected=name)
        for attribute, allowed in (("classCode", classes), ("moodCode", moods)):
            value = element.get(attribute)
            # The class model asks for both attributes, so one that is missing is told there.
            if allowed != "*" and (value or "") not in allowed.split(","):
                yield found(
                    "CDA-306", element, template=block.words, what=attribute, value=value or "", expected=allowed
                )

    return check


def _with(arguments: str) -> Check:
    partners = arguments.split()

    def check(element: Element, block: Block, roots: list[str]) -> Iterator[Flaw]:
        for partner in partners:
            if partner not in roots:
                yield found("CDA-301", element, template=block.words, root=partner)

    return check


def _wish(arguments: str) -> Check:
    def check(element: Element, block: Block, roots: list[str]) -> Iterator[Flaw]:
        if arguments not in roots:
            yield found("CDA-308", element, template=block.words, root=arguments)

    return check


def _ids(arguments: str) -> Check:
    least, most = _range(arguments)

    def check(element: Element, block: Block, roots: list[str]) -> Iterator[Flaw]:
        if not least <= len(roots) <= most:
            yield found("CDA-302", element, template=block.words, count=len(roots), expected=arguments)

    return check


def _code(arguments: str) -> Check:
    code, name = arguments.split()
    system = _SYSTEMS[name]

    def check(element: Element, block: Block, _: list[str]) -> Iterator[Flaw]:
        for child in element.iterchildren(_tag("code")):
            if child.get("code") == code and child.get("codeSystem") == system:
                return
        yield found("CDA-303", element, template=block.words, code=code, system=f"{name} {system}")

    return check


def _status(arguments: str) -> Check:
    def check(element: Element, block: Block, _: list[str]) -> Iterator[Flaw]:
        if not any(child.get("code") == arguments for child in element.iterchildren(_tag("statusCode"))):
            yield found("CDA-307", element, template=block.words, code=arguments)

    return check


def _tag(name: str) -> str:
    return _TAGS.get(name) or _TAGS.setdefault(name, clark(name))


def _has(arguments: str) -> Check:
    path, _, written = arguments.rpartition(" ") if re.search(r" \d+(\.\.\d*)?$", arguments) else (arguments, "", "")
    least, most = _range(written)
    if re.fullmatch(r"\w+", path):
        tag = clark(path)

        def count(element: Element) -> int:
            return sum(1 for _ in element.iterchildren(tag))
    else:
        select = _xpath(path)

        def count(element: Element) -> int:
            return len(select(element))

    def check(element: Element, block: Block, _: list[str]) -> Iterator[Flaw]:
        number = count(element)
        if number < least:
            yield found("CDA-304", element, template=block.words, element=_shown(path))
        elif number > most:
            yield found("CDA-305", element, template=block.words, element=_shown(path), count=number, most=most)

    return check


def _shown(path: str) -> str:
    """Write a path of the table for a reader: templates by their name."""

    def named(match: re.Match[str]) -> str:
        block = blocks().get(match[1])
        return f"[{block.words}]" if block else f"[templateId {match[1]}]"

    return re.sub(r"\{([\d.]+)\}", named, re.sub(r"<([\w-]+)>", r"[code \1]", path)).removeprefix(".//")


def _in(arguments: str, *, or_null: bool = False) -> Check:
    path, name = arguments.rsplit(" ", 1)
    select = _xpath(path)
    value_set = VALUE_SETS[name]

    def check(element: Element, _: Block, __: list[str]) -> Iterator[Flaw]:
        for coded in cast("list[Element]", select(element)):
            kind = coded.get(XSI_TYPE)
            if coded.get("nullFlavor") is not None:
                if not or_null:
                    yield found("CDA-403", coded, element=name_of(coded), value_set=value_set)
            elif kind in (None, "CD", "CE"):
                yield from code_flaws(coded, value_set, attributes_of(coded), error_on_system=True)

    return check


def _wish_in(arguments: str) -> Check:
    path, name = arguments.rsplit(" ", 1)
    select = _xpath(path)
    value_set = VALUE_SETS[name]

    def check(element: Element, _: Block, __: list[str]) -> Iterator[Flaw]:
        for coded in cast("list[Element]", select(element)):
            code = coded.get("code")
            if code is not None and value_set.find(code, coded.get("codeSystem", "")) is None:
                yield found("CDA-402", coded, **code_words(value_set, attributes_of(coded)))

    return check


def _must(arguments: str) -> Check:
    rule, text = arguments.split(" ", 1)
    holds = _xpath(f"boolean({text})")

    def check(element: Element, block: Block, _: list[str]) -> Iterator[Flaw]:
        if not holds(element):
            yield found(rule, element, template=block.words)

    return check


_KEYWORDS: Mapping[str, Callable[[str], Check]] = {
    "is": _is,
    "with": _with,
    "wish": _wish,
    "ids": _ids,
    "code": _code,
    "status": _status,
    "has": _has,
    "in": _in,
    "ornull": partial(_in, or_null=True),
    "wishin": _wish_in,
    "must": _must,
}


@cache
def blocks() -> Mapping[str, Block]:
    """All templates by id; the one called ``document`` is about the document itself."""
    read: dict[str, Block] = {}
    head, only, checks = "", "", list[tuple[frozenset[str], Check]]()
    for line in [*(TABLES / "templates.txt").read_text(encoding="utf-8").splitlines(), "@"]:
        if line.startswith("@"):
            template_id, _, words = head.partition(" ")
            read[template_id] = Block(template_id, words, tuple(checks), only)
            head, only, checks = line[1:].strip(), "", []
        elif line.startswith("on "):
            only = line[3:]
        elif line and not line.startswith("#"):
            match = re.match(r"(?:([A-Z,]+): )?(\w+) (.*)", line)
            if match is None:
                raise ValueError(f"templates.txt: {line}")
            models = frozenset(match[1].split(",")) if match[1] else frozenset[str]()
            checks.append((models, _KEYWORDS[match[2]](match[3])))
    return read


def model_of(root: Element) -> str:
    """Say which model's rules apply to a document: CR, DA, TD, TC; empty when none of them."""
    roots = {template.get("root") for template in all_of(root, "templateId")}
    for template, model in _MODELS.items():
        if template in roots:
            return "" if first(root, "component/nonXMLBody") is not None else model
    code = first(root, "code")
    is_report = code is not None and code.get("code") == cda.TELEMEDICINE_REPORT_CODE
    return "TC" if cda.LEVEL_1 in roots and is_report else ""


def templates(root: Element, templated: list[tuple[Element, list[str]]]) -> Iterator[Flaw]:
    """Check every element by its templates (CDA-301 to CDA-403)."""
    model = model_of(root)
    known = blocks()
    for element, roots in templated:
        if element is root:
            yield from known[DOCUMENT].check(element, roots, model)
        for template in dict.fromkeys(roots):
            block = known.get(template)
            if block is not None:
                yield from block.check(element, roots, model)
