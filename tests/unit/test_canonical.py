"""The canonical form that the conformance tests compare by sees what is lost, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from tests.canonical import canonical
from tests.messages import NAMESPACES, find, submission_message

LABEL = "rim:RegistryObjectList/rim:RegistryPackage/rim:Classification[@classificationNode]"
CODE = "rim:RegistryObjectList/rim:ExtrinsicObject/rim:Classification[2]"
IDENTIFIER = "rim:RegistryObjectList/rim:ExtrinsicObject/rim:ExternalIdentifier"
PARTS = ["Slot", "Value", "Classification", "ExternalIdentifier", "Association", "ExtrinsicObject", "RegistryPackage"]


@pytest.mark.parametrize("part", PARTS)
def test_any_part_that_is_lost_is_seen(part: str) -> None:
    whole = canonical(submission_message())
    count = len(submission_message().findall(f".//rim:{part}", NAMESPACES))
    for number in range(count):
        message = submission_message()
        lost = message.findall(f".//rim:{part}", NAMESPACES)[number]
        parent = lost.getparent()
        assert parent is not None
        parent.remove(lost)
        assert whole != canonical(message)


@pytest.mark.parametrize("key", ["value", "nodeRepresentation", "mimeType", "sourceObject", "classifiedObject", "home"])
def test_any_attribute_that_differs_is_seen(key: str) -> None:
    message = submission_message()
    found = next((e for e in message.iter() if e.get(key)), message)
    found.set(key, "other")
    assert canonical(submission_message()) != canonical(message)


def _beside(message: etree._Element) -> None:
    find(message, "rim:RegistryObjectList").append(find(message, LABEL))


def _swapped(message: etree._Element) -> None:
    entry = find(message, "rim:RegistryObjectList/rim:ExtrinsicObject")
    entry.insert(3, entry[0])


CHANGES: list[Callable[[etree._Element], object]] = [
    _beside,
    _swapped,
    lambda m: find(m, CODE).set("id", "other"),
    lambda m: find(m, CODE).attrib.pop("objectType"),
    lambda m: find(m, IDENTIFIER).remove(find(m, f"{IDENTIFIER}/rim:Name")),
    lambda m: find(m, CODE).set(
        "classificationScheme", (find(m, CODE).get("classificationScheme") or "").replace("-", "- ")
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=["label", "slots", "id", "objectType", "Name", "broken scheme"])
def test_what_says_the_same_has_the_same_form(change: Callable[[etree._Element], object]) -> None:
    message = submission_message()
    change(message)
    assert canonical(submission_message()) == canonical(message)
