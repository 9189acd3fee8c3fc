"""The registry's tables within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, insert, literal, null, select, union_all, update

from xds_adapter.model import KnownObject, RegistryFacts, StoredQuery, Submission
from xds_adapter.storage.filters import author_patterns, conditions, matches_authors
from xds_adapter.storage.rows import Row
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
        literal(kind).label("kind"),
        columns.entry_uuid,
        columns.status,
        columns.patient_id if table is not ASSOCIATION else literal("").label("patient_id"),
        columns.unique_id if table is not ASSOCIATION else literal("").label("unique_id"),
        columns.object_type if entry else literal("").label("object_type"),
        columns.hash if entry else null().label("hash"),
        columns.size if entry else null().label("size"),
    )


def _batches(values: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


def _mentioned_uuids(submission: Submission) -> set[str]:
    ids = {o.entry_uuid for o in submission.objects()}
    ids.update(end for a in submission.associations for end in (a.source_object, a.target_object))
    return {text for text in ids if text is not None and text.startswith("urn:uuid:")}


def _unique_ids(submission: Submission) -> set[str]:
    ids = {owner.unique_id for owner in submission.members()}
    if submission.submission_set is not None:
        ids.add(submission.submission_set.unique_id)
    return {text for text in ids if text}


class RegistryTable:
    """Registered objects, read and written within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_patients(self, patient_ids: Iterable[str]) -> int:
        """Make patients known, by `CX.key`; returns how many were new."""
        new = sorted(set(patient_ids) - self.known_patients(patient_ids))
        if new:
            self._connection.execute(insert(PATIENT), [{"patient_id": patient_id} for patient_id in new])
        return len(new)

    def known_patients(self, patient_ids: Iterable[str]) -> set[str]:
        """Those of `patient_ids` that are known."""
        known: set[str] = set()
        for batch in _batches(set(patient_ids)):
            query = select(PATIENT.c.patient_id).where(PATIENT.c.patient_id.in_(batch))
            known.update(self._connection.scalars(query))
        return known

    def facts(self, submission: Submission) -> RegistryFacts:
        """Read what the registry holds of everything that `submission` mentions."""
        owners = [*submission.members()]
        patients = {owner.patient_id.key for owner in owners if owner.patient_id is not None}
        submission_set = submission.submission_set
        if submission_set is not None and submission_set.patient_id is not None:
            patients.add(submission_set.patient_id.key)
        by_unique_id: dict[str, tuple[KnownObject, ...]] = {}
        named = {k: t for k, t in OBJECT_TABLES.items() if t is not ASSOCIATION}
        for known in self._known(named, "unique_id", _unique_ids(submission)):
            by_unique_id[known.unique_id] = (*by_unique_id.get(known.unique_id, ()), known)
        return RegistryFacts(
            patients=frozenset(self.known_patients(patients)),
            by_entry_uuid={
                known.entry_uuid: known
                for known in self._known(OBJECT_TABLES, "entry_uuid", _mentioned_uuids(submission))
            },
            by_unique_id=by_unique_id,
        )

    def _known(self, tables: dict[str, Table], column: str, values: set[str]) -> Iterable[KnownObject]:
        for batch in _batches(values):
            parts = [_known_columns(kind, table).where(table.c[column].in_(batch)) for kind, table in tables.items()]
            for row in self._connection.execute(union_all(*parts)).mappings():
                yield KnownObject(**row)

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert the rows of one submission."""
        for kind, table in OBJECT_TABLES.items():
            columns = [row.columns for row in rows if row.kind == kind]
            if columns:
                self._connection.execute(insert(table), columns)

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
