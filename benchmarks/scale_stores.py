"""The databases of `query_scale`: filled with entries, served by `serve`, and asked by their own drivers."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from psycopg import sql

from benchmarks.scale_entries import patients, rows
from tests.postgresql import Cluster
from xds_adapter.storage import Database
from xds_adapter.storage.tables import DOCUMENT_ENTRY

Fetch = Callable[[str, Sequence[str]], list[tuple[Any, ...]]]
"""Runs bare SQL, written for SQLite, and returns all rows."""

_BATCH = 2_000


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
    """A file with `count` entries, inserted as submissions are; it is removed in the end."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with closing(Database(data)) as database:
            entries = rows(count)
            while batch := list(islice(entries, _BATCH)):
                database.write(lambda transaction, batch=batch: transaction.registry.insert(batch))  # type: ignore[misc]
            database.write(lambda transaction: transaction.registry.add_patients(patients(count)))
        file = data / "xds.sqlite3"
        with closing(sqlite3.connect(file)) as connection:
            yield Store(data, (), lambda text, values: connection.execute(text, values).fetchall(), file.stat().st_size)


@contextmanager
def postgresql_store(count: int) -> Iterator[Store]:
    """A database of a server of its own with `count` entries, by COPY; the server is removed in the end."""
    with tempfile.TemporaryDirectory() as folder, closing(Cluster()) as cluster:
        data, url = Path(folder) / "data", cluster.new_database()
        with closing(Database(data, url=url)) as database:
            database.write(lambda transaction: transaction.registry.add_patients(patients(count)))
        config = Path(folder) / "config.toml"
        config.write_text(f'[registry]\ndatabase = "{url}"\n')
        with cluster.connect(_name(url)) as connection:
            _copy(connection, count)
            # As the server's autovacuum would by itself in time.
            connection.execute("VACUUM ANALYZE")
            (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)

            def fetch(text: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
                statement = text.replace("?", "%s").replace("instr(", "strpos(")
                return connection.execute(statement.encode(), values).fetchall()

            yield Store(data, ("--config", str(config)), fetch, size)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _copy(connection: Any, count: int) -> None:
    names = [column.name for column in DOCUMENT_ENTRY.c if column.name != "row_id"]
    statement = sql.SQL("COPY document_entry ({}) FROM STDIN").format(sql.SQL(", ").join(map(sql.Identifier, names)))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows(count):
            copy.write_row([row.columns.get(name) for name in names])


STORES = {"sqlite": sqlite_store, "postgresql": postgresql_store}
