"""Turn the parameters of a stored query into conditions on columns: one row a parameter.

Source: IHE ITI TF-2 3.18.4.1.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, exists, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Integer

from xds_adapter.datatypes import CX, DTM
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.storage.like import has_wildcard, is_like
from xds_adapter.storage.tables import ASSOCIATION, DOCUMENT_ENTRY, FOLDER, SEPARATOR, SUBMISSION_SET

Condition = Callable[[ColumnElement[Any], ParameterSlot], ColumnElement[bool]]


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


def _patient(column: ColumnElement[Any], slot: ParameterSlot) -> ColumnElement[bool]:
    return column.in_([CX(value).key for value in slot.values])


def _one_of(column: ColumnElement[Any], slot: ParameterSlot) -> ColumnElement[bool]:
    return column.in_(slot.values)


def _from(column: ColumnElement[Any], slot: ParameterSlot) -> ColumnElement[bool]:
    # An entry without the attribute is not excluded by a time range (TF-2 3.18.4.1.2.3.3.1).
    return or_(column.is_(None), column >= DTM(slot.values[0]).padded)


def _to(column: ColumnElement[Any], slot: ParameterSlot) -> ColumnElement[bool]:
    return or_(column.is_(None), column < DTM(slot.values[0]).padded)


def _any_within(column: ColumnElement[Any], slot: ParameterSlot) -> ColumnElement[bool]:
    return or_(*(position_of(column, f"{SEPARATOR}{value}{SEPARATOR}") > 0 for value in slot.values))


_PATTERN_COLUMNS: dict[str, Column[Any]] = {
    "$XDSDocumentEntryAuthorPerson": DOCUMENT_ENTRY.c.author_person,
    "$XDSSubmissionSetAuthorPerson": SUBMISSION_SET.c.author_person,
    "$XDSDocumentEntryReferenceIdList": DOCUMENT_ENTRY.c.reference_id_list,
}


def _entry_conditions() -> dict[str, tuple[Column[Any], Condition]]:
    c = DOCUMENT_ENTRY.c
    return {
        "PatientId": (c.patient_id, _patient),
        "Status": (c.status, _one_of),
        "ClassCode": (c.class_code, _one_of),
        "TypeCode": (c.type_code, _one_of),
        "PracticeSettingCode": (c.practice_setting_code, _one_of),
        "CreationTimeFrom": (c.creation_time, _from),
        "CreationTimeTo": (c.creation_time, _to),
        "ServiceStartTimeFrom": (c.service_start_time, _from),
        "ServiceStartTimeTo": (c.service_start_time, _to),
        "ServiceStopTimeFrom": (c.service_stop_time, _from),
        "ServiceStopTimeTo": (c.service_stop_time, _to),
        "HealthcareFacilityTypeCode": (c.healthcare_facility_type_code, _one_of),
        "EventCodeList": (c.event_code_list, _any_within),
        "ConfidentialityCode": (c.confidentiality_code, _any_within),
        "FormatCode": (c.format_code, _one_of),
        "Type": (c.object_type, _one_of),
        "EntryUUID": (c.entry_uuid, _one_of),
        "UniqueId": (c.unique_id, _one_of),
        "LogicalID": (c.logical_id, _one_of),
    }


def _submission_set_conditions() -> dict[str, tuple[Column[Any], Condition]]:
    c = SUBMISSION_SET.c
    return {
        "PatientId": (c.patient_id, _patient),
        "Status": (c.status, _one_of),
        "SourceId": (c.source_id, _one_of),
        "SubmissionTimeFrom": (c.submission_time, _from),
        "SubmissionTimeTo": (c.submission_time, _to),
        "ContentType": (c.content_type_code, _one_of),
        "EntryUUID": (c.entry_uuid, _one_of),
        "UniqueId": (c.unique_id, _one_of),
    }


def _folder_conditions() -> dict[str, tuple[Column[Any], Condition]]:
    c = FOLDER.c
    return {
        "PatientId": (c.patient_id, _patient),
        "Status": (c.status, _one_of),
        "LastUpdateTimeFrom": (c.last_update_time, _from),
        "LastUpdateTimeTo": (c.last_update_time, _to),
        "CodeList": (c.code_list, _any_within),
        "EntryUUID": (c.entry_uuid, _one_of),
        "UniqueId": (c.unique_id, _one_of),
        "LogicalID": (c.logical_id, _one_of),
    }


_TABLE: dict[tuple[Table, str], tuple[Column[Any], Condition]] = {
    (table, f"${prefix}{name}"): row
    for table, prefix, rows in (
        (DOCUMENT_ENTRY, "XDSDocumentEntry", _entry_conditions()),
        (SUBMISSION_SET, "XDSSubmissionSet", _submission_set_conditions()),
        (FOLDER, "XDSFolder", _folder_conditions()),
    )
    for name, row in rows.items()
} | {
    # GetAll asks for all kinds of one patient by one parameter.
    **{(table, "$patientId"): (table.c.patient_id, _patient) for table in (DOCUMENT_ENTRY, SUBMISSION_SET, FOLDER)},
    (ASSOCIATION, "$XDSAssociationStatus"): (ASSOCIATION.c.status, _one_of),
}


def conditions(query: StoredQuery, table: Table) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that the parameters of `query` put on the rows of `table`."""
    for name, slots in query.parameters.items():
        row = _TABLE.get((table, name))
        if row is not None:
            yield from (row[1](row[0], slot) for slot in slots)
    column = DOCUMENT_ENTRY.c.reference_id_list
    if table is DOCUMENT_ENTRY:
        slots = query.parameters.get("$XDSDocumentEntryReferenceIdList", ())
        yield from (_any_within(column, slot) for slot in slots if not any(map(has_wildcard, slot.values)))
    if table in _IS_LATEST and not query.knows_versions:
        yield _IS_LATEST[table]


def _is_latest(table: Table) -> ColumnElement[bool]:
    newer = table.alias("newer")
    return ~exists().where(newer.c.logical_id == table.c.logical_id, newer.c.version > table.c.version)


# Made once: building it takes as long as asking the database.
_IS_LATEST = {table: _is_latest(table) for table in (DOCUMENT_ENTRY, FOLDER)}


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
    if name != "$XDSDocumentEntryReferenceIdList":
        return slots
    # A reference id matches exactly unless it holds a %: an accession number may well hold a _.
    return tuple(slot for slot in slots if any(map(has_wildcard, slot.values)))
