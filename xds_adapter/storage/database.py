"""The database of a data folder: SQLite in WAL mode, every commit synced, one writer, many readers."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.pool import QueuePool

from xds_adapter.errors import ConfigError
from xds_adapter.storage.contents import ContentFolder
from xds_adapter.storage.documents import DocumentTable
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.patients import PatientTable
from xds_adapter.storage.registry import RegistryTable
from xds_adapter.storage.removals import RemovalTable
from xds_adapter.storage.scrub import LogScrubber
from xds_adapter.storage.tables import METADATA, SCHEMA_VERSION, SETTING
from xds_adapter.storage.writer import GroupCommitWriter, SpoiledGroup

T = TypeVar("T")

_FILE = "xds.sqlite3"
_LOCK = "serve.lock"
_BUSY_TIMEOUT_MS = 10_000
_SCRUB_S = 5.0
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


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one transaction reads and writes."""

    connection: Connection
    registry: RegistryTable
    documents: DocumentTable

    @property
    def patients(self) -> PatientTable:
        """Merges of patients, and the messages that announced them."""
        return PatientTable(self.connection)

    @property
    def removals(self) -> RemovalTable:
        """What a removal touches, and the record of all removals."""
        return RemovalTable(self.connection)

    def setting(self, name: str, default: Callable[[], str]) -> str:
        """Return a remembered value, or remember `default()`."""
        value: str | None = self.connection.scalar(select(SETTING.c.value).where(SETTING.c.name == name))
        if value is None:
            value = default()
            self.connection.execute(insert(SETTING), {"name": name, "value": value})
        return value


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


class Database:
    """Metadata and documents of one data folder.

    Args:
        folder: The data folder; made when missing.
        exclusive: Hold the folder for this process alone, as a server must.
        readers: Connections for reading.

    Raises:
        ConfigError: Another server holds the folder, or a newer version wrote it.
        StorageUnavailable: The folder or the database cannot be opened.
    """

    def __init__(self, folder: Path, *, exclusive: bool = False, readers: int = 8) -> None:
        with storage_errors():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _locked(folder) if exclusive else None
        self._reader = _engine(folder / _FILE, readers=readers)
        self._writing = _engine(folder / _FILE, readers=1, pragmas=(*_PRAGMAS, *_WRITER_PRAGMAS))
        try:
            self.contents = ContentFolder(folder)
            if exclusive:
                self.contents.clear()
            with storage_errors():
                self._prepare()
        except BaseException:
            self._release()
            raise
        self._thread = threading.local()
        self._writer: GroupCommitWriter[Transaction] = GroupCommitWriter(self._run_group)
        self._scrubber = LogScrubber(self._commit_nothing, busy_timeout_ms=_BUSY_TIMEOUT_MS)
        if exclusive:
            try:
                self._finish_removals()
            except BaseException:
                self.close()
                raise

    def _prepare(self) -> None:
        with self._writing.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > SCHEMA_VERSION:
                _rollback(connection)
                raise ConfigError(f"the data folder was written by a newer version (schema {version})")
            if version == 0:
                METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a consistent view of what is committed.

        Raises:
            StorageUnavailable: The database cannot be read.
        """
        with storage_errors(), self._reader.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield self._transaction(connection)
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def write(self, work: Callable[[Transaction], T], *, scope: Iterable[str] | None = None) -> T:  # noqa: ARG002 - one writer needs no scope
        """Run `work` in a transaction, possibly shared with others, and return when its commit is durable.

        Within a task of `process` it joins that task's transaction instead.

        Args:
            work: May run twice, so it must have no effect but on the transaction; when it raises, it changes nothing.
            scope: Patients (`CX.key`) and uniqueIds whose state decides what `work` does: no other work with one of
                them runs at the same time, in whatever process. None: no other work at all.

        Raises:
            StorageUnavailable: The database cannot be written; nothing was.
        """
        transaction: Transaction | None = getattr(self._thread, "transaction", None)
        if transaction is None:
            return self._writer.submit(work).result()
        try:
            return work(transaction)
        except BaseException:
            self._thread.spoiled = True
            raise

    def process(self, task: Callable[[], T]) -> Future[T]:
        """Run a short task in the writer's own thread; the future has its result once all it wrote is durable.

        Handing a small submission from thread to thread costs more than its work, see docs/decisions/0002-threads.md.

        Args:
            task: Calls `write` at will and must not wait for anything else. It may run twice, after everything the
                first run wrote was undone. When one of its writes raised, nothing of it is kept, whatever it returns.

        Raises:
            StorageUnavailable: From the future: nothing was written. From here: too many are waiting.
        """
        return self._writer.submit(lambda _transaction: task())

    def setting(self, name: str, default: Callable[[], str]) -> str:
        """Return what the folder remembers under `name`; the first call writes `default()`.

        Raises:
            StorageUnavailable: The database cannot serve.
        """

        def remember(transaction: Transaction) -> str:
            return transaction.setting(name, default)

        return self.write(remember)

    def collect(self, content_ids: Iterable[bytes]) -> None:
        """Remove the files of contents that nothing refers to, if that is still so.

        Raises:
            StorageUnavailable: The database or the disk cannot serve.
        """
        wanted = list(content_ids)
        if wanted:
            # In the writer, so that no submission can take up one of the files meanwhile.
            self.write(lambda transaction: transaction.documents.remove_files(wanted))

    def scrub(self, *, wait_s: float = _SCRUB_S) -> bool:
        """Let nothing that was removed remain in the database's own files; not to be called within a write.

        Deleted rows are overwritten when they are deleted; this removes the older state of their pages from the
        write-ahead log. A reader that looks at such a state delays it: then it is tried again, each second and after
        each commit, until it succeeds; closing the database does the same.

        Args:
            wait_s: Seconds to wait for readers.

        Returns:
            Whether it is done.

        Raises:
            StorageUnavailable: The database cannot serve.
        """
        return self._scrubber.scrub(wait_s)

    def _commit_nothing(self) -> None:
        self.write(lambda _transaction: None)

    def _finish_removals(self) -> None:
        """Do what a former process may have died before: remove files of removed contents, and empty the log."""
        with self.reading() as transaction:
            noted = transaction.documents.noted()
        self.collect(noted)
        self.scrub(wait_s=0)

    def close(self) -> None:
        """Finish queued writes and release the folder."""
        self._scrubber.close()
        self._writer.close()
        self._release()

    def _release(self) -> None:
        self._reader.dispose()
        self._writing.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _transaction(self, connection: Connection) -> Transaction:
        return Transaction(connection, RegistryTable(connection), DocumentTable(connection, self.contents))

    def _run_group(self, group: list[Callable[[Transaction], Any]]) -> list[Any]:
        with storage_errors(), self._writing.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                results, spoiled = self._run_works(self._transaction(connection), group)
                if spoiled:
                    connection.exec_driver_sql("ROLLBACK")
                else:
                    self.contents.sync()
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


def _locked(folder: Path) -> int:
    with storage_errors():
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise ConfigError(f"another server is using the data folder {folder}") from error
    return descriptor
