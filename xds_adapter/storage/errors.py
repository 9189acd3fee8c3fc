"""The border to SQLAlchemy and the file system: their exceptions are translated here, once."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from xds_adapter.errors import StorageUnavailable

_DISK_FULL = "53100"
"""SQLSTATE disk_full."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_full(error: StorageUnavailable) -> bool:
    """Tell whether it is room that lacks."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL


def _is_full_database(error: Exception) -> bool:
    """Tell whether SQLite found no room; PostgreSQL says it by a code of its own."""
    origin = getattr(error, "orig", error)
    codes = getattr(origin, "sqlite_errorcode", None), getattr(origin, "sqlstate", None)
    return sqlite3.SQLITE_FULL in codes or _DISK_FULL in codes


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn database and disk errors into StorageUnavailable; the original is kept as its cause for the log.

    Raises:
        StorageUnavailable: Whatever SQLAlchemy or the operating system reported.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        # The message of a statement error quotes its parameters, which are patient data: name its class only.
        words = "the disk is full" if _is_full_database(error) else type(error).__name__
        raise StorageUnavailable(f"the database cannot serve ({words})") from error
    except OSError as error:
        raise StorageUnavailable(
            f"the document store cannot serve ({error.strerror or type(error).__name__})"
        ) from error
