"""What the registry holds of the things a message names, read by single values so that statements never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, literal_column, null, select

from xds_adapter.model import DocumentEntry, Folder, KnownObject, RegistryFacts, Submission, SubmissionSet
from xds_adapter.storage.statements import Driver, Statement
from xds_adapter.storage.tables import ASSOCIATION, OBJECT_TABLES, PATIENT

_TEXTS = ("patient_id", "unique_id", "object_type", "logical_id", "source_object", "target_object", "association_type")
_OTHERS = ("hash", "size")


def known_columns(kind: str, table: Table) -> Select[Any]:
    """Select what `known_of` reads from a table of registered objects."""

    def column(name: str) -> ColumnElement[Any]:
        if name in table.c:
            return table.c[name]
        return (null() if name in _OTHERS else literal_column("1" if name == "version" else "''")).label(name)

    shared: tuple[ColumnElement[Any], ...] = (
        literal_column(f"'{kind}'").label("kind"),
        table.c.entry_uuid,
        table.c.status,
    )
    return select(*shared, *(column(name) for name in (*_TEXTS, *_OTHERS, "version")))


_FIELDS = ("kind", "entry_uuid", "status", *_TEXTS, *_OTHERS, "version")


def known_of(row: Sequence[Any]) -> KnownObject:
    """Make the value of a row of `known_columns`."""
    return KnownObject(**dict(zip(_FIELDS, row, strict=True)))


_MERGED_INTO = Statement(select(PATIENT.c.merged_into).where(PATIENT.c.patient_id == bindparam("value")))
_BY_UNIQUE_ID = {
    kind: Statement(known_columns(kind, table).where(table.c.unique_id == bindparam("value")))
    for kind, table in OBJECT_TABLES.items()
    if table is not ASSOCIATION
}
_BY_ENTRY_UUID = {
    kind: Statement(known_columns(kind, table).where(table.c.entry_uuid == bindparam("value")))
    for kind, table in OBJECT_TABLES.items()
}
_BY_LOGICAL_ID = {
    kind: Statement(
        known_columns(kind, table)
        .where(table.c.logical_id == bindparam("value"))
        .order_by(table.c.version.desc(), table.c.row_id.desc())
    )
    for kind, table in OBJECT_TABLES.items()
    if "logical_id" in table.c
}
_TOUCHING = Statement(
    known_columns("Association", ASSOCIATION)
    .where((ASSOCIATION.c.source_object == bindparam("value")) | (ASSOCIATION.c.target_object == bindparam("value")))
    .order_by(ASSOCIATION.c.row_id)
)


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


class Facts:
    """Looks up single objects within one transaction."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def known_patients(self, patient_ids: Iterable[str]) -> set[str]:
        """Those of `patient_ids` that are known and were not merged into another."""
        return {p for p, merged_into in self.standing(patient_ids).items() if merged_into is None}

    def standing(self, patient_ids: Iterable[str]) -> dict[str, str | None]:
        """Those of `patient_ids` that were ever known, each with what it was merged into; None: it is in force."""
        rows = {p: _MERGED_INTO.first(self._driver, {"value": p}) for p in set(patient_ids)}
        return {p: row[0] for p, row in rows.items() if row is not None}

    def facts(self, submission: Submission) -> RegistryFacts:
        """Read what the registry holds of everything that `submission` mentions."""
        submission_set = submission.submission_set
        patients = {owner.patient_id.key for owner in submission.members() if owner.patient_id is not None}
        if submission_set is not None and submission_set.patient_id is not None:
            patients.add(submission_set.patient_id.key)
        standing = self.standing(patients)
        by_unique_id: dict[str, tuple[KnownObject, ...]] = {}
        for kind, unique_id in _unique_ids(submission):
            for known in self._known(_BY_UNIQUE_ID[kind], unique_id):
                by_unique_id[unique_id] = (*by_unique_id.get(unique_id, ()), known)
        return RegistryFacts(
            patients=frozenset(p for p, merged_into in standing.items() if merged_into is None),
            merged=frozenset(p for p, merged_into in standing.items() if merged_into is not None),
            by_entry_uuid={
                entry_uuid: found
                for entry_uuid in _mentioned_uuids(submission)
                if (found := self.known(entry_uuid)) is not None
            },
            by_unique_id=by_unique_id,
        )

    def known(self, entry_uuid: str) -> KnownObject | None:
        """The registered object with this entryUUID, of whatever kind."""
        for statement in _BY_ENTRY_UUID.values():
            for found in self._known(statement, entry_uuid):
                return found
        return None

    def versions(self, kind: str, logical_id: str) -> list[KnownObject]:
        """All versions of a DocumentEntry or Folder, the latest first."""
        return self._known(_BY_LOGICAL_ID[kind], logical_id)

    def touching(self, entry_uuid: str) -> list[KnownObject]:
        """The associations with this object at one end, oldest first."""
        return self._known(_TOUCHING, entry_uuid)

    def _known(self, statement: Statement, value: str) -> list[KnownObject]:
        rows = statement.rows(self._driver, {"value": value})
        return [known_of(row) for row in rows]
