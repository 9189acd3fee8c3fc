"""The registry's tables within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.storage.batches import batches as _batches
from xds_adapter.storage.facts import Facts
from xds_adapter.storage.filters import Condition, conditions, one_of, patterns
from xds_adapter.storage.rows import Row
from xds_adapter.storage.selection import rows_of
from xds_adapter.storage.statements import Driver, Statement
from xds_adapter.storage.tables import ASSOCIATION, OBJECT_TABLES, PATIENT
from xds_adapter.vocabulary.status import AvailabilityStatus

EVERYTHING = StoredQuery(query_id="", parameters={"$MetadataLevel": (ParameterSlot(("2",)),)})
"""A query that selects all versions of all objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One registered object as a query finds it.

    Attributes:
        kind: DocumentEntry, SubmissionSet, Folder or Association.
        leaf: Its stored form, without status.
        patient_id: `CX.key`; empty for an association.
        source_object: entryUUID; associations only, as the next two.
    """

    kind: str
    entry_uuid: str
    status: str
    leaf: str
    patient_id: str = ""
    source_object: str = ""
    target_object: str = ""
    association_type: str = ""


_STORED = frozenset(field.name for field in fields(StoredObject))
_NAMES = {kind: tuple(c.name for c in table.c if c.name in _STORED) for kind, table in OBJECT_TABLES.items()}
_NEW = "new_"
_INSERT = {kind: Statement(insert(table)) for kind, table in OBJECT_TABLES.items()}


@cache
def _replacing(kind: str, names: tuple[str, ...]) -> Statement:
    """An update of one object: a merge of patients makes thousands of them while everything else waits."""
    table = OBJECT_TABLES[kind]
    values: dict[str, Any] = {name: bindparam(_NEW + name) for name in names}
    return Statement(update(table).where(table.c.entry_uuid == values["entry_uuid"]).values(values))


class RegistryTable(Facts):
    """Registered objects, read and written within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__(Driver(connection))

    def add_patients(self, patient_ids: Iterable[str]) -> int:
        """Make patients known, by `CX.key`; returns how many were new."""
        wanted = set(patient_ids)
        known = select(PATIENT.c.patient_id)
        for batch in _batches(set(wanted)):
            wanted -= set(self._connection.scalars(known.where(PATIENT.c.patient_id.in_(batch))))
        if wanted:
            self._connection.execute(insert(PATIENT), [{"patient_id": patient_id} for patient_id in sorted(wanted)])
        return len(wanted)

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert the rows of one submission."""
        for row in rows:
            _INSERT[row.kind].run(self._driver, row.columns)

    def replace(self, row: Row) -> None:
        """Write the columns and the leaf of a registered object anew; its row is found by its entryUUID."""
        values = {_NEW + name: value for name, value in row.columns.items()}
        _replacing(row.kind, tuple(row.columns)).run(self._driver, values)

    def set_status(self, kind: str, entry_uuids: Iterable[str], status: AvailabilityStatus) -> None:
        """Set the availabilityStatus of objects of one kind."""
        table = OBJECT_TABLES[kind]
        for batch in _batches(set(entry_uuids)):
            self._connection.execute(update(table).where(table.c.entry_uuid.in_(batch)).values(status=status))

    def objects(self, kind: str, entry_uuids: Iterable[str]) -> list[StoredObject]:
        """The objects of one kind with the given entryUUIDs, oldest first within each 500."""
        return list(self.find(kind, within=entry_uuids))

    def find(
        self,
        kind: str,
        query: StoredQuery = EVERYTHING,
        *,
        within: Iterable[str] | None = None,
        status: str | None = None,
        object_type: str | None = None,
    ) -> Iterator[StoredObject]:
        """Yield the objects of one kind that the parameters of `query` select, oldest first, as they are read.

        Args:
            kind: DocumentEntry, SubmissionSet, Folder or Association.
            query: Its parameters on this kind apply; others have no effect.
            within: Only objects with these entryUUIDs.
            status: Only objects with this availabilityStatus.
            object_type: Only DocumentEntries of this type.
        """
        found = [*conditions(query, OBJECT_TABLES[kind])]
        found += [] if status is None else [one_of("status", (status,))]
        found += [] if object_type is None else [one_of("object_type", (object_type,))]
        if within is None:
            yield from self._stream(kind, query, found)
            return
        for batch in _batches(set(within)):
            yield from self._stream(kind, query, [*found, one_of("entry_uuid", batch)])

    def _stream(self, kind: str, query: StoredQuery, found: Iterable[Condition]) -> Iterator[StoredObject]:
        matched = patterns(query, OBJECT_TABLES[kind])
        names = _NAMES[kind]
        columns = (*names, *(p.column.name for p in matched))
        count = len(names)
        for row in rows_of(self._driver, kind, columns, found, every_version=query.knows_versions):
            if all(p.match(row[count + number]) for number, p in enumerate(matched)):
                yield StoredObject(kind=kind, **dict(zip(names, row, strict=False)))

    def associations(
        self,
        query: StoredQuery = EVERYTHING,
        *,
        sources: Iterable[str] = (),
        targets: Iterable[str] = (),
        either: Iterable[str] = (),
    ) -> list[StoredObject]:
        """The associations with one of `sources` at their source, of `targets` at their target, or of `either`."""
        found: dict[str, StoredObject] = {}
        ends = (("source_object", {*sources, *either}), ("target_object", {*targets, *either}))
        for column, values in ends:
            for batch in _batches(values):
                asked = [*conditions(query, ASSOCIATION), one_of(column, batch)]
                found.update({stored.entry_uuid: stored for stored in self._stream("Association", query, asked)})
        return list(found.values())

    def relationships(self, types: Iterable[str], targets: Iterable[str]) -> set[str]:
        """The sources of associations of the given types to any of `targets`."""
        found: set[str] = set()
        for batch in _batches(set(targets)):
            query = select(ASSOCIATION.c.source_object).where(
                ASSOCIATION.c.target_object.in_(batch), ASSOCIATION.c.association_type.in_(sorted(types))
            )
            found.update(self._connection.scalars(query))
        return found
