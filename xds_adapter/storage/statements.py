"""Statements of the hot path: built and compiled by SQLAlchemy once, then run on the driver's own cursor.

Running a small statement through SQLAlchemy's execution layer takes several times as long as the database itself; what
it would add (result and bind processing) these statements do not need.
"""

from __future__ import annotations

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

    __slots__ = ("connection", "cursor", "dialect")

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        self.cursor = driver.cursor()
        self.connection = connection
        self.dialect = connection.dialect.name


class Statement:
    """One statement with named parameters.

    Args:
        clause: What SQLAlchemy compiles; each parameter is a ``bindparam`` or a column of an insert.
    """

    def __init__(self, clause: Executable) -> None:
        self._clause: Any = clause
        self._compiled: dict[str, _Compiled] = {}

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

    def _run(self, driver: Driver, values: dict[str, Any]) -> Any:
        compiled = self._compiled.get(driver.dialect)
        if compiled is None:
            dialect = driver.connection.dialect
            compiled = _Compiled(self._clause.compile(dialect=dialect, column_keys=_columns(self._clause)))
            self._compiled[driver.dialect] = compiled
        driver.cursor.execute(compiled.text, compiled.parameters(values))
        return driver.cursor


def _columns(clause: Any) -> list[str] | None:
    """What an insert gives: every column but the number that the database gives itself."""
    if not isinstance(clause, Insert):
        return None
    return [column.name for column in clause.table.c if column.name != "row_id"]
