"""The coded facts of a CDA document, so that two documents can be compared by what they say.

A fact is what an element says by its attributes, or a leaf of the header by its text, together with the names on the
way to it. Sections and entries are named with their most special French template id, so that facts of two sections
cannot be mistaken for each other. What is left out, and why nothing is lost by it:

- template ids, realm and type: they say which rules the document follows, not what it says;
- display names and names of code systems: words for a code;
- nullFlavor: says that there is no fact;
- the narrative of sections and links into it: words;
- classCode, moodCode and their like where the schema fixes them: the element's name says the same;
- statusCode: fixed by the entry's template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from xds_adapter.cda.build import build
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.parse import ParsedCase
from xds_adapter.cda.tree import name_of, read_tree, xpath_of
from xds_adapter.xmlio import Element

_MODEL_ROOT = "1.2.250.1.213.1.1."
_NAMED_BY_TEMPLATE = {"section", "observation", "act", "organizer", "supply", "substanceAdministration", "procedure"}
_NO_FACTS = {"templateId", "typeId", "realmCode", "statusCode"}
_FIXED = {"moodCode", "determinerCode", "contextControlCode", "contextConductionInd", "inversionInd", "typeCode",
          "classCode", "displayName", "codeSystemName", "nullFlavor", "type", "schemaLocation", "ID",
          "representation"}  # fmt: skip
_TELLING = {("participant", "typeCode"), ("relatedEntity", "classCode"), ("relatedDocument", "typeCode")}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: where it stands by names, and what it says."""

    context: str
    says: tuple[str, ...]


def facts(document: bytes) -> list[tuple[Fact, str]]:
    """The facts of a document in its order, each with its XPath."""
    root = read_tree([document])
    places: dict[Element, str] = {}
    return [(Fact(context, says), xpath_of(element, places)) for element, context, says in _walk(root, "")]


def contexts(document: bytes) -> dict[str, str]:
    """The names on the way to each element of a document, by its XPath."""
    root = read_tree([document])
    places: dict[Element, str] = {}
    names = {root: "/ClinicalDocument"}
    for element in root.iterdescendants():
        parent = element.getparent()
        assert parent is not None
        names[element] = f"{names[parent]}/{name_of(element)}{_template(element)}"
    return {xpath_of(element, places): name for element, name in names.items()}


def _walk(element: Element, above: str) -> Iterator[tuple[Element, str, tuple[str, ...]]]:
    name = name_of(element)
    if name in _NO_FACTS or (name == "text" and above.endswith("]") and "section[" in above.rpartition("/")[2]):
        return
    context = f"{above}/{name}{_template(element)}"
    says = tuple(_says(element, name))
    if says:
        yield element, context, says
    for child in element:
        yield from _walk(child, context)


def _template(element: Element) -> str:
    if name_of(element) not in _NAMED_BY_TEMPLATE:
        return ""
    roots = [child.get("root", "") for child in element if name_of(child) == "templateId"]
    ends = [root.removeprefix(_MODEL_ROOT) for root in roots if root.startswith(_MODEL_ROOT)]
    # A more special model of a simple observation is still that observation.
    return f"[{'.'.join(max(ends, default='').split('.')[:2])}]"


def _says(element: Element, name: str) -> Iterator[str]:
    for key, value in sorted(cast("dict[str, str]", element.attrib).items()):
        attribute = key.rpartition("}")[2]
        if attribute in _FIXED and (name, attribute) not in _TELLING:
            continue
        if name == "originalText" or (name == "reference" and ("#" in value or ":" not in value)):
            continue
        yield f"{attribute}={value.strip().upper() if is_uuid(value) else value.strip()}"
    text = " ".join((element.text or "").split())
    if text and not len(element):
        yield "".join(text.split()) if element.get("representation") == "B64" else text


def told_anew(parsed: ParsedCase) -> Counter[Fact]:
    """The facts of the document that is built of a case."""
    return Counter(fact for fact, _ in facts(build(parsed.kind, parsed.case)))


def vanished(document: bytes, parsed: ParsedCase) -> list[tuple[str, Fact]]:
    """The facts of a document that the one built of its case does not tell, and that no note at their place names."""
    anew = told_anew(parsed)
    missing = []
    # What has a note may be missing, so it takes no place from what has none.
    for fact, xpath in sorted(facts(document), key=lambda pair: is_noted(pair[1], parsed)):
        if anew[fact]:
            anew[fact] -= 1
        elif not is_renewed(fact) and not is_noted(xpath, parsed):
            missing.append((xpath, fact))
    return missing


def is_renewed(fact: Fact) -> bool:
    """The id of a section or entry, which nobody gives and a builder makes."""
    root = fact.says[-1].removeprefix("root=")
    return fact.context.endswith("]/id") and len(fact.says) == 1 and is_uuid(root)


def is_noted(xpath: str, parsed: ParsedCase) -> bool:
    """A note names the element or one that it stands in; one on the document as a whole excuses nothing."""
    places = (note.xpath for note in parsed.notes if note.xpath != "/ClinicalDocument")
    return any(xpath == place or xpath.startswith(f"{place}/") for place in places)
