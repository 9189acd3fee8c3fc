"""The canonical form of an ebXML message: two messages that say the same have the same form.

What the form leaves out, and why nothing is lost by it:

- prefixes, blanks between elements, comments: XML's own freedom;
- blanks around a slot value, and values that are empty: formatting of pretty-printers (IHE defines no such value);
- the order of slots and of classifications and identifiers of different schemes: each is found by its name or
  scheme; the order of several of one scheme (authors, codes) is kept;
- the order of objects of different kinds: they point at each other by id, and a list has no other order;
- @id and @lid of nested Classifications and ExternalIdentifiers: nothing refers to it, a registry makes its own;
- @objectType where the element's name says the same (nested elements, Association, RegistryPackage);
- the label Classification as sibling of its RegistryPackage: IHE ITI TF-3 4.2.1.2 allows both places;
- empty Name and Description, and nodeRepresentation="" of an author: the same as none;
- Name of an ExternalIdentifier: its scheme says the same;
- xml:lang and charset of a text when they are the defaults of rim.xsd (en-US, UTF-8);
- a scheme UUID broken over two lines by a pretty-printer;
- several Values of a query parameter, and blanks in its list: TF-2 3.18.4.1.2.3.5 reads them as one list;
- VersionInfo of nested elements: XDS gives versions to objects only;
- home="" and isOpaque="false": the same as none, by their meaning and by the default of rim.xsd;
- highestSeverity, and severity where it is the default of rs.xsd: both follow from the errors;
- xsi:schemaLocation: a hint to editors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from tests.messages import NAMESPACES
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.namespaces import QUERY, RIM, RS, XML, XSI, qname
from xds_adapter.vocabulary.status import Severity

SLOT = qname(RIM, "Slot")
CLASSIFICATION = qname(RIM, "Classification")
EXTERNAL_IDENTIFIER = qname(RIM, "ExternalIdentifier")
NAME = qname(RIM, "Name")
DESCRIPTION = qname(RIM, "Description")
VERSION_INFO = qname(RIM, "VersionInfo")
EXTRINSIC_OBJECT = qname(RIM, "ExtrinsicObject")
PACKAGE = qname(RIM, "RegistryPackage")
ASSOCIATION = qname(RIM, "Association")
ADHOC_QUERY = qname(RIM, "AdhocQuery")
OBJECT_LIST = qname(RIM, "RegistryObjectList")

_HINTS = {qname(XSI, "schemaLocation"), "highestSeverity"}
_NESTED = {CLASSIFICATION, EXTERNAL_IDENTIFIER}
_SCHEMES = {"classificationScheme", "identificationScheme"}
_ITEM = re.compile(r"'(?:[^']|'')*'|[0-9]+")
_DEFAULTS: dict[str, dict[str, str]] = {
    EXTRINSIC_OBJECT: {"isOpaque": "false"},
    PACKAGE: {"objectType": ebrim.OBJECT_TYPE_PACKAGE},
    ASSOCIATION: {"objectType": ebrim.OBJECT_TYPE_ASSOCIATION},
    CLASSIFICATION: {"objectType": ebrim.OBJECT_TYPE_CLASSIFICATION, "nodeRepresentation": ""},
    EXTERNAL_IDENTIFIER: {"objectType": ebrim.OBJECT_TYPE_EXTERNAL_IDENTIFIER},
    qname(RIM, "LocalizedString"): {qname(XML, "lang"): "en-us", "charset": "utf-8"},
    qname(RS, "RegistryError"): {"severity": Severity.ERROR},
    qname(QUERY, "AdhocQueryRequest"): {"federated": "false", "startIndex": "0", "maxResults": "-1"},
}

Form = tuple[str, Any]


def canonical(message: etree._Element) -> Form:
    """The canonical form of an element: its tag, and its attributes, text and children."""
    return _form(message, _labels(message))


def _labels(message: etree._Element) -> dict[str, etree._Element]:
    """The labels that stand beside their packages, by the id of the package."""
    beside = message.findall(".//rim:RegistryObjectList/rim:Classification", NAMESPACES)
    return {label.get("classifiedObject", ""): label for label in beside}


def _form(element: etree._Element, labels: dict[str, etree._Element]) -> Form:
    tag = str(element.tag)
    if tag == SLOT:
        return (f"Slot {element.get('name')}", _slot_values(element))
    children = [child for child in element if not _says_nothing(child, element)]
    if tag == PACKAGE and (label := labels.get(element.get("id", ""))) is not None:
        children.append(label)
    forms = [_form(child, labels) for child in sorted(children, key=lambda child: _rank(child, labels))]
    return (tag, [*_attributes(element), *_text(element), *forms])


def _says_nothing(child: etree._Element, parent: etree._Element) -> bool:
    if parent.tag == EXTERNAL_IDENTIFIER and child.tag == NAME:
        return True
    if parent.tag in _NESTED and child.tag == VERSION_INFO:
        return True
    if parent.tag == OBJECT_LIST and child.tag == CLASSIFICATION:
        return True
    return child.tag in {NAME, DESCRIPTION} and not any(text.get("value") for text in child)


def _rank(child: etree._Element, labels: dict[str, etree._Element]) -> tuple[str, ...]:
    """What children are sorted by; the order of those that have it in common is kept."""
    tag = str(child.tag)
    if tag == PACKAGE:
        beside = labels.get(child.get("id", ""))
        label = child.find("rim:Classification[@classificationNode]", NAMESPACES) if beside is None else beside
        return (tag, "" if label is None else label.get("classificationNode", ""))
    keys = ("name", "classificationScheme", "classificationNode", "identificationScheme")
    return (tag, *("".join(child.get(key, "").split()) for key in keys if tag in {SLOT, *_NESTED}))


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    tag = str(element.tag)
    defaults = _DEFAULTS.get(tag, {})
    for key, value in sorted(element.items()):
        name, text = str(key), str(value)
        if name in _HINTS or (name in {"id", "lid"} and tag in _NESTED) or (name == "home" and not text):
            continue
        if name in _SCHEMES:
            text = "".join(text.split())
        if text.lower() != defaults.get(name, f"not {text}").lower():
            yield name, text


def _text(element: etree._Element) -> Iterator[str]:
    text = (element.text or "").strip()
    if text:
        yield text


def _slot_values(slot: etree._Element) -> list[str]:
    texts = [(value.text or "").strip() for value in slot.iterfind("rim:ValueList/rim:Value", NAMESPACES)]
    values = [text for text in texts if text]
    parent = slot.getparent()
    if parent is None or parent.tag != ADHOC_QUERY:
        return values
    items = [item for text in values for item in _ITEM.findall(text)]
    return [("list of " if any(text.startswith("(") for text in values) else "") + "texts", *items]
