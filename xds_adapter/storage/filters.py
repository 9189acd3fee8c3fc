"""Turn the parameters of a stored query into conditions on columns: one row a parameter.

Source: IHE ITI TF-2 3.18.4.1.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Table, exists, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Integer

from xds_adapter.datatypes import CX, DTM
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.storage.like import has_wildcard, is_like
from xds_adapter.storage.tables import ASSOCIATION, DOCUMENT_ENTRY, FOLDER, SEPARATOR, SUBMISSION_SET

Test = Callable[[ColumnElement[Any], Sequence[ColumnElement[Any]]], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a parameter is compared with a column.

    Attributes:
        test: Makes the condition on the column; the values stand there as placeholders.
        values: Reads the values from a slot, in the form of the column.
    """

    test: Test
    values: Callable[[ParameterSlot], Sequence[str]]


class position_of(GenericFunction[int]):  # noqa: N801 - SQL functions are written in lower case
    """Position of a text in another, 0 when absent: exact and case-sensitive in every database."""

    type = Integer()
    inherit_cache = True


@compiles(position_of)
def _position_sqlite(element: position_of, compiler: Any, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(position_of, "postgresql")
def _position_postgresql(element: position_of, compiler: Any, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


def _in(column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return column.in_(values)


def _not_before(column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    # An entry without the attribute is not excluded by a time range (TF-2 3.18.4.1.2.3.3.1).
    return or_(column.is_(None), column >= values[0])


def _before(column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return or_(column.is_(None), column < values[0])


def _holds(column: ColumnElement[Any], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return or_(*(position_of(column, value) > 0 for value in values))


def _moment(slot: ParameterSlot) -> Sequence[str]:
    return (DTM(slot.values[0]).padded,)


_ONE_OF = Comparison(_in, attrgetter("values"))
_PATIENT = Comparison(_in, lambda slot: [CX(value).key for value in slot.values])
_FROM = Comparison(_not_before, _moment)
_TO = Comparison(_before, _moment)
_ANY_WITHIN = Comparison(_holds, lambda slot: [f"{SEPARATOR}{value}{SEPARATOR}" for value in slot.values])

_REFERENCE_IDS = "$XDSDocumentEntryReferenceIdList"
_PATTERN_COLUMNS: dict[str, Column[Any]] = {
    "$XDSDocumentEntryAuthorPerson": DOCUMENT_ENTRY.c.author_person,
    "$XDSSubmissionSetAuthorPerson": SUBMISSION_SET.c.author_person,
    _REFERENCE_IDS: DOCUMENT_ENTRY.c.reference_id_list,
}


def _entry_conditions() -> dict[str, tuple[Column[Any], Comparison]]:
    c = DOCUMENT_ENTRY.c
    return {
        "PatientId": (c.patient_id, _PATIENT),
        "Status": (c.status, _ONE_OF),
        "ClassCode": (c.class_code, _ONE_OF),
        "TypeCode": (c.type_code, _ONE_OF),
        "PracticeSettingCode": (c.practice_setting_code, _ONE_OF),
        "CreationTimeFrom": (c.creation_time, _FROM),
        "CreationTimeTo": (c.creation_time, _TO),
        "ServiceStartTimeFrom": (c.service_start_time, _FROM),
        "ServiceStartTimeTo": (c.service_start_time, _TO),
        "ServiceStopTimeFrom": (c.service_stop_time, _FROM),
        "ServiceStopTimeTo": (c.service_stop_time, _TO),
        "HealthcareFacilityTypeCode": (c.healthcare_facility_type_code, _ONE_OF),
        "EventCodeList": (c.event_code_list, _ANY_WITHIN),
        "ConfidentialityCode": (c.confidentiality_code, _ANY_WITHIN),
        "FormatCode": (c.format_code, _ONE_OF),
        "Type": (c.object_type, _ONE_OF),
        "EntryUUID": (c.entry_uuid, _ONE_OF),
        "UniqueId": (c.unique_id, _ONE_OF),
        "LogicalID": (c.logical_id, _ONE_OF),
        "ReferenceIdList": (c.reference_id_list, _ANY_WITHIN),
    }


def _submission_set_conditions() -> dict[str, tuple[Column[Any], Comparison]]:
    c = SUBMISSION_SET.c
    return {
        "PatientId": (c.patient_id, _PATIENT),
        "Status": (c.status, _ONE_OF),
        "SourceId": (c.source_id, _ONE_OF),
        "SubmissionTimeFrom": (c.submission_time, _FROM),
        "SubmissionTimeTo": (c.submission_time, _TO),
        "ContentType": (c.content_type_code, _ONE_OF),
        "EntryUUID": (c.entry_uuid, _ONE_OF),
        "UniqueId": (c.unique_id, _ONE_OF),
    }


def _folder_conditions() -> dict[str, tuple[Column[Any], Comparison]]:
    c = FOLDER.c
    return {
        "PatientId": (c.patient_id, _PATIENT),
        "Status": (c.status, _ONE_OF),
        "LastUpdateTimeFrom": (c.last_update_time, _FROM),
        "LastUpdateTimeTo": (c.last_update_time, _TO),
        "CodeList": (c.code_list, _ANY_WITHIN),
        "EntryUUID": (c.entry_uuid, _ONE_OF),
        "UniqueId": (c.unique_id, _ONE_OF),
        "LogicalID": (c.logical_id, _ONE_OF),
    }


_TABLE: dict[tuple[Table, str], tuple[Column[Any], Comparison]] = {
    (table, f"${prefix}{name}"): row
    for table, prefix, rows in (
        (DOCUMENT_ENTRY, "XDSDocumentEntry", _entry_conditions()),
        (SUBMISSION_SET, "XDSSubmissionSet", _submission_set_conditions()),
        (FOLDER, "XDSFolder", _folder_conditions()),
    )
    for name, row in rows.items()
} | {
    # GetAll asks for all kinds of one patient by one parameter.
    **{(table, "$patientId"): (table.c.patient_id, _PATIENT) for table in (DOCUMENT_ENTRY, SUBMISSION_SET, FOLDER)},
    (ASSOCIATION, "$XDSAssociationStatus"): (ASSOCIATION.c.status, _ONE_OF),
}


class Condition(NamedTuple):
    """One condition on the rows of a table.

    Attributes:
        column: Name of the column.
        test: How it is compared.
        values: With what.
    """

    column: str
    test: Test
    values: Sequence[str]


def one_of(column: str, values: Sequence[str]) -> Condition:
    """The condition that a column has one of some values."""
    return Condition(column, _in, values)


def conditions(query: StoredQuery, table: Table) -> Iterator[Condition]:
    """Yield the conditions that the parameters of `query` put on the rows of `table`."""
    for name, slots in query.parameters.items():
        row = _TABLE.get((table, name))
        if row is None:
            continue
        column, comparison = row
        for slot in slots:
            if name != _REFERENCE_IDS or not any(map(has_wildcard, slot.values)):
                yield Condition(column.name, comparison.test, comparison.values(slot))


# Made once: an alias has a column object for each column of its table.
_NEWER = {table: table.alias("newer") for table in (DOCUMENT_ENTRY, FOLDER)}


def has_versions(table: Table) -> bool:
    """Tell whether objects of this table can be versions of each other."""
    return table in _NEWER


def is_latest(table: Table) -> ColumnElement[bool]:
    """The condition that there is no newer version of an object."""
    newer = _NEWER[table]
    return ~exists().where(newer.c.logical_id == table.c.logical_id, newer.c.version > table.c.version)


@dataclass(frozen=True, slots=True)
class Patterns:
    """LIKE patterns on one multi-valued column; they are matched value by value, not in SQL."""

    column: Column[Any]
    slots: tuple[ParameterSlot, ...]

    def match(self, stored: str | None) -> bool:
        """Tell whether, for each slot, one value of the row is like one of its patterns."""
        values = (stored or "").strip(SEPARATOR).split(SEPARATOR)
        return all(any(is_like(value, p) for value in values for p in slot.values) for slot in self.slots)


def patterns(query: StoredQuery, table: Table) -> list[Patterns]:
    """The patterns that `query` puts on the rows of `table`."""
    return [
        Patterns(column, slots)
        for name, column in _PATTERN_COLUMNS.items()
        if column.table is table and (slots := _pattern_slots(query, name))
    ]


def _pattern_slots(query: StoredQuery, name: str) -> tuple[ParameterSlot, ...]:
    slots = query.parameters.get(name, ())
    if name != _REFERENCE_IDS:
        return slots
    # A reference id matches exactly unless it holds a %: an accession number may well hold a _.
    return tuple(slot for slot in slots if any(map(has_wildcard, slot.values)))
