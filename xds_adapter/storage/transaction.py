"""What one transaction reads and writes, whatever the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, insert, select

from xds_adapter.storage.contents import ContentFolder
from xds_adapter.storage.documents import DocumentTable
from xds_adapter.storage.patients import PatientTable
from xds_adapter.storage.registry import RegistryTable
from xds_adapter.storage.removals import RemovalTable
from xds_adapter.storage.tables import SETTING

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transaction:
    """What one transaction reads and writes."""

    connection: Connection
    registry: RegistryTable
    documents: DocumentTable

    @classmethod
    def of(cls, connection: Connection, contents: ContentFolder) -> Transaction:
        """The tables of an open transaction."""
        return cls(connection, RegistryTable(connection), DocumentTable(connection, contents))

    @property
    def patients(self) -> PatientTable:
        """Merges of patients, and the messages that announced them."""
        return PatientTable(self.connection)

    @property
    def removals(self) -> RemovalTable:
        """What a removal touches, and the record of all removals."""
        return RemovalTable(self.connection)

    def setting(self, name: str, default: Callable[[], str]) -> str:
        """Return a remembered value, or remember `default()`."""
        value: str | None = self.connection.scalar(select(SETTING.c.value).where(SETTING.c.name == name))
        if value is None:
            value = default()
            self.connection.execute(insert(SETTING), {"name": name, "value": value})
        return value


class Backend(Protocol):
    """One kind of database; what its methods promise stands at those of `Database`."""

    @property
    def waiting(self) -> int:
        """See `Database.waiting`."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """See `Database.reading`."""
        ...

    def write(self, work: Callable[[Transaction], T], scope: Iterable[str] | None) -> T:
        """See `Database.write`."""
        ...

    def process(self, task: Callable[[], T]) -> Future[T]:
        """See `Database.process`."""
        ...

    def scrub(self, wait_s: float) -> bool:
        """See `Database.scrub`."""
        ...

    def close(self) -> None:
        """Finish what is queued and let the database go."""
        ...
