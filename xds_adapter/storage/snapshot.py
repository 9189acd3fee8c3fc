"""A copy of an SQLite file, taken while it is written: whole in itself, of one moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from xds_adapter.storage.contents import sync_path

PART = "xds.part"
"""A copy that is not whole yet."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a database file, consistently and durably.

    The copy is made in one step within one view of the source, so that a busy writer neither waits nor makes it start
    again.

    Args:
        source: An SQLite file, which may be open elsewhere.
        target: The copy; what was there before is lost.

    Raises:
        OSError: The disk fails.
        sqlite3.Error: The source cannot be read, or the target not be written.
    """
    # A former process may have died while it copied.
    target.unlink(missing_ok=True)
    target.touch(0o600)
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
        # One file, whole in itself.
        written.execute("PRAGMA journal_mode=DELETE")
    sync_path(target)
