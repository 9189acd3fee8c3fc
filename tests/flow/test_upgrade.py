"""`serve` on a database of another version: killed within the upgrade, started twice at once, and refused."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, insert, inspect, text

from benchmarks.serving import PROGRAM, Server, serving
from tests.postgresql import Cluster
from xds_adapter.storage import Database
from xds_adapter.storage.migrations import upgrade
from xds_adapter.storage.schema import CURRENT, REVISIONS
from xds_adapter.storage.tables import METADATA

FIRST = REVISIONS[0]
ENTRIES = 300
NEW = ("logical_id", "version", "merged_into")
"""Columns that the first version did not have."""

Contents = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Older:
    """A database of the first version, and the data folder of the server that is started on it."""

    engine: Engine
    data: Path
    options: tuple[str, ...]

    @property
    def is_a_file(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def url(self) -> str | None:
        return None if self.is_a_file else self.engine.url.render_as_string()

    def command(self) -> list[str]:
        return [str(PROGRAM), "serve", "--data", str(self.data), "--port", "0", *self.options]

    def contents(self) -> Contents:
        """Every row, in the columns of the first version."""
        with self.engine.connect() as connection:
            return {
                table: sorted(map(tuple, connection.execute(text(f"SELECT {columns(table)} FROM {table}"))), key=repr)
                for table in METADATA.tables
                if table not in ("identity_message", "removal", "setting")
            }

    def revision(self) -> str | None:
        """The present schema, or an older one."""
        with self.engine.connect() as connection:
            new = "logical_id" in {column["name"] for column in inspect(connection).get_columns("folder")}
        return CURRENT if new else FIRST


def columns(table: str) -> str:
    return ", ".join(column.name for column in METADATA.tables[table].c if column.name not in NEW)


def fill(connection: Connection, table: str, count: int, **given: Callable[[int], object]) -> None:
    """Insert rows: what must be there and is not given is its own name with the row's number."""
    needed = [column.name for column in METADATA.tables[table].c if not column.nullable]
    names = [name for name in dict.fromkeys((*needed, *given)) if name not in ("row_id", *NEW)]
    values = [{n: given[n](i) if n in given else f"{n}-{i}" for n in names} for i in range(count)]
    kinds = [column for column in METADATA.tables[table].c if column.name in names]
    connection.execute(insert(METADATA.tables[table]).values(dict.fromkeys(kinds)), values)


def make_older(engine: Engine) -> None:
    with engine.begin() as connection:
        upgrade.upgrade_to(connection, FIRST)
        for table in ("document_entry", "submission_set", "folder"):
            fill(connection, table, ENTRIES, leaf=lambda n: f"<leaf>{n}</leaf>" * 100)
        fill(connection, "association", 2 * ENTRIES)
        fill(connection, "patient", ENTRIES)
        fill(connection, "content", ENTRIES, content_id=lambda n: n.to_bytes(32), size=lambda _: 1, body=lambda _: b"x")
        fill(connection, "document", ENTRIES, content_id=lambda n: n.to_bytes(32), since=lambda n: n)
        if engine.dialect.name == "sqlite":
            # The first version knew no revisions, only this number.
            connection.execute(text("DROP TABLE alembic_version"))
            connection.execute(text("PRAGMA user_version = 1"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Older]:
    data = tmp_path / "data"
    data.mkdir()
    options: tuple[str, ...] = ()
    url = f"sqlite:///{data / 'xds.sqlite3'}"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        url = cluster.new_database()
        (tmp_path / "site.toml").write_text(f'[registry]\ndatabase = "{url}"\n')
        options = ("--config", str(tmp_path / "site.toml"))
    engine = create_engine(url)
    make_older(engine)
    yield Older(engine, data, options)
    engine.dispose()


@contextmanager
def held_in_mid_upgrade(older: Older) -> Iterator[Callable[[], bool]]:
    """Tells when an upgrade has begun that does not end before this block does."""
    with older.engine.connect() as connection:
        if older.is_a_file:
            # Once there is a copy the upgrade itself begins.
            yield lambda: any(older.data.glob(f"xds-{FIRST}-*.sqlite3"))
            return
        connection.execute(text("LOCK TABLE folder IN ACCESS SHARE MODE"))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'folder'::regclass"
        yield lambda: bool(connection.scalar(text(waiting)))


def test_a_server_that_is_killed_within_an_upgrade_loses_nothing(older: Older) -> None:
    before = older.contents()
    with held_in_mid_upgrade(older) as has_begun:
        process = subprocess.Popen(older.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while not has_begun() and time.monotonic() < until:
            time.sleep(0.002)
        process.kill()
        process.wait(10)
    assert FIRST == older.revision()
    assert before == older.contents()
    with serving(older.data, *older.options):
        assert CURRENT == older.revision()
    assert before == older.contents()
    with older.engine.connect() as connection:
        for table in ("document_entry", "folder"):
            first = text(f"SELECT count(*) FROM {table} WHERE logical_id = entry_uuid AND version = 1")
            assert ENTRIES == connection.scalar(first)


@pytest.mark.parametrize("older", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_of_two_servers_that_start_at_once_one_upgrades_and_both_serve(older: Older) -> None:
    before, servers = older.contents(), list[Server]()
    with ExitStack() as stack:

        def run() -> None:
            servers.append(stack.enter_context(serving(older.data, *older.options)))

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 2 == len(servers)
        log = (older.data.parent / f"{older.data.name}.log").read_text()
        assert 1 == log.count("was upgraded from schema")
    assert before == older.contents()


def test_a_newer_database_is_refused_and_left_as_it_is(older: Older) -> None:
    Database(older.data, url=older.url, exclusive=True).close()
    newer = f"{int(CURRENT) + 1:04d}"
    with older.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": newer})
        if older.is_a_file:
            connection.execute(text(f"PRAGMA user_version = {int(newer)}"))
    before, stored = older.contents(), older.data / "xds.sqlite3"
    # Closing the last connection moves what the log holds into the file.
    older.engine.dispose()
    octets = stored.read_bytes() if older.is_a_file else b""
    done = subprocess.run(older.command(), capture_output=True, text=True, timeout=30, check=False)
    where = "data folder" if older.is_a_file else "database"
    shown = int(newer) if older.is_a_file else newer
    assert (2, "") == (done.returncode, done.stdout)
    assert f"the {where} was written by a newer version (schema {shown})\n" == done.stderr
    assert before == older.contents()
    assert octets == (stored.read_bytes() if older.is_a_file else b"")
