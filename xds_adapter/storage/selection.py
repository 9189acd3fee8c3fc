"""The statements that stored queries become: built and compiled once for each combination of conditions, then kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from xds_adapter.storage.filters import Condition, Test, has_versions, is_latest
from xds_adapter.storage.statements import Driver, Statement
from xds_adapter.storage.tables import OBJECT_TABLES

_PIECE = 100
"""Rows in memory at once while an answer is read."""

_KEPT_VALUES = 512
"""A statement of more values is not kept."""

# Made once: an alias has a column object for each column of its table.
_FOUND = {kind: table.alias("found") for kind, table in OBJECT_TABLES.items()}


class _Form(NamedTuple):
    """All that the text of a statement depends on: not the values, only how many there are."""

    kind: str
    columns: tuple[str, ...]
    conditions: tuple[tuple[str, Test, int], ...]
    latest: bool


class _Selecting(Statement):
    def __init__(self, form: _Form) -> None:
        super().__init__(None)
        self._form = form

    def _made(self) -> Select[Any]:
        """Build it anew for each kind of database: what SQLAlchemy makes is too large to be kept."""
        table, found = OBJECT_TABLES[self._form.kind], _FOUND[self._form.kind]
        clauses, number = [is_latest(table)] if self._form.latest else [], 0
        for column, test, count in self._form.conditions:
            names = _names(number, count)
            clauses.append(test(table.c[column], [bindparam(name) for name in names]))
            number += count
        # Selected by their row ids, so that they come in order without a sort that would hold all leaves.
        selected = select(table.c.row_id).where(*clauses)
        columns = [found.c[name] for name in self._form.columns]
        return select(*columns).where(found.c.row_id.in_(selected)).order_by(found.c.row_id)


def _names(first: int, count: int) -> list[str]:
    return [f"v{number}" for number in range(first, first + count)]


_kept = lru_cache(maxsize=256)(_Selecting)


def rows_of(
    driver: Driver, kind: str, columns: Iterable[str], conditions: Iterable[Condition], *, every_version: bool
) -> Iterator[Sequence[Any]]:
    """Yield columns of the objects of one kind that meet all conditions, oldest first, as they are read.

    Args:
        driver: Of the transaction.
        kind: DocumentEntry, SubmissionSet, Folder or Association.
        columns: Their names.
        conditions: What an object must meet.
        every_version: Older versions as well as the latest.
    """
    tests: list[tuple[str, Test, int]] = []
    values: list[str] = []
    for column, test, given in conditions:
        padded = _padded(given)
        tests.append((column, test, len(padded)))
        values.extend(padded)
    latest = not every_version and has_versions(OBJECT_TABLES[kind])
    form = _Form(kind, tuple(columns), tuple(tests), latest)
    statement = _kept(form) if len(values) <= _KEPT_VALUES else _Selecting(form)
    return statement.stream(driver, dict(zip(_names(0, len(values)), values, strict=True)), _PIECE)


def _padded(values: Sequence[str]) -> Sequence[str]:
    """Repeat the last of several values up to a power of two, so that there are few different statements."""
    count = len(values)
    if count < 3 or count > _KEPT_VALUES:
        return values
    return [*values, *[values[-1]] * ((1 << (count - 1).bit_length()) - count)]
