"""The registry's tables within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Connection, insert, select, update

from xds_adapter.model import StoredQuery
from xds_adapter.storage.batches import batches as _batches
from xds_adapter.storage.facts import Facts
from xds_adapter.storage.filters import author_patterns, conditions, matches_authors
from xds_adapter.storage.rows import Row
from xds_adapter.storage.statements import Driver, Statement
from xds_adapter.storage.tables import ASSOCIATION, DOCUMENT_ENTRY, OBJECT_TABLES, PATIENT, SUBMISSION_SET
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One registered object as a query finds it.

    Attributes:
        kind: DocumentEntry, SubmissionSet, Folder or Association.
        leaf: Its stored form, without status.
        patient_id: `CX.key`; empty for an association.
    """

    kind: str
    entry_uuid: str
    status: str
    leaf: str
    patient_id: str = ""
    source_object: str = ""
    target_object: str = ""


_STORED = frozenset(field.name for field in fields(StoredObject))
_INSERT = {kind: Statement(insert(table)) for kind, table in OBJECT_TABLES.items()}


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
        table = OBJECT_TABLES[row.kind]
        where = table.c.entry_uuid == row.columns["entry_uuid"]
        self._connection.execute(update(table).where(where).values(row.columns))

    def set_status(self, kind: str, entry_uuids: Iterable[str], status: AvailabilityStatus) -> None:
        """Set the availabilityStatus of objects of one kind."""
        table = OBJECT_TABLES[kind]
        for batch in _batches(set(entry_uuids)):
            self._connection.execute(update(table).where(table.c.entry_uuid.in_(batch)).values(status=status))

    def objects(self, kind: str, entry_uuids: Iterable[str]) -> list[StoredObject]:
        """The objects of one kind with the given entryUUIDs, oldest first within each 500."""
        table = OBJECT_TABLES[kind]
        names = [column.name for column in table.c if column.name in _STORED]
        found: list[StoredObject] = []
        for batch in _batches(set(entry_uuids)):
            query = select(*(table.c[name] for name in names)).where(table.c.entry_uuid.in_(batch))
            rows = self._connection.execute(query.order_by(table.c.row_id)).mappings()
            found.extend(StoredObject(kind=kind, **row) for row in rows)
        return found

    def document_entries(
        self, query: StoredQuery, *, within: Iterable[str] | None = None, any_type: bool = False
    ) -> list[StoredObject]:
        """The DocumentEntries that the parameters of `query` select.

        Args:
            query: Its parameters on document entries apply.
            within: Only entries with these entryUUIDs.
            any_type: Stable and on-demand entries when the query names no type; otherwise stable ones.
        """
        clauses = list(conditions(query, DOCUMENT_ENTRY))
        if not any_type and "$XDSDocumentEntryType" not in query.parameters:
            clauses.append(DOCUMENT_ENTRY.c.object_type == DocumentEntryType.STABLE)
        if within is None:
            return self._select("DocumentEntry", query, clauses)
        column = DOCUMENT_ENTRY.c.entry_uuid
        batches = _batches(set(within))
        return [o for batch in batches for o in self._select("DocumentEntry", query, [*clauses, column.in_(batch)])]

    def submission_sets(self, query: StoredQuery) -> list[StoredObject]:
        """The SubmissionSets that the parameters of `query` select."""
        return self._select("SubmissionSet", query, list(conditions(query, SUBMISSION_SET)))

    def _select(self, kind: str, query: StoredQuery, clauses: list[ColumnElement[bool]]) -> list[StoredObject]:
        table = OBJECT_TABLES[kind]
        patterns = author_patterns(query, table)
        columns = (table.c.entry_uuid, table.c.status, table.c.leaf, table.c.patient_id, table.c.author_person)
        rows = self._connection.execute(select(*columns).where(*clauses).order_by(table.c.row_id))
        return [
            StoredObject(kind=kind, entry_uuid=row[0], status=row[1], leaf=row[2], patient_id=row[3])
            for row in rows
            if not patterns or matches_authors(row[4], patterns)
        ]

    def associations(
        self, *, sources: Iterable[str] = (), targets: Iterable[str] = (), either: Iterable[str] = ()
    ) -> list[StoredObject]:
        """The associations with one of `sources` at their source, of `targets` at their target, or of `either`."""
        found: dict[str, StoredObject] = {}
        ends = (
            (ASSOCIATION.c.source_object, {*sources, *either}),
            (ASSOCIATION.c.target_object, {*targets, *either}),
        )
        for column, values in ends:
            for batch in _batches(values):
                for row in self._connection.execute(_ASSOCIATIONS.where(column.in_(batch))).mappings():
                    found[row["entry_uuid"]] = StoredObject(kind="Association", **row)
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


_ASSOCIATIONS = select(
    ASSOCIATION.c.entry_uuid,
    ASSOCIATION.c.status,
    ASSOCIATION.c.leaf,
    ASSOCIATION.c.source_object,
    ASSOCIATION.c.target_object,
).order_by(ASSOCIATION.c.row_id)
