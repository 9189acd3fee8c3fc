"""Run a module's tests of a database once more, on PostgreSQL."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.postgresql import Cluster
from xds_adapter.storage import Database


def tests_of_the_database(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The tests of `module` that take the fixture ``database``."""
    return {
        name: value
        for name, value in vars(module).items()
        if name.startswith("test_") and "database" in inspect.signature(value).parameters
    }


@pytest.fixture
def database(postgresql: Cluster, tmp_path: Path) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    database = Database(tmp_path / "data", url=postgresql.new_database())
    yield database
    database.close()
