"""The body of an answer that may be long: text while it is short, a temporary file when it is not.

An answer to a query is written while it is read from the database, so that neither it nor the objects in it are ever
whole in memory, and no transaction waits for a slow reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xds_adapter.soap.limits import MIB
from xds_adapter.soap.spool import Spool
from xds_adapter.soap.spool_folder import Folder

_SHORT = MIB
"""Characters of a body that stays text."""


class SpooledBody:
    """The content of soap:Body in a temporary file; close it when it has been sent.

    Args:
        pieces: The text; written at once.
        folder: Where the temporary file goes; None means the system's folder.

    Raises:
        StorageUnavailable: The disk refuses; nothing is left behind.
    """

    def __init__(self, pieces: Iterable[str], folder: Folder) -> None:
        self._spool = Spool(folder, memory_bytes=0)
        try:
            for piece in pieces:
                self._spool.write(piece.encode())
            self._spool.finish()
        except BaseException:
            self._spool.close()
            raise

    @property
    def size(self) -> int:
        """Octets."""
        return self._spool.size

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in order, in pieces of at most 1 MiB."""
        return self._spool.chunks()

    def close(self) -> None:
        """Remove the temporary file; may be called again."""
        self._spool.close()


def spooled(pieces: Iterable[str], folder: Folder) -> tuple[str, ...] | SpooledBody:
    """Read all of `pieces`: a short body is returned as text, a long one in a temporary file.

    Args:
        pieces: The text; whatever it raises is passed on, and nothing is left behind.
        folder: Where a temporary file goes; None means the system's folder.

    Raises:
        StorageUnavailable: The disk refuses.
    """
    source = iter(pieces)
    short: list[str] = []
    length = 0
    for piece in source:
        short.append(piece)
        length += len(piece)
        if length > _SHORT:
            return SpooledBody(_chained(short, source), folder)
    return tuple(short)


def _chained(read: list[str], rest: Iterator[str]) -> Iterator[str]:
    while read:
        yield read.pop(0)
    yield from rest
