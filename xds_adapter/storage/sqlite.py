"""SQLite in WAL mode, every commit synced: one writer, which shares commits, and many readers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from xds_adapter.storage.contents import ContentFolder
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.schema import prepare_sqlite
from xds_adapter.storage.scrub import LogScrubber
from xds_adapter.storage.transaction import Transaction
from xds_adapter.storage.writer import GroupCommitWriter, SpoiledGroup

T = TypeVar("T")

_BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = (
    # A leaf fits a page, a small document four: fewer pages to write than of the usual 4 KiB.
    "PRAGMA page_size=16384",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    # A short log keeps the slowest commits short: a checkpoint moves at most about so many pages.
    "PRAGMA wal_autocheckpoint=1000",
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
    "PRAGMA cache_size=-16384",
)
_WRITER_PRAGMAS = (
    # What is deleted is overwritten, so that removed documents and metadata leave no trace in free pages.
    "PRAGMA secure_delete=ON",
)


def _engine(path: Path, *, readers: int, pragmas: Sequence[str] = _PRAGMAS) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        # Transactions begin where this module says so, not where the driver guesses.
        connect_args={"check_same_thread": False, "isolation_level": None},
        poolclass=QueuePool,
        pool_size=readers,
        max_overflow=0,
        # The text of a statement error goes to the log; the parameters are patient data.
        hide_parameters=True,
        pool_timeout=30,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    return engine


class SqliteBackend:
    """A `Backend` on a file.

    Args:
        path: The database file; made when missing.
        contents: The files of larger documents.
        readers: Connections for reading.
        upgrade: Bring a file of an older version up to date, after a copy of it.

    Raises:
        ConfigError: Another version wrote the file.
        StorageUnavailable: The file cannot be opened.
    """

    def __init__(self, path: Path, contents: ContentFolder, *, readers: int, upgrade: bool) -> None:
        self._contents = contents
        self._reader = _engine(path, readers=readers)
        self._writing = _engine(path, readers=1, pragmas=(*_PRAGMAS, *_WRITER_PRAGMAS))
        try:
            with storage_errors(), self._writing.connect() as connection:
                prepare_sqlite(connection, path, upgrade=upgrade)
        except BaseException:
            self._dispose()
            raise
        self._thread = threading.local()
        self._writer: GroupCommitWriter[Transaction] = GroupCommitWriter(self._run_group)
        self._scrubber = LogScrubber(self._commit_nothing, busy_timeout_ms=_BUSY_TIMEOUT_MS)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """See `Database.reading`."""
        with storage_errors(), self._reader.connect() as connection:
            # Past SQLAlchemy, whose way to a statement takes longer than a small answer.
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN")
            try:
                yield Transaction.of(connection, self._contents)
            finally:
                driver.execute("ROLLBACK")

    def write(self, work: Callable[[Transaction], T], scope: Iterable[str] | None) -> T:  # noqa: ARG002 - one writer needs no scope
        """See `Database.write`."""
        transaction: Transaction | None = getattr(self._thread, "transaction", None)
        if transaction is None:
            return self._writer.submit(work).result()
        try:
            return work(transaction)
        except BaseException:
            self._thread.spoiled = True
            raise

    def process(self, task: Callable[[], T]) -> Future[T]:
        """See `Database.process`: the task runs in the writer's own thread, and its writes join one transaction.

        Handing a small submission from thread to thread costs more than its work, see docs/decisions/0002-threads.md.
        """
        return self._writer.submit(lambda _transaction: task())

    @property
    def waiting(self) -> int:
        """See `Database.waiting`."""
        return self._writer.waiting

    def scrub(self, wait_s: float) -> bool:
        """See `Database.scrub`."""
        return self._scrubber.scrub(wait_s)

    def _commit_nothing(self) -> None:
        self.write(lambda _transaction: None, None)

    def close(self) -> None:
        """Finish queued writes and close the file."""
        self._scrubber.close()
        self._writer.close()
        self._dispose()

    def _dispose(self) -> None:
        self._reader.dispose()
        self._writing.dispose()

    def _run_group(self, group: list[Callable[[Transaction], Any]]) -> list[Any]:
        with storage_errors(), self._writing.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                results, spoiled = self._run_works(Transaction.of(connection, self._contents), group)
                if spoiled:
                    connection.exec_driver_sql("ROLLBACK")
                else:
                    self._contents.sync()
                    connection.exec_driver_sql("COMMIT")
                    self._scrubber.after_commit(connection)
            except BaseException:
                _rollback(connection)
                raise
        return results

    def _run_works(self, transaction: Transaction, group: list[Callable[[Transaction], Any]]) -> tuple[list[Any], bool]:
        """Run all works; a task whose write failed spoils the group, so that each runs again alone."""
        self._thread.transaction, self._thread.spoiled = transaction, False
        results = []
        try:
            for work in group:
                results.append(work(transaction))
                if self._thread.spoiled and len(group) > 1:
                    raise SpoiledGroup
            return results, self._thread.spoiled
        finally:
            self._thread.transaction = None


def _rollback(connection: Connection) -> None:
    # After some failures, a full disk among them, SQLite has rolled back by itself.
    if connection.connection.driver_connection is not None and connection.connection.driver_connection.in_transaction:
        connection.exec_driver_sql("ROLLBACK")
