"""The attribute tables and the model values name the same attributes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.model import Association, Author, DocumentEntry, Folder, SubmissionSet
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Form, Kind

TABLES: list[tuple[type, tuple[Attribute, ...]]] = [
    (DocumentEntry, ebrim.DOCUMENT_ENTRY),
    (SubmissionSet, ebrim.SUBMISSION_SET),
    (Folder, ebrim.FOLDER),
    (Association, ebrim.ASSOCIATION),
]
TYPES = {
    Kind.CX: CX,
    Kind.CXI: CXi,
    Kind.XCN: XCN,
    Kind.DTM: DTM,
    Kind.CODED: Coded,
    Kind.AUTHOR: Author,
    Kind.INTEGER: int,
    Kind.FLAG: bool,
}

each_table = pytest.mark.parametrize(("value", "table"), TABLES, ids=[value.__name__ for value, _ in TABLES])


def _element_type(hint: Any) -> tuple[bool, Any]:
    """Whether a field is a tuple, and the type of one value."""
    if hint is bool:
        return False, bool
    if get_origin(hint) is tuple:
        return True, get_args(hint)[0]
    return False, next(arg for arg in get_args(hint) if arg is not type(None))


@each_table
def test_every_row_has_a_field_and_every_field_a_row(value: Any, table: tuple[Attribute, ...]) -> None:
    assert {field.name for field in fields(value)} - {"extra_slots"} == {attribute.field for attribute in table}


@each_table
def test_a_field_holds_what_its_row_says(value: type, table: tuple[Attribute, ...]) -> None:
    hints = get_type_hints(value)
    expected = {a.field: (a.many, TYPES.get(a.kind, str)) for a in table}
    assert expected == {a.field: _element_type(hints[a.field]) for a in table}


@each_table
def test_no_name_field_or_key_stands_twice(value: type, table: tuple[Attribute, ...]) -> None:
    names = [a.name for a in table]
    field_names = [a.field for a in table]
    keys = [(a.form, a.key) for a in table]
    assert [len(table)] * 3 == [len(set(names)), len(set(field_names)), len(set(keys))]


@each_table
def test_every_object_has_exactly_one_version_row(value: type, table: tuple[Attribute, ...]) -> None:
    assert ["version"] == [a.field for a in table if a.form is Form.VERSION]


def test_every_author_slot_has_a_field_and_every_field_a_slot() -> None:
    assert [f.name for f in fields(Author) if f.name != "extra_slots"] == [field for _, field in ebrim.AUTHOR_SLOTS]


def test_replacements_are_relationships() -> None:
    assert ebrim.REPLACEMENTS < ebrim.RELATIONSHIPS
