"""The registry's tables within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, insert, literal_column, null, select, update

from xds_adapter.model import DocumentEntry, Folder, KnownObject, RegistryFacts, StoredQuery, Submission, SubmissionSet
from xds_adapter.storage.filters import author_patterns, conditions, matches_authors
from xds_adapter.storage.rows import Row
from xds_adapter.storage.statements import Driver, Statement
from xds_adapter.storage.tables import ASSOCIATION, DOCUMENT_ENTRY, FOLDER, OBJECT_TABLES, PATIENT, SUBMISSION_SET
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus

_BATCH = 500
"""Values of one IN list; databases limit the parameters of a statement."""


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


def _known_columns(kind: str, table: Table) -> Select[Any]:
    entry = table is DOCUMENT_ENTRY
    columns = table.c
    return select(
        literal_column(f"'{kind}'").label("kind"),
        columns.entry_uuid,
        columns.status,
        columns.patient_id if table is not ASSOCIATION else literal_column("''").label("patient_id"),
        columns.unique_id if table is not ASSOCIATION else literal_column("''").label("unique_id"),
        columns.object_type if entry else literal_column("''").label("object_type"),
        columns.hash if entry else null().label("hash"),
        columns.size if entry else null().label("size"),
    )


_KNOWN_FIELDS = ("kind", "entry_uuid", "status", "patient_id", "unique_id", "object_type", "hash", "size")

# One value at a time, so that the text of each statement never changes.
_IS_KNOWN = Statement(select(PATIENT.c.patient_id).where(PATIENT.c.patient_id == bindparam("value")))
_BY_UNIQUE_ID = {
    kind: Statement(_known_columns(kind, table).where(table.c.unique_id == bindparam("value")))
    for kind, table in OBJECT_TABLES.items()
    if table is not ASSOCIATION
}
_BY_ENTRY_UUID = {
    kind: Statement(_known_columns(kind, table).where(table.c.entry_uuid == bindparam("value")))
    for kind, table in OBJECT_TABLES.items()
}
_INSERT = {kind: Statement(insert(table)) for kind, table in OBJECT_TABLES.items()}


def _batches(values: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


def _mentioned_uuids(submission: Submission) -> set[str]:
    ids = {o.entry_uuid for o in submission.objects()}
    ids.update(end for a in submission.associations for end in (a.source_object, a.target_object))
    return {text for text in ids if text is not None and text.startswith("urn:uuid:")}


def _unique_ids(submission: Submission) -> set[tuple[str, str]]:
    """Kind and uniqueId of everything that brings one."""
    owners: list[DocumentEntry | Folder | SubmissionSet] = [*submission.members()]
    if submission.submission_set is not None:
        owners.append(submission.submission_set)
    return {(type(owner).__name__, owner.unique_id) for owner in owners if owner.unique_id}


class RegistryTable:
    """Registered objects, read and written within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver = Driver(connection)

    def add_patients(self, patient_ids: Iterable[str]) -> int:
        """Make patients known, by `CX.key`; returns how many were new."""
        wanted = set(patient_ids)
        new = sorted(wanted - self.known_patients(wanted))
        if new:
            self._connection.execute(insert(PATIENT), [{"patient_id": patient_id} for patient_id in new])
        return len(new)

    def known_patients(self, patient_ids: Iterable[str]) -> set[str]:
        """Those of `patient_ids` that are known."""
        wanted = set(patient_ids)
        return {p for p in wanted if _IS_KNOWN.first(self._driver, {"value": p}) is not None}

    def facts(self, submission: Submission) -> RegistryFacts:
        """Read what the registry holds of everything that `submission` mentions."""
        submission_set = submission.submission_set
        patients = {owner.patient_id.key for owner in submission.members() if owner.patient_id is not None}
        if submission_set is not None and submission_set.patient_id is not None:
            patients.add(submission_set.patient_id.key)
        by_unique_id: dict[str, tuple[KnownObject, ...]] = {}
        for kind, unique_id in _unique_ids(submission):
            for known in self._known(_BY_UNIQUE_ID[kind], unique_id):
                by_unique_id[unique_id] = (*by_unique_id.get(unique_id, ()), known)
        return RegistryFacts(
            patients=frozenset(self.known_patients(patients)),
            by_entry_uuid={
                entry_uuid: known
                for entry_uuid in _mentioned_uuids(submission)
                for statement in _BY_ENTRY_UUID.values()
                for known in self._known(statement, entry_uuid)
            },
            by_unique_id=by_unique_id,
        )

    def _known(self, statement: Statement, value: str) -> list[KnownObject]:
        rows = statement.rows(self._driver, {"value": value})
        return [KnownObject(**dict(zip(_KNOWN_FIELDS, row, strict=True))) for row in rows]

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert the rows of one submission."""
        for row in rows:
            _INSERT[row.kind].run(self._driver, row.columns)

    def deprecate(self, entry_uuids: Iterable[str]) -> None:
        """Set the status of DocumentEntries to Deprecated."""
        for batch in _batches(set(entry_uuids)):
            self._connection.execute(
                update(DOCUMENT_ENTRY)
                .where(DOCUMENT_ENTRY.c.entry_uuid.in_(batch))
                .values(status=AvailabilityStatus.DEPRECATED)
            )

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

    def associations_by_uuid(self, entry_uuids: Iterable[str]) -> list[StoredObject]:
        """The associations with the given entryUUIDs."""
        found: list[StoredObject] = []
        for batch in _batches(set(entry_uuids)):
            rows = self._connection.execute(_ASSOCIATIONS.where(ASSOCIATION.c.entry_uuid.in_(batch))).mappings()
            found.extend(StoredObject(kind="Association", **row) for row in rows)
        return found

    def relationships(self, types: Iterable[str], targets: Iterable[str]) -> set[str]:
        """The sources of associations of the given types to any of `targets`."""
        found: set[str] = set()
        for batch in _batches(set(targets)):
            query = select(ASSOCIATION.c.source_object).where(
                ASSOCIATION.c.target_object.in_(batch), ASSOCIATION.c.association_type.in_(sorted(types))
            )
            found.update(self._connection.scalars(query))
        return found

    def folders(self, entry_uuids: Iterable[str]) -> list[StoredObject]:
        """The Folders with the given entryUUIDs."""
        found: list[StoredObject] = []
        for batch in _batches(set(entry_uuids)):
            query = select(FOLDER.c.entry_uuid, FOLDER.c.status, FOLDER.c.leaf, FOLDER.c.patient_id)
            rows = self._connection.execute(query.where(FOLDER.c.entry_uuid.in_(batch)).order_by(FOLDER.c.row_id))
            found.extend(StoredObject(kind="Folder", **row) for row in rows.mappings())
        return found


_ASSOCIATIONS = select(
    ASSOCIATION.c.entry_uuid,
    ASSOCIATION.c.status,
    ASSOCIATION.c.leaf,
    ASSOCIATION.c.source_object,
    ASSOCIATION.c.target_object,
).order_by(ASSOCIATION.c.row_id)
