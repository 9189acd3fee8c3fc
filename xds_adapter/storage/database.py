"""The database of a data folder: SQLite in the folder, or PostgreSQL, which several servers may share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from xds_adapter.errors import ConfigError
from xds_adapter.storage.contents import ContentFolder
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.folder_lock import FolderLock
from xds_adapter.storage.sqlite import SqliteBackend
from xds_adapter.storage.transaction import Backend, Transaction

T = TypeVar("T")

DATABASE_FILE = "xds.sqlite3"
"""Name of the SQLite file in the data folder."""

RESTORING = "restoring"
"""Name of a file that is there while the folder is being restored: its database would seem empty."""

_SCRUB_S = 5.0
_NEEDS_EXTRA = (
    'registry.database names a PostgreSQL database, which needs the extra "postgres":'
    " pip install 'xds-adapter[postgres]'"
)


class Database:
    """Metadata and documents of one data folder.

    Args:
        folder: The data folder; made when missing.
        url: SQLAlchemy URL of a PostgreSQL database; None: SQLite in the folder.
        exclusive: Hold the folder, as a server must: alone with SQLite, beside other servers with PostgreSQL. Only
            then is a database of an older version upgraded, after a copy of an SQLite file.
        shared: With PostgreSQL, admit further servers on the folder.
        readers: Connections for reading.

    Raises:
        ConfigError: Another server holds the folder, another version wrote it, or the URL cannot be used.
        StorageUnavailable: The folder or the database cannot be opened.
    """

    def __init__(
        self, folder: Path, *, url: str | None = None, exclusive: bool = False, shared: bool = True, readers: int = 8
    ) -> None:
        if (folder / RESTORING).exists():
            raise ConfigError(f"a restore into {folder} has not been finished; run the same restore again")
        with storage_errors():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shared = shared and url is not None
        self._lock = FolderLock(folder, shared=shared) if exclusive else None
        try:
            self.contents = ContentFolder(folder, own=self._lock.token if self._lock is not None else None)
            if self._lock is not None:
                with self._lock.others() as living:
                    self.contents.clear(living)
            self._backend = _backend(url, folder, self.contents, readers=readers, upgrade=exclusive)
        except BaseException:
            self._release()
            raise
        if exclusive:
            try:
                self._finish_removals()
            except BaseException:
                self.close()
                raise

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a consistent view of what is committed.

        Raises:
            StorageUnavailable: The database cannot be read.
        """
        return self._backend.reading()

    def write(self, work: Callable[[Transaction], T], *, scope: Iterable[str] | None = None) -> T:
        """Run `work` in a transaction, possibly shared with others, and return when its commit is durable.

        Within a task of `process` on SQLite it joins that task's transaction instead.

        Args:
            work: May run more than once, so it must have no effect but on the transaction, and must not call `write`;
                when it raises, it changes nothing.
            scope: Patients (`CX.key`), uniqueIds and entryUUIDs whose state decides what `work` does: no other work
                with one of them runs at the same time, in whatever process. None: no other work at all.

        Raises:
            StorageUnavailable: The database cannot be written; nothing was, unless it says otherwise.
            MalformedMessage: The database cannot hold a value.
        """
        return self._backend.write(work, scope)

    def process(self, task: Callable[[], T]) -> Future[T]:
        """Run a short task where writing is cheap; the future has its result once all it wrote is durable.

        Args:
            task: Writes once at most and must not wait for anything else. It may run twice, after everything the
                first run wrote was undone. When its write raised, nothing of it is kept, whatever it returns.

        Raises:
            StorageUnavailable: From the future: nothing was written. From here: too many are waiting.
        """
        return self._backend.process(task)

    @property
    def waiting(self) -> int:
        """Tasks and writes that wait for their turn; on PostgreSQL the tasks of `process` that are not done."""
        return self._backend.waiting

    def setting(self, name: str, default: Callable[[], str]) -> str:
        """Return what the database remembers under `name`; the first call, in whatever process, writes `default()`.

        Raises:
            StorageUnavailable: The database cannot serve.
        """

        def remember(transaction: Transaction) -> str:
            return transaction.setting(name, default)

        return self.write(remember, scope=[f"setting {name}"])

    def collect(self, content_ids: Iterable[bytes]) -> None:
        """Remove the files of contents that nothing refers to, if that is still so.

        Raises:
            StorageUnavailable: The database or the disk cannot serve.
        """
        wanted = list(content_ids)
        if wanted:
            # Without scope, so that no submission can take up one of the files meanwhile.
            self.write(lambda transaction: transaction.documents.remove_files(wanted))

    def release(self, content_ids: Iterable[bytes]) -> None:
        """Delete those contents that no document has, with their files.

        Raises:
            StorageUnavailable: The database or the disk cannot serve.
        """
        wanted = list(content_ids)
        self.collect(self.write(lambda transaction: transaction.documents.release(wanted)))

    def scrub(self, *, wait_s: float = _SCRUB_S) -> bool:
        """Let nothing that was removed remain in the database's own files; not to be called within a write.

        In SQLite deleted rows are overwritten when they are deleted; this removes the older state of their pages from
        the write-ahead log. A reader that looks at such a state delays it: then it is tried again, each second and
        after each commit, until it succeeds; closing the database does the same.

        Args:
            wait_s: Seconds to wait for readers.

        Returns:
            Whether it is done.

        Raises:
            StorageUnavailable: The database cannot serve.
        """
        return self._backend.scrub(wait_s)

    def _finish_removals(self) -> None:
        """Do what a former process may have died before: remove files of removed contents, and empty the log."""
        with self.reading() as transaction:
            noted = transaction.documents.noted()
        self.collect(noted)
        self.scrub(wait_s=0)

    def close(self) -> None:
        """Finish queued writes and release the folder."""
        self._backend.close()
        self.contents.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _backend(url: str | None, folder: Path, contents: ContentFolder, *, readers: int, upgrade: bool) -> Backend:
    if url is None:
        return SqliteBackend(folder / DATABASE_FILE, contents, readers=readers, upgrade=upgrade)
    try:
        # The driver is an extra of the package.
        from xds_adapter.storage.postgresql import PostgresqlBackend  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise ConfigError(_NEEDS_EXTRA) from error
    return PostgresqlBackend(url, contents, readers=readers, upgrade=upgrade)
