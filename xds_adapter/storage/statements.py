"""Statements of the hot path: built and compiled by SQLAlchemy once, then run on the driver's own cursor.

Running a small statement through SQLAlchemy's execution layer takes several times as long as the database itself; what
it would add (result and bind processing) these statements do not need.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Insert
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler


class _Compiled:
    """The text for one kind of database, and how its driver wants the parameters."""

    __slots__ = ("_defaults", "_names", "text")

    def __init__(self, compiled: SQLCompiler) -> None:
        self.text = compiled.string
        self._defaults = dict(compiled.params)
        self._names = tuple(compiled.positiontup) if compiled.positional and compiled.positiontup else None

    def parameters(self, values: dict[str, Any]) -> Any:
        if self._names is None:
            return {**self._defaults, **values}
        return [values[name] if name in values else self._defaults[name] for name in self._names]


class Driver:
    """The driver's cursor of one transaction; asked for once, since the way to it is long."""

    __slots__ = ("_driver", "_streams", "connection", "cursor", "dialect")

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        self._driver = driver
        self._streams = 0
        self.cursor = driver.cursor()
        self.connection = connection
        self.dialect = connection.dialect.name

    def stream(self, text: str, parameters: Any, size: int) -> Iterator[tuple[Any, ...]]:
        """Run a query and yield its rows, about `size` in memory at once; other statements may run meanwhile."""
        cursor = self._driver.cursor()
        if self.dialect != "postgresql":
            yield from cursor.execute(text, parameters)
            return
        # The driver's own cursor would hold the whole result. The server's ends with the transaction.
        self._streams += 1
        name = f"rows{self._streams}"
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {text}", parameters, prepare=False)
        rows: list[tuple[Any, ...]] = [()] * size
        while len(rows) == size:
            rows = cursor.execute(f"FETCH {size} FROM {name}", prepare=False).fetchall()
            yield from rows


class Statement:
    """One statement with named parameters.

    Args:
        clause: What SQLAlchemy compiles; each parameter is a ``bindparam`` or a column of an insert.
    """

    def __init__(self, clause: Executable | None) -> None:
        self._clause: Any = clause
        self._compiled: dict[str, _Compiled] = {}

    def _made(self) -> Any:
        return self._clause

    def rows(self, driver: Driver, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Run it and return all rows."""
        found: list[tuple[Any, ...]] = self._run(driver, values).fetchall()
        return found

    def first(self, driver: Driver, values: dict[str, Any]) -> tuple[Any, ...] | None:
        """Run it and return the first row, or None."""
        found: tuple[Any, ...] | None = self._run(driver, values).fetchone()
        return found

    def run(self, driver: Driver, values: dict[str, Any]) -> None:
        """Run it for its effect."""
        self._run(driver, values)

    def stream(self, driver: Driver, values: dict[str, Any], size: int) -> Iterator[tuple[Any, ...]]:
        """Run it and yield its rows as they are read, see `Driver.stream`."""
        compiled = self._for(driver)
        return driver.stream(compiled.text, compiled.parameters(values), size)

    def _run(self, driver: Driver, values: dict[str, Any]) -> Any:
        compiled = self._for(driver)
        driver.cursor.execute(compiled.text, compiled.parameters(values))
        return driver.cursor

    def _for(self, driver: Driver) -> _Compiled:
        compiled = self._compiled.get(driver.dialect)
        if compiled is None:
            clause = self._made()
            compiled = _Compiled(clause.compile(dialect=driver.connection.dialect, column_keys=_columns(clause)))
            self._compiled[driver.dialect] = compiled
        return compiled


def _columns(clause: Any) -> list[str] | None:
    """What an insert gives: every column but the number that the database gives itself."""
    if not isinstance(clause, Insert):
        return None
    return [column.name for column in clause.table.c if column.name != "row_id"]
