"""Turn the parameters of a stored query into conditions on columns: one row a parameter.

Source: IHE ITI TF-2 3.18.4.1.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Integer

from xds_adapter.datatypes import CX, DTM
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.storage.tables import DOCUMENT_ENTRY, SEPARATOR, SUBMISSION_SET

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


_ENTRY = DOCUMENT_ENTRY.c
_SET = SUBMISSION_SET.c
_TABLE: dict[str, tuple[Column[Any], Condition]] = {
    "$XDSDocumentEntryPatientId": (_ENTRY.patient_id, _patient),
    "$XDSDocumentEntryStatus": (_ENTRY.status, _one_of),
    "$XDSDocumentEntryClassCode": (_ENTRY.class_code, _one_of),
    "$XDSDocumentEntryTypeCode": (_ENTRY.type_code, _one_of),
    "$XDSDocumentEntryPracticeSettingCode": (_ENTRY.practice_setting_code, _one_of),
    "$XDSDocumentEntryCreationTimeFrom": (_ENTRY.creation_time, _from),
    "$XDSDocumentEntryCreationTimeTo": (_ENTRY.creation_time, _to),
    "$XDSDocumentEntryServiceStartTimeFrom": (_ENTRY.service_start_time, _from),
    "$XDSDocumentEntryServiceStartTimeTo": (_ENTRY.service_start_time, _to),
    "$XDSDocumentEntryServiceStopTimeFrom": (_ENTRY.service_stop_time, _from),
    "$XDSDocumentEntryServiceStopTimeTo": (_ENTRY.service_stop_time, _to),
    "$XDSDocumentEntryHealthcareFacilityTypeCode": (_ENTRY.healthcare_facility_type_code, _one_of),
    "$XDSDocumentEntryEventCodeList": (_ENTRY.event_code_list, _any_within),
    "$XDSDocumentEntryConfidentialityCode": (_ENTRY.confidentiality_code, _any_within),
    "$XDSDocumentEntryFormatCode": (_ENTRY.format_code, _one_of),
    "$XDSDocumentEntryType": (_ENTRY.object_type, _one_of),
    "$XDSDocumentEntryEntryUUID": (_ENTRY.entry_uuid, _one_of),
    "$XDSDocumentEntryUniqueId": (_ENTRY.unique_id, _one_of),
    "$XDSSubmissionSetPatientId": (_SET.patient_id, _patient),
    "$XDSSubmissionSetStatus": (_SET.status, _one_of),
    "$XDSSubmissionSetSourceId": (_SET.source_id, _one_of),
    "$XDSSubmissionSetSubmissionTimeFrom": (_SET.submission_time, _from),
    "$XDSSubmissionSetSubmissionTimeTo": (_SET.submission_time, _to),
    "$XDSSubmissionSetContentType": (_SET.content_type_code, _one_of),
    "$XDSSubmissionSetEntryUUID": (_SET.entry_uuid, _one_of),
    "$XDSSubmissionSetUniqueId": (_SET.unique_id, _one_of),
}
_AUTHORS = {"$XDSDocumentEntryAuthorPerson": DOCUMENT_ENTRY, "$XDSSubmissionSetAuthorPerson": SUBMISSION_SET}


def conditions(query: StoredQuery, table: Table) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that the parameters of `query` put on the rows of `table`."""
    for name, slots in query.parameters.items():
        row = _TABLE.get(name)
        if row is not None and row[0].table is table:
            yield from (row[1](row[0], slot) for slot in slots)


def author_patterns(query: StoredQuery, table: Table) -> Sequence[ParameterSlot]:
    """The author patterns that `query` puts on the rows of `table`; they are matched author by author, not in SQL."""
    return [slot for name, of in _AUTHORS.items() if of is table for slot in query.parameters.get(name, ())]


def matches_authors(author_person: str | None, slots: Sequence[ParameterSlot]) -> bool:
    """Tell whether, for each slot, one author of the row is like one of its patterns."""
    persons = (author_person or "").strip(SEPARATOR).split(SEPARATOR)
    return all(any(is_like(person, pattern) for person in persons for pattern in slot.values) for slot in slots)


def is_like(text: str, pattern: str) -> bool:
    """Match as SQL LIKE does: ``%`` stands for any text, ``_`` for one character.

    Time is bounded by the product of the two lengths, whatever the pattern.
    """
    at = start = 0
    star = -1
    place = 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "%":
            star, start = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("_", text[at]):
            at += 1
            place += 1
        elif star >= 0:
            start += 1
            place, at = star + 1, start
        else:
            return False
    return all(character == "%" for character in pattern[place:])
