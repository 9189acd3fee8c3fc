"""Removal of registry objects, and the record of every removal, within one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from xds_adapter.model import KnownObject, RemovalFacts
from xds_adapter.storage.batches import batches
from xds_adapter.storage.facts import known_columns, known_of
from xds_adapter.storage.tables import ASSOCIATION, OBJECT_TABLES, REMOVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """One removal to record.

    Attributes:
        kind: DocumentEntry, SubmissionSet, Folder, Association or Document.
        removed_id: entryUUID of an object, uniqueId of a document.
        sha1: Of a document's bytes.
    """

    kind: str
    removed_id: str
    sha1: str | None = None


class RemovalTable:
    """Reads what a removal touches, deletes and records; all of it in batches, however long the list."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, entry_uuids: Iterable[str]) -> RemovalFacts:
        """Read what the registry holds of the objects to be removed."""
        named = self._known(entry_uuids)
        ends = {end for known in named.values() for end in (known.source_object, known.target_object) if end}
        linked = self._known(ends - set(named))
        return RemovalFacts(
            named=named, linked=linked, associations=tuple(self._associations({*named, *linked}).values())
        )

    def _known(self, entry_uuids: Iterable[str]) -> dict[str, KnownObject]:
        found: dict[str, KnownObject] = {}
        for batch in batches(entry_uuids):
            for kind, table in OBJECT_TABLES.items():
                rows = self._connection.execute(known_columns(kind, table).where(table.c.entry_uuid.in_(batch)))
                found.update((known.entry_uuid, known) for known in map(known_of, rows))
        return found

    def _associations(self, ends: set[str]) -> dict[str, KnownObject]:
        found: dict[str, KnownObject] = {}
        columns = known_columns("Association", ASSOCIATION)
        for column in (ASSOCIATION.c.source_object, ASSOCIATION.c.target_object):
            for batch in batches(ends):
                rows = self._connection.execute(columns.where(column.in_(batch)).order_by(ASSOCIATION.c.row_id))
                found.update((known.entry_uuid, known) for known in map(known_of, rows))
        return found

    def delete(self, objects: Iterable[KnownObject]) -> None:
        """Delete registered objects."""
        by_kind: dict[str, list[str]] = {}
        for known in objects:
            by_kind.setdefault(known.kind, []).append(known.entry_uuid)
        for kind, entry_uuids in by_kind.items():
            table = OBJECT_TABLES[kind]
            for batch in batches(entry_uuids):
                self._connection.execute(delete(table).where(table.c.entry_uuid.in_(batch)))

    def record(self, removals: Iterable[Removed], transaction: str) -> None:
        """Remember what was removed.

        Args:
            removals: What was removed.
            transaction: By which transaction, e.g. ``ITI-62``.
        """
        rows = list(_rows(removals, transaction, int(time.time())))
        if rows:
            self._connection.execute(insert(REMOVAL), rows)

    def was_removed(self, document_unique_id: str) -> bool:
        """Tell whether a document of this uniqueId was removed at some time."""
        is_it = (REMOVAL.c.removed_id == document_unique_id) & (REMOVAL.c.kind == "Document")
        return self._connection.scalar(select(REMOVAL.c.row_id).where(is_it).limit(1)) is not None


def _rows(removals: Iterable[Removed], transaction: str, now: int) -> Iterator[dict[str, object]]:
    for removed in removals:
        yield {
            "kind": removed.kind,
            "removed_id": removed.removed_id,
            "sha1": removed.sha1,
            "transaction": transaction,
            "removed_at": now,
        }
