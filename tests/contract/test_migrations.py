"""A database of an older version becomes one of the present version, with all that it holds, or stays as it was."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from xds_adapter.errors import ConfigError, StorageUnavailable
from xds_adapter.storage import Database, migrations, snapshot
from xds_adapter.storage.migrations import upgrade
from xds_adapter.storage.schema import CURRENT, REVISIONS
from xds_adapter.storage.tables import METADATA

UUID = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f0"
ENTRY, FOLDER, LINK = f"{UUID}01", f"{UUID}02", f"{UUID}03"
FIRST = "0001"
NEW = ("logical_id", "version")
"""Columns that the first version did not have."""


@contextmanager
def connected(url: str | None, data: Path) -> Iterator[Connection]:
    """Past the package, in one transaction."""
    data.mkdir(exist_ok=True)
    engine = create_engine(url or f"sqlite:///{data / 'xds.sqlite3'}")
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def insert(connection: Connection, table: str, **given: str) -> None:
    """Insert a row: what must be there and is not given is its own name."""
    needed = [c.name for c in METADATA.tables[table].c if not c.nullable and c.name not in ("row_id", *NEW)]
    values: dict[str, Any] = {name: name for name in needed} | given
    places = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"), values)


@pytest.fixture
def data(tmp_path: Path, url: str | None) -> Path:
    """The folder of a database of the first version, with a patient, an entry, a folder and their association."""
    data = tmp_path / "data"
    with connected(url, data) as connection:
        upgrade.upgrade_to(connection, FIRST)
        if url is None:
            # The first version knew no revisions, only this number.
            connection.execute(text("DROP TABLE alembic_version"))
            connection.execute(text("PRAGMA user_version = 1"))
        insert(connection, "patient", patient_id="patient")
        insert(connection, "document_entry", entry_uuid=ENTRY)
        insert(connection, "folder", entry_uuid=FOLDER)
        insert(connection, "association", entry_uuid=LINK, source_object=FOLDER, target_object=ENTRY)
    return data


def test_the_scripts_make_the_tables_of_the_package(url: str | None, tmp_path: Path) -> None:
    with connected(url, tmp_path / "data") as connection:
        upgrade.upgrade_to(connection, CURRENT)
        assert [] == compare_metadata(MigrationContext.configure(connection), METADATA)


def test_every_revision_has_its_script() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert list(REVISIONS) == [script.revision for script in scripts.walk_revisions()][::-1]


def test_an_older_database_keeps_all_it_holds(url: str | None, data: Path) -> None:
    database = Database(data, url=url, exclusive=True)
    with database.reading() as transaction:
        assert {"patient"} == transaction.registry.known_patients(["patient"])
        entry, folder, link = (transaction.registry.known(uuid) for uuid in (ENTRY, FOLDER, LINK))
    assert entry is not None
    assert folder is not None
    assert link is not None
    assert [(ENTRY, 1), (FOLDER, 1)] == [(known.logical_id, known.version) for known in (entry, folder)]
    assert (FOLDER, ENTRY) == (link.source_object, link.target_object)
    database.close()


def test_versions_of_a_folder_may_share_a_unique_id_afterwards(url: str | None, data: Path) -> None:
    Database(data, url=url, exclusive=True).close()
    with connected(url, data) as connection:
        columns = "unique_id, patient_id, status, leaf, logical_id"
        connection.execute(
            text(f"INSERT INTO folder (entry_uuid, version, {columns}) SELECT '{UUID}04', 2, {columns} FROM folder")
        )


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_file_is_copied_before_its_upgrade(data: Path) -> None:
    Database(data, exclusive=True).close()
    (copy,) = data.glob(f"xds-{FIRST}-*.sqlite3")
    assert re.fullmatch(rf"xds-{FIRST}-\d{{8}}T\d{{6}}Z", copy.stem)
    with closing(sqlite3.connect(copy)) as connection:
        assert [(1,)] == connection.execute("PRAGMA user_version").fetchall()
        assert [(ENTRY,)] == connection.execute("SELECT entry_uuid FROM document_entry").fetchall()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_copy_that_fails_leaves_no_part_of_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    left_by_the_dead = data / "xds.part"
    left_by_the_dead.write_bytes(b"no database")
    monkeypatch.setattr(snapshot, "sync_path", full)
    with pytest.raises(StorageUnavailable, match="No space left"):
        Database(data, exclusive=True)
    assert not left_by_the_dead.exists()
    assert [] == list(data.glob("xds-*"))


def test_a_tool_beside_the_server_does_not_upgrade(url: str | None, data: Path) -> None:
    with pytest.raises(ConfigError, match=r"older version .schema 0001.; start serve once"):
        Database(data, url=url)


def test_an_upgrade_that_breaks_off_leaves_the_database_as_it_was(
    url: str | None, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = upgrade.upgrade_to

    def broken(connection: Connection, revision: str) -> None:
        whole(connection, revision)
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrade, "upgrade_to", broken)
    with pytest.raises(KeyboardInterrupt):
        Database(data, url=url, exclusive=True)
    monkeypatch.undo()
    with connected(url, data) as connection:
        columns = connection.execute(text("SELECT * FROM document_entry")).keys()
        assert "logical_id" not in columns
    assert [] == list(data.glob("xds-*")), "each further try would add a copy of everything"
    test_an_older_database_keeps_all_it_holds(url, data)


def test_a_newer_database_is_refused_as_it_is(url: str | None, data: Path) -> None:
    Database(data, url=url, exclusive=True).close()
    newer = f"{int(CURRENT) + 1:04d}"
    with connected(url, data) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": newer})
    with pytest.raises(ConfigError, match=f"newer version .schema {newer}"):
        Database(data, url=url, exclusive=True)
