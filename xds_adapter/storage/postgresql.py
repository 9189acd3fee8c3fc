"""PostgreSQL: each write in a transaction of its own, kept apart from others by advisory locks.

A work with a scope shares the lock "everything" and holds one lock for each member of its scope; a work without holds
"everything" alone. Locks are taken before the first fact is read, in one order everywhere, and end with the
transaction; under READ COMMITTED what is read afterwards was committed by whoever held them before. What the locks do
not cover (a content, an entryUUID that the registry gave) the unique constraints do: the work then runs again.

Source: docs/decisions/0009-several-processes.md.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from xds_adapter.errors import StorageUnavailable
from xds_adapter.storage.contents import ContentFolder
from xds_adapter.storage.postgresql_link import (
    IDLE_WAIT_S,
    WORK_WAIT_S,
    Link,
    engine_of,
    is_absence,
    is_conflict,
    translated,
)
from xds_adapter.storage.schema import prepare_postgresql
from xds_adapter.storage.tables import IS_PENDING, PENDING_INDEX
from xds_adapter.storage.transaction import Transaction

PENDING_INDEX.dialect_options["postgresql"]["where"] = text(IS_PENDING)

T = TypeVar("T")

_WRITERS = 8
_QUEUE = 1024
_QUEUE_WAIT_S = 2.5
"""A task that found no thread for so long is given up: with what its own writing may take, its sender waits 10 s."""

_MOST_KEYS = 64
"""A scope of more members takes everything: the server's table of locks is small."""

_CROWDED = "too many submissions are waiting to be written"
_TRIES = 8
_TRY_S = 3.0
_ASK_S = 2.0
_AWAY_S = 0.5
_UPGRADE_S = 24 * 3600.0


def lock_key(name: str) -> int:
    """The number of an advisory lock."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


_EVERYTHING = lock_key("\x1feverything")
_SCHEMA = lock_key("\x1fschema")
# The transaction's number serves to ask, should the answer to COMMIT get lost, what became of it.
_LOCK_ALL = f"SELECT pg_current_xact_id()::text, pg_advisory_xact_lock({_EVERYTHING})"
_SHARE_ALL = f"SELECT pg_current_xact_id()::text, pg_advisory_xact_lock_shared({_EVERYTHING})"
_LOCK_EACH = "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key"
_UNHURRIED = "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)"
_OUTCOME = "SELECT pg_xact_status(%s::xid8)"


class PostgresqlBackend:
    """A `Backend` on a PostgreSQL database, which other processes may use at the same time.

    Args:
        url: SQLAlchemy URL.
        contents: The files of larger documents.
        readers: Connections for reading.
        upgrade: Bring a database of an older version up to date.

    Raises:
        ConfigError: The URL cannot be used, or another version wrote the database.
        StorageUnavailable: The database cannot be reached.
    """

    def __init__(self, url: str, contents: ContentFolder, *, readers: int, upgrade: bool) -> None:
        self._contents = contents
        self._reader = engine_of(url, size=readers, isolation_level="REPEATABLE READ")
        self._writing = engine_of(url, size=_WRITERS, isolation_level="READ COMMITTED")
        self._away_until = 0.0
        self._closed = False
        self._free = threading.BoundedSemaphore(_QUEUE)
        self._tasks: set[Future[Any]] = set()
        try:
            self._prepare(upgrade=upgrade)
        except BaseException:
            self._dispose()
            raise
        self._pool = ThreadPoolExecutor(_WRITERS, thread_name_prefix="storage-writer")

    def _prepare(self, *, upgrade: bool) -> None:
        with self._translating(), _connected(self._writing) as (connection, link), connection.begin():
            link.patience_s = _UPGRADE_S
            link.execute(_UNHURRIED)
            link.execute(f"SELECT pg_advisory_xact_lock({_SCHEMA})")
            prepare_postgresql(connection, upgrade=upgrade)
        with self._translating(), _connected(self._reader):
            # One that `_was_committed` can ask is there from the beginning.
            pass

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """See `Database.reading`."""
        self._check_there()
        with self._translating(), _connected(self._reader) as (connection, link):
            link.patience_s = WORK_WAIT_S
            link.read_only = True
            with connection.begin():
                yield Transaction.of(connection, self._contents)

    def write(self, work: Callable[[Transaction], T], scope: Iterable[str] | None) -> T:
        """See `Database.write`."""
        keys = None if scope is None else sorted({lock_key(name) for name in scope})
        if keys is not None and len(keys) > _MOST_KEYS:
            keys = None
        started = time.monotonic()
        for number in range(1, _TRIES + 1):
            self._check_there()
            try:
                return self._attempt(work, keys, until=started + WORK_WAIT_S)
            except (SQLAlchemyError, psycopg.Error) as error:
                late = number == _TRIES or time.monotonic() - started > _TRY_S
                if late or not is_conflict(error):
                    raise self._told(error) from None
            # Those who met must not meet again at once.
            time.sleep(random.uniform(0, 0.01 * number))  # noqa: S311 - not for secrets
        raise AssertionError("the last try returns or raises")

    def process(self, task: Callable[[], T]) -> Future[T]:
        """See `Database.process`: the task runs in one of a few threads."""
        if not self._free.acquire(blocking=False):
            raise StorageUnavailable(_CROWDED)
        until = time.monotonic() + _QUEUE_WAIT_S

        def run() -> T:
            if time.monotonic() > until:
                raise StorageUnavailable(_CROWDED)
            return task()

        try:
            future = self._pool.submit(run)
        except RuntimeError as error:
            self._free.release()
            raise StorageUnavailable("the store has been closed") from error
        self._tasks.add(future)
        future.add_done_callback(self._finished)
        return future

    def _finished(self, future: Future[Any]) -> None:
        self._tasks.discard(future)
        self._free.release()

    @property
    def waiting(self) -> int:
        """See `Database.waiting`."""
        return len(self._tasks)

    def scrub(self, wait_s: float) -> bool:  # noqa: ARG002 - it waits for nothing
        """See `Database.scrub`: the server overwrites what it keeps of deleted rows when it vacuums."""
        return True

    def close(self) -> None:
        """Finish queued tasks and close all connections."""
        self._pool.shutdown()
        self._closed = True
        self._dispose()

    def _dispose(self) -> None:
        self._reader.dispose()
        self._writing.dispose()

    def _attempt(self, work: Callable[[Transaction], T], keys: list[int] | None, *, until: float) -> T:
        with _connected(self._writing) as (connection, link):
            link.until = until
            with connection.begin():
                begun = time.monotonic()
                number = _locked(link, keys)
                result = work(Transaction.of(connection, self._contents))
                self._contents.sync()
                if link.info.transaction_status != TransactionStatus.INTRANS:
                    raise StorageUnavailable("the database has given the transaction up")
                self._commit(connection, link, number, begun)
        return result

    def _commit(self, connection: Connection, link: Link, number: str, begun: float) -> None:
        try:
            connection.commit()
        except (SQLAlchemyError, psycopg.Error):
            if not link.closed or not self._was_committed(number, begun):
                raise

    def _was_committed(self, number: str, begun: float) -> bool:
        """Ask what became of a transaction whose COMMIT was not answered.

        A server that crashed gives the number of a transaction of which nothing had reached its log to another one. A
        connection that is older than the transaction proves that there was no crash; on a newer one only "aborted" can
        be believed.

        Raises:
            StorageUnavailable: It cannot be found out now.
        """
        until = time.monotonic() + _ASK_S
        while time.monotonic() < until:
            # Not in the pool that writes: the broken connection has emptied it.
            with suppress(SQLAlchemyError, psycopg.Error), _connected(self._reader) as (_, link):
                (outcome,) = link.execute(_OUTCOME, [number]).fetchone() or (None,)
                if outcome == "aborted":
                    return False
                if outcome == "committed" and link.opened < begun:
                    return True
                if outcome == "committed":
                    break
            time.sleep(0.1)
        self._note_absence()
        raise StorageUnavailable("the database went away while it was writing", nothing_written=False)

    def _check_there(self) -> None:
        if self._closed:
            raise StorageUnavailable("the store has been closed")
        if time.monotonic() < self._away_until:
            raise StorageUnavailable("the database is away")

    def _note_absence(self) -> None:
        """For a moment nobody waits for the database: whoever queued up behind the first is answered at once."""
        self._away_until = time.monotonic() + _AWAY_S

    def _told(self, error: SQLAlchemyError | psycopg.Error) -> Exception:
        if is_absence(error):
            self._note_absence()
        return translated(error)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, psycopg.Error) as error:
            raise self._told(error) from None


@contextmanager
def _connected(engine: Engine) -> Iterator[tuple[Connection, Link]]:
    """Lend a connection; one that broke is not put back."""
    with engine.connect() as connection:
        link: Any = connection.connection.driver_connection
        try:
            yield connection, link
        finally:
            link.until, link.patience_s = None, IDLE_WAIT_S
            if link.closed and not connection.invalidated:
                connection.invalidate()


def _locked(link: Link, keys: list[int] | None) -> str:
    """Take the locks of a work and return the number of its transaction."""
    number, _ = link.execute(_LOCK_ALL if keys is None else _SHARE_ALL).fetchone() or ("", "")
    if keys:
        link.execute(_LOCK_EACH, [keys])
    return str(number)
