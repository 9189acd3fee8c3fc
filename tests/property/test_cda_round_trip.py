"""What is built is read back: the same case in another writing, which gives the same document."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.cda_cases import minimal_case
from tests.cda_facts import vanished
from tests.generated_cases import cases
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.parse import parse
from xds_adapter.cda.tree import name_of, read_tree, xpath_of
from xds_adapter.errors import CaseInvalid, CdaInvalid
from xds_adapter.xmlio import Element

EXAMPLES = [(kind.name, case(kind.name)) for kind in KINDS for case in (example, minimal_case)]
_TEXTS = st.text(
    st.sampled_from("aé &<>\"'-.|:;,\n  \u0085\u2028\u00a0œ0123456789#[]{}%") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=12,
)


def _texts_of(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of a case that hold text."""
    if isinstance(part, str):
        yield path
    members = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, member in members:
        yield from _texts_of(member, (*path, step))


def _with(part: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = part.copy()
    copied[path[0]] = _with(part[path[0]], path[1:], value)
    return copied


_PLACES = [(kind, case, place) for kind, case in EXAMPLES for place in _texts_of(case)]


def _built(kind: str, case: dict[str, Any]) -> bytes:
    """The document, with ids that do not change from one build to the next."""
    replaced = case.get("related_document", {}).get("unique_id")
    unique_id = "1.2.250.1.999.1.9.1" if replaced != "1.2.250.1.999.1.9.1" else "1.2.250.1.999.1.9.3"
    return build(kind, {"unique_id": unique_id, "set_id": "1.2.250.1.999.1.9.2", **case})


@pytest.mark.parametrize(("kind", "case"), EXAMPLES)
def test_an_example_is_read_back_whole(kind: str, case: dict[str, Any]) -> None:
    document = _built(kind, case)
    parsed = parse(document)
    assert (kind, ()) == (parsed.kind, parsed.notes)
    assert document == build(kind, parsed.case)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_case_is_read_back_whole(kind: str, data: st.DataObject) -> None:
    """The case read back gives the same bytes."""
    document = _built(kind, data.draw(cases(kind)))
    parsed = parse(document)
    assert (kind, ()) == (parsed.kind, parsed.notes)
    assert document == build(kind, parsed.case)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(_PLACES), _TEXTS)
def test_any_text_is_read_back(place: tuple[str, dict[str, Any], tuple[Any, ...]], text: str) -> None:
    kind, case, path = place
    try:
        document = _built(kind, _with(case, path, text))
    except CaseInvalid:
        assume(False)
    parsed = parse(document)
    assert () == parsed.notes
    again = build(kind, parsed.case)
    assert document == again or _canonical(document) == _canonical(again)


def _canonical(document: bytes) -> bytes:
    return etree.tostring(read_tree([document]), method="c14n")


DOCUMENTS = [_built(kind, case) for kind, case in EXAMPLES]


@dataclass(frozen=True)
class _Changed:
    """A document in which one element was changed; only the change is shown when a test fails."""

    document: bytes = field(repr=False)
    change: str


@st.composite
def _changed(draw: st.DrawFn) -> _Changed:
    """A document in which one element is deleted, doubled, moved, or says something else."""
    root = read_tree([draw(st.sampled_from(DOCUMENTS))])
    elements = [element for element in root.iterdescendants() if name_of(element) != "templateId"]
    element = draw(st.sampled_from(elements))
    place = xpath_of(element)
    change = draw(st.sampled_from([_delete, _double, _move, _say, _fill]))
    change(element, draw)
    document = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return _Changed(document, f"{change.__name__} {place}")


def _delete(element: Element, _: st.DrawFn) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _double(element: Element, _: st.DrawFn) -> None:
    element.addnext(deepcopy(element))


def _move(element: Element, _: st.DrawFn) -> None:
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def _say(element: Element, draw: st.DrawFn) -> None:
    if element.attrib:
        attribute = draw(st.sampled_from(sorted(element.keys())))
        element.set(attribute, draw(st.sampled_from(["X1", "20200101", "1.2.3.4", "7", "true"])))


def _fill(element: Element, _: st.DrawFn) -> None:
    if not len(element) and (element.text or "").strip():
        element.text = "other words"


@settings(max_examples=120, deadline=None)
@given(_changed())
def test_whatever_a_document_says_is_in_the_case_or_in_the_notes(changed: _Changed) -> None:
    try:
        parsed = parse(changed.document)
        missing = vanished(changed.document, parsed)
    except (CdaInvalid, CaseInvalid):
        return
    assert [] == missing
