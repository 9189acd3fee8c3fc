"""Ways to break a submission in XML."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from tests.messages import element, find, slot
from xds_adapter.vocabulary.ebrim import (
    LIMITED_DOCUMENT_ENTRY_NODE,
)

LIST = "rim:RegistryObjectList"
ENTRY = f"{LIST}/rim:ExtrinsicObject"
PACKAGE = f"{LIST}/rim:RegistryPackage"
FOLDER = f"{LIST}/rim:RegistryPackage[2]"
CODE = f"{ENTRY}/rim:Classification[2]"
AUTHOR = f"{ENTRY}/rim:Classification"
IDENTIFIER = f"{ENTRY}/rim:ExternalIdentifier"

Change = Callable[[etree._Element], object]


def remove(message: etree._Element, path: str) -> None:
    found = find(message, path)
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)


def repeat(message: etree._Element, path: str) -> None:
    found = find(message, path)
    found.addnext(deepcopy(found))


def set_attribute(message: etree._Element, path: str, key: str, value: str) -> None:
    find(message, path).set(key, value)


def unset(message: etree._Element, path: str, key: str) -> None:
    del find(message, path).attrib[key]


def set_value(message: etree._Element, slot_name: str, *values: str) -> None:
    """Give a slot of the entry other values."""
    old = find(message, f"{ENTRY}/rim:Slot[@name='{slot_name}']")
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, element(slot(slot_name, *values)))


def split_scheme(message: etree._Element, path: str, key: str) -> None:
    found = find(message, path)
    found.set(key, (found.get(key) or "").replace("-", "-\n   ", 1))


def beside(message: etree._Element) -> None:
    """Move the label of the set out of it."""
    label = find(message, f"{PACKAGE}/rim:Classification[@classificationNode]")
    find(message, LIST).insert(0, label)


def limited(object_id: str, node: str = LIMITED_DOCUMENT_ENTRY_NODE) -> str:
    """The label of an object with limited metadata."""
    return f'<rim:Classification id="l" classifiedObject="{object_id}" classificationNode="{node}"/>'


def set_values(message: etree._Element, path: str, name: str, *values: str) -> None:
    """Give a slot of a classification other values."""
    parent = find(message, path)
    parent.replace(find(parent, f"rim:Slot[@name='{name}']"), element(slot(name, *values)))
