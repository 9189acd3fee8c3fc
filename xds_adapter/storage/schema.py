"""Which schema a database has, and how it gets the present one.

A revision is a name in the table ``alembic_version``; a new database is made at once and stamped, an older one goes
through the scripts of `xds_adapter.storage.migrations`. SQLite files bear the number of the revision in their header
too (``user_version``), where versions of this package look that know no revisions.

Source: docs/decisions/0009-several-processes.md.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from xds_adapter.errors import ConfigError
from xds_adapter.storage.contents import sync_path
from xds_adapter.storage.snapshot import PART, copy_database
from xds_adapter.storage.tables import METADATA

LOG = logging.getLogger("xds_adapter.storage")

REVISIONS = ("0001", "0002")
"""All revisions, oldest first; the last is the one of `xds_adapter.storage.tables`."""

CURRENT = REVISIONS[-1]

_VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def prepare_sqlite(connection: Connection, path: Path, *, upgrade: bool) -> None:
    """Bring the file that `connection` has open to the present schema, in one transaction.

    Args:
        connection: The only one that writes.
        path: The file, which is copied before it is upgraded.
        upgrade: An older file may be upgraded.

    Raises:
        ConfigError: The file is newer, or older and may not be upgraded.
    """
    copy: Path | None = None
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        revision = _sqlite_revision(connection)
        if revision != CURRENT:
            _check_known(revision, upgrade=upgrade, where="data folder")
            if revision is not None:
                copy = _copy(path, revision)
                LOG.info("the database file was copied to %s before its upgrade", copy)
            _bring(connection, revision)
            connection.exec_driver_sql(f"PRAGMA user_version = {int(CURRENT)}")
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        if copy is not None:
            # The file itself is what it was; a server that is started again and again must not fill the disk.
            copy.unlink()
        raise


def prepare_postgresql(connection: Connection, *, upgrade: bool) -> None:
    """Bring a database to the present schema, within the transaction of `connection`.

    Raises:
        ConfigError: The database is newer, or older and may not be upgraded, or cannot hold our texts.
    """
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise ConfigError(f"registry.database has the encoding {encoding}; create it with ENCODING 'UTF8'")
    revision = _stamped(connection)
    if revision != CURRENT:
        _check_known(revision, upgrade=upgrade, where="database")
        _bring(connection, revision)


def _sqlite_revision(connection: Connection) -> str | None:
    number: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if number > int(CURRENT):
        return str(number)
    # Version 1 knew the number only.
    return _stamped(connection) or (f"{number:04d}" if number else None)


def _stamped(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _check_known(revision: str | None, *, upgrade: bool, where: str) -> None:
    if revision is not None and revision not in REVISIONS:
        raise ConfigError(f"the {where} was written by a newer version (schema {revision})")
    if revision is not None and not upgrade:
        raise ConfigError(
            f"the {where} was written by an older version (schema {revision}); start serve once to upgrade"
        )


def _bring(connection: Connection, revision: str | None) -> None:
    if revision is None:
        _create(connection)
        return
    if _stamped(connection) is None:
        _stamp(connection, revision)
    LOG.info("the database is being upgraded from schema %s to %s; this may take minutes", revision, CURRENT)
    # Slow to import, and needed once in the life of a version.
    from xds_adapter.storage.migrations.upgrade import upgrade_to  # noqa: PLC0415

    upgrade_to(connection, CURRENT)
    LOG.info("the database was upgraded from schema %s to %s", revision, CURRENT)


def _create(connection: Connection) -> None:
    foreign = sorted(set(inspect(connection).get_table_names()) & set(METADATA.tables))
    if foreign:
        raise ConfigError(f"the database holds tables of something else: {', '.join(foreign)}")
    METADATA.create_all(connection, checkfirst=False)
    _stamp(connection, CURRENT)


def _stamp(connection: Connection, revision: str) -> None:
    connection.execute(text(_VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


def _copy(path: Path, revision: str) -> Path:
    """Copy a database file, consistently and durably; nobody can write it meanwhile, for the caller does."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    copy = path.with_name(f"{path.stem}-{revision}-{moment}{path.suffix}")
    part = path.with_name(PART)
    try:
        copy_database(path, part)
        part.replace(copy)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_path(path.parent)
    return copy
