"""One suite against every kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xds_adapter.storage import Database

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

Open = Callable[[], Database]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty PostgreSQL database; None for SQLite."""
    if request.param == "sqlite":
        return None
    made: str = request.getfixturevalue("postgresql").new_database()
    return made


@pytest.fixture
def opened(url: str | None, tmp_path: Path) -> Iterator[Open]:
    """Opens one database as often as it is called, as tools beside a server do."""
    databases: list[Database] = []

    def opened() -> Database:
        databases.append(Database(tmp_path / "data", url=url))
        return databases[-1]

    yield opened
    for database in databases:
        database.close()


@pytest.fixture
def database(opened: Open) -> Database:
    """An empty database."""
    return opened()
