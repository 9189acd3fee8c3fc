"""What SQLite's write-ahead log still holds of removed content goes, too.

A commit appends pages to the log, and the log is reused only when it has grown long; until then it holds what the pages
were before. A checkpoint that truncates it needs a moment in which no reader looks at an older state, so it is tried
after each commit until it succeeds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from xds_adapter.errors import StorageUnavailable

LOG = logging.getLogger("xds_adapter.storage")

_PATIENCE_MS = 50
"""How long one attempt waits for readers; writers wait so long, too."""
_PAUSE_S = 0.05
_LATER_S = 1.0


class LogScrubber:
    """Empties the write-ahead log once somebody asked for it.

    Args:
        commit: Has the writer commit something; `after_commit` is called behind each commit.
        busy_timeout_ms: What the writer's connection waits otherwise.
    """

    def __init__(self, commit: Callable[[], None], *, busy_timeout_ms: int) -> None:
        self._commit = commit
        self._busy_timeout_ms = busy_timeout_ms
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def after_commit(self, connection: Connection) -> None:
        """Try once, when it is wanted; called by the writer, outside a transaction."""
        if not self._wanted.is_set():
            return
        try:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")
            blocked = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            connection.exec_driver_sql(f"PRAGMA busy_timeout={self._busy_timeout_ms}")
        except SQLAlchemyError as error:
            # The commit stands, whatever becomes of the log.
            LOG.warning("the log of the database cannot be emptied now (%s)", type(error).__name__)
            return
        if not blocked:
            # Whoever asks from now on has committed before this checkpoint: nothing else commits in this thread.
            self._wanted.clear()

    def scrub(self, wait_s: float) -> bool:
        """Empty the log, or have it emptied as soon as the readers of an older state are gone.

        Args:
            wait_s: Seconds to wait for them.

        Returns:
            Whether it is empty.

        Raises:
            StorageUnavailable: The database cannot serve.
        """
        self._wanted.set()
        until = time.monotonic() + wait_s
        while True:
            self._commit()
            if not self._wanted.is_set():
                return True
            if time.monotonic() >= until:
                break
            time.sleep(_PAUSE_S)
        LOG.warning("a reader keeps an older state of the database; removed content leaves its log when it has ended")
        self._go_on()
        return False

    def _go_on(self) -> None:
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="storage-scrubber", daemon=True)
                self._thread.start()

    def _loop(self) -> None:
        while self._wanted.is_set() and not self._closed.wait(_LATER_S):
            try:
                self._commit()
            except StorageUnavailable as error:
                LOG.warning("the log of the database cannot be emptied now: %s", error)

    def close(self) -> None:
        """Stop trying; closing the last connection to a database empties its log as well."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
