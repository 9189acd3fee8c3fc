"""Documents and DocumentEntries: each document has a content, each entry of this repository a document.

The tables are walked in windows of row ids, each in a view of its own: a long view would keep the database's log from
being emptied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, Table, and_, exists, func, not_, select

from xds_adapter.storage.check.problems import CheckCounts, Problem, ProblemKind
from xds_adapter.storage.database import Database
from xds_adapter.storage.tables import CONTENT, DOCUMENT, DOCUMENT_ENTRY, REMOVAL
from xds_adapter.vocabulary.ebrim import DocumentEntryType

_WINDOW = 5000


class BindingCheck:
    """Compares documents, contents and entries.

    Args:
        database: The database.
        counts: What was looked at is added here.
        repository_unique_id: The OID of this repository.
    """

    def __init__(self, database: Database, counts: CheckCounts, *, repository_unique_id: str | None) -> None:
        self._database = database
        self._counts = counts
        self._own = repository_unique_id

    def documents(self) -> Iterator[Problem]:
        """Check that each document has its content.

        Raises:
            StorageUnavailable: The database cannot be read.
        """
        content = exists().where(CONTENT.c.content_id == DOCUMENT.c.content_id)
        entry = exists().where(DOCUMENT_ENTRY.c.unique_id == DOCUMENT.c.document_unique_id)
        lost = select(DOCUMENT.c.document_unique_id).where(not_(content))
        count = select(func.count()).select_from(DOCUMENT)
        for first, last in self._windows(DOCUMENT):
            window = DOCUMENT.c.row_id.between(first, last)
            self._counts.documents += self._number(count.where(window))
            self._counts.without_entry += self._number(count.where(window, not_(entry)))
            for unique_id in self._names(lost.where(window)):
                yield Problem(kind=ProblemKind.GHOST, name=unique_id, what="the database has lost its content")

    def entries(self) -> Iterator[Problem]:
        """Check that each entry of this repository has its document, unless that was removed.

        Raises:
            StorageUnavailable: The database cannot be read.
        """
        if self._own is None:
            return
        e, d = DOCUMENT_ENTRY.c, DOCUMENT.c
        stored = exists().where(d.document_unique_id == e.unique_id)
        removed = exists().where(and_(REMOVAL.c.removed_id == e.unique_id, REMOVAL.c.kind == "Document"))
        other = exists().where(and_(d.document_unique_id == e.unique_id, d.sha1 != func.lower(e.hash)))
        mine = and_(e.repository_unique_id == self._own, e.object_type == DocumentEntryType.STABLE)
        # A later version may say another hash (ITI-57), the first one was compared with the bytes.
        checks = (
            (and_(not_(stored), not_(removed)), ProblemKind.GHOST, "an entry is registered, but no document is stored"),
            (and_(e.version == 1, other), ProblemKind.DAMAGE, "the hash of its entry is not that of its document"),
        )
        for first, last in self._windows(DOCUMENT_ENTRY):
            window = and_(e.row_id.between(first, last), mine)
            self._counts.entries += self._number(select(func.count()).select_from(DOCUMENT_ENTRY).where(window))
            for condition, kind, what in checks:
                for unique_id in self._names(select(e.unique_id).where(window, condition).distinct()):
                    yield Problem(kind=kind, name=unique_id, what=what)

    def _windows(self, table: Table) -> Iterator[tuple[int, int]]:
        last = self._number(select(func.coalesce(func.max(table.c.row_id), 0)))
        for first in range(1, last + 1, _WINDOW):
            yield first, min(first + _WINDOW - 1, last)

    def _number(self, query: Select[Any]) -> int:
        with self._database.reading() as transaction:
            return int(transaction.connection.scalar(query) or 0)

    def _names(self, query: Select[Any]) -> list[str]:
        with self._database.reading() as transaction:
            return list(transaction.connection.scalars(query))
