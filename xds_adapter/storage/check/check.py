"""The whole check, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import select

from xds_adapter.errors import ConfigError
from xds_adapter.storage.check.bindings import BindingCheck
from xds_adapter.storage.check.contents import ContentCheck
from xds_adapter.storage.check.leftovers import leftovers
from xds_adapter.storage.check.problems import CheckCounts, Problem, ProblemKind
from xds_adapter.storage.database import Database
from xds_adapter.storage.tables import CONTENT, SETTING
from xds_adapter.storage.transaction import Transaction


class StoreCheck:
    """Compares a database with its data folder.

    Args:
        database: The database, opened beside servers that may run.
        folder: The data folder.
        repository_unique_id: OID of the repository; None: the one that the database remembers.
        inbox: The inbox of the Document Recipient; None: the one in the data folder.
        scrub: Read all bytes and compare their hashes.
        collect: Remove orphans and leftovers.

    Attributes:
        counts: What was looked at so far.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        repository_unique_id: str | None = None,
        inbox: Path | None = None,
        scrub: bool = False,
        collect: bool = False,
    ) -> None:
        self._database = database
        self._folder = folder
        self._unique_id = repository_unique_id
        self._inbox = inbox or folder / "inbox"
        self._scrub = scrub
        self._collect = collect
        self.counts = CheckCounts()

    def problems(self, progress: Callable[[int, int], None] = lambda _done, _total: None) -> Iterator[Problem]:
        """Yield what is wrong.

        Args:
            progress: Called with steps done and steps in all.

        Raises:
            ConfigError: Something is to be removed, but the database knows none of the files.
            StorageUnavailable: The database or the folder cannot be read.
        """
        if self._collect:
            self._refuse_a_foreign_database()
        contents = ContentCheck(self._database, self._folder, self.counts, scrub=self._scrub, collect=self._collect)
        bindings = BindingCheck(self._database, self.counts, repository_unique_id=self._repository())
        steps: list[Callable[[], Iterator[Problem]]] = [
            *([self._pages] if self._scrub else []),
            *(partial(contents.check, part) for part in contents.parts()),
            bindings.documents,
            bindings.entries,
            lambda: leftovers(self._folder, self._inbox, collect=self._collect),
        ]
        for done, step in enumerate(steps, 1):
            yield from step()
            progress(done, len(steps))

    def _pages(self) -> Iterator[Problem]:
        """Have SQLite read all of its own pages; PostgreSQL has its own tools (pg_amcheck, data checksums)."""
        with self._database.reading() as transaction:
            if transaction.connection.dialect.name != "sqlite":
                return
            words = [row[0] for row in transaction.connection.exec_driver_sql("PRAGMA quick_check(20)")]
        for word in words:
            if word != "ok":
                yield Problem(kind=ProblemKind.DAMAGE, name="database", what=str(word))

    def _refuse_a_foreign_database(self) -> None:
        """Whoever names the wrong database must not lose the documents of the right one."""
        with self._database.reading() as transaction:
            foreign = self._is_foreign(transaction)
        # The first file of all may be in place while its commit is on its way: within a write nothing is.
        if foreign and self._database.write(self._is_foreign):
            raise ConfigError(
                f"the database refers to none of the files in {self._folder / 'content'}: is it the one of this folder?"
                " Nothing was removed. Should they really be orphans, move them away by hand"
            )

    def _is_foreign(self, transaction: Transaction) -> bool:
        query = select(CONTENT.c.row_id).where(CONTENT.c.body.is_(None)).limit(1)
        if transaction.connection.scalar(query) is not None or transaction.documents.noted():
            return False
        return any((self._folder / "content").glob("*/*"))

    def _repository(self) -> str | None:
        if self._unique_id is not None:
            return self._unique_id
        query = select(SETTING.c.value).where(SETTING.c.name == "repository.unique_id")
        with self._database.reading() as transaction:
            found: str | None = transaction.connection.scalar(query)
        return found
