"""Generated domain values: whatever ebRIM can carry, also what no rule would accept.

Slot values are stripped and not empty, because blanks around them are formatting and an empty one is none.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.model import (
    Association,
    Author,
    DocumentEntry,
    Folder,
    Outcome,
    ParameterSlot,
    RegistryError,
    Slot,
    StoredQuery,
    Submission,
    SubmissionSet,
)
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Form, Kind
from xds_adapter.vocabulary.status import ResponseStatus, Severity

_FORBIDDEN = "".join(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r") + "\ufffe\uffff"
_ANY = st.characters(exclude_categories=["Cs"], exclude_characters=_FORBIDDEN)
_AWKWARD = st.sampled_from("<>&\"'\t\r\n ()^|,$%é\x85\u2028😀") | st.sampled_from(
    ("]]>", "&amp;", "\r\n", "''", "<!--")
)

texts: SearchStrategy[str] = st.lists(_ANY | _AWKWARD, max_size=12).map("".join)
"""Texts of an XML attribute, as they come."""

filled_texts: SearchStrategy[str] = texts.filter(bool)
"""Texts of an XML attribute that counts as absent when it is empty."""

slot_texts: SearchStrategy[str] = texts.map(str.strip).filter(bool)
"""Texts of a slot value."""

_TYPES: dict[Kind, Any] = {Kind.CX: CX, Kind.CXI: CXi, Kind.XCN: XCN, Kind.DTM: DTM}

codes: SearchStrategy[Coded] = st.builds(Coded, texts, st.just("") | slot_texts, texts)


def _tuples(values: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=3).map(tuple)


def _slots(names: SearchStrategy[str]) -> SearchStrategy[tuple[Slot, ...]]:
    slots = st.builds(Slot, names, _tuples(slot_texts))
    return st.lists(slots, max_size=2, unique_by=lambda slot: slot.name).map(tuple)


_AUTHOR_SLOTS = dict(ebrim.AUTHOR_SLOTS)

authors: SearchStrategy[Author] = st.builds(
    Author,
    person=st.none() | slot_texts.map(XCN),
    institutions=_tuples(slot_texts),
    roles=_tuples(slot_texts),
    specialties=_tuples(slot_texts),
    telecommunications=_tuples(slot_texts),
    extra_slots=_slots(texts.filter(lambda name: name not in _AUTHOR_SLOTS)),
)

_extra_slots = _slots(texts.map("urn:x:{}".format))


def _one(attribute: Attribute) -> SearchStrategy[Any]:
    """One value of an attribute."""
    if attribute.form is Form.AUTHOR:
        return authors
    if attribute.form is Form.CODE:
        return codes
    if attribute.kind is Kind.INTEGER:
        return st.integers(0, 10**18 - 1)
    stripped = attribute.form in {Form.SLOT, Form.IDENTIFIER}
    return (slot_texts if stripped else filled_texts).map(_TYPES.get(attribute.kind, str))


def _given(attribute: Attribute) -> SearchStrategy[Any]:
    """What an object may hold of an attribute."""
    if attribute.kind is Kind.FLAG:
        return st.booleans()
    return _tuples(_one(attribute)) if attribute.many else st.none() | _one(attribute)


def _objects(kind: Any, table: tuple[Attribute, ...]) -> SearchStrategy[Any]:
    given = {a.field: _given(a) for a in table}
    return st.builds(kind, **given, extra_slots=_extra_slots)


document_entries: SearchStrategy[DocumentEntry] = _objects(DocumentEntry, ebrim.DOCUMENT_ENTRY)
submission_sets: SearchStrategy[SubmissionSet] = _objects(SubmissionSet, ebrim.SUBMISSION_SET)
folders: SearchStrategy[Folder] = _objects(Folder, ebrim.FOLDER)
associations: SearchStrategy[Association] = _objects(Association, ebrim.ASSOCIATION)

submissions: SearchStrategy[Submission] = st.builds(
    Submission,
    submission_set=submission_sets,
    document_entries=_tuples(document_entries),
    folders=_tuples(folders),
    associations=_tuples(associations),
    request_slots=_slots(texts),
)

_parameter_slots = st.builds(ParameterSlot, st.lists(texts, min_size=1, max_size=3).map(tuple), st.booleans())

stored_queries: SearchStrategy[StoredQuery] = st.builds(
    StoredQuery,
    query_id=texts,
    parameters=st.dictionaries(
        texts.map("${}".format), st.lists(_parameter_slots, min_size=1, max_size=2).map(tuple), max_size=3
    ),
    return_type=texts,
    home_community_id=st.none() | filled_texts,
)

outcomes: SearchStrategy[Outcome] = st.builds(
    Outcome,
    st.sampled_from(ResponseStatus),
    _tuples(
        st.builds(RegistryError, code=texts, code_context=texts, severity=st.sampled_from(Severity), location=texts)
    ),
)
"""What a response can carry: rule, object, attribute and value of an error are known to its maker only."""
