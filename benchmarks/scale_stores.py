"""The databases of `query_scale`: filled with entries, served by `serve`, and asked by their own drivers.

The registry makes the schema and the rows; what writes the rows is the driver, past the registry, for it is in a hurry.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.scale_entries import patients, rows
from tests.postgresql import Cluster
from xds_adapter.storage import Database
from xds_adapter.storage.tables import DOCUMENT_ENTRY

Fetch = Callable[[str, Sequence[str]], list[tuple[Any, ...]]]
"""Runs bare SQL, written for SQLite, and returns all rows."""

_COLUMNS = [column.name for column in DOCUMENT_ENTRY.c if column.name != "row_id"]


@dataclass(frozen=True)
class Store:
    """A filled database.

    Attributes:
        data: The data folder to serve.
        options: Options of `serve` that name the database.
        fetch: The database's own driver.
        size: Octets of the database.
    """

    data: Path
    options: tuple[str, ...]
    fetch: Fetch
    size: int


@contextmanager
def sqlite_store(count: int) -> Iterator[Store]:
    """A file with `count` entries; it is removed in the end."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        _prepare(Database(data), count)
        file = data / "xds.sqlite3"
        with closing(sqlite3.connect(file)) as connection:
            # Nothing is lost when it fails, so nothing is written twice or synced.
            connection.execute("PRAGMA journal_mode=OFF")
            connection.execute("PRAGMA synchronous=OFF")
            places = ", ".join("?" * len(_COLUMNS))
            connection.executemany(
                f"INSERT INTO document_entry ({', '.join(_COLUMNS)}) VALUES ({places})", _rows(count)
            )
            connection.commit()
        with closing(sqlite3.connect(file)) as connection:
            yield Store(data, (), lambda text, values: connection.execute(text, values).fetchall(), file.stat().st_size)


@contextmanager
def postgresql_store(count: int) -> Iterator[Store]:
    """A database of a server of its own with `count` entries; the server is removed in the end."""
    with tempfile.TemporaryDirectory() as folder, closing(Cluster()) as cluster:
        data, url = Path(folder) / "data", cluster.new_database()
        _prepare(Database(data, url=url), count)
        config = Path(folder) / "config.toml"
        config.write_text(f'[registry]\ndatabase = "{url}"\n')
        with cluster.connect(_name(url)) as connection:
            with connection.cursor().copy(f"COPY document_entry ({', '.join(_COLUMNS)}) FROM STDIN".encode()) as copy:
                for row in _rows(count):
                    copy.write_row(row)
            # As the server's autovacuum would by itself in time.
            connection.execute("VACUUM ANALYZE")
            (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)

            def fetch(text: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
                statement = text.replace("?", "%s").replace("instr(", "strpos(")
                return connection.execute(statement.encode(), values).fetchall()

            yield Store(data, ("--config", str(config)), fetch, size)


def _prepare(database: Database, count: int) -> None:
    with closing(database):
        database.write(lambda transaction: transaction.registry.add_patients(patients(count)))


def _rows(count: int) -> Iterator[list[Any]]:
    return ([row.columns.get(name) for name in _COLUMNS] for row in rows(count))


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


STORES = {"sqlite": sqlite_store, "postgresql": postgresql_store}
