"""Documents that are already there: in a file or in memory.

Source: IHE ITI TF-2 3.41.4.1.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from xds_adapter.errors import ConfigError
from xds_adapter.soap.limits import PIECE_BYTES
from xds_adapter.soap.spool import disk_errors


def _read(file: BinaryIO) -> bytes:
    with disk_errors():
        return file.read(PIECE_BYTES)


def _hashes(pieces: Iterable[bytes]) -> tuple[str, str]:
    sha1 = hashlib.sha1(usedforsecurity=False)
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha1.update(piece)
        sha256.update(piece)
    return sha1.hexdigest(), sha256.hexdigest()


class FileContent:
    """A document in a file, read in pieces; the hashes are computed at first use and kept.

    Args:
        path: The file; its size is taken now, and must not change as long as this value is used.

    Raises:
        ConfigError: There is no such file.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ConfigError(f"{path} is not a file")
        self.path = path
        with disk_errors():
            self._size = path.stat().st_size
        self._known: tuple[str, str] | None = None

    @property
    def size(self) -> int:
        """Octets."""
        return self._size

    @property
    def sha1(self) -> str:
        """SHA-1 as 40 lower-case hexadecimal digits."""
        return self._hashed()[0]

    @property
    def content_id(self) -> str:
        """SHA-256 as 64 lower-case hexadecimal digits."""
        return self._hashed()[1]

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in order, in pieces of at most 1 MiB; may be called again.

        Raises:
            StorageUnavailable: The file cannot be read.
        """
        with disk_errors():
            file = self.path.open("rb", buffering=0)
        with file:
            while piece := _read(file):
                yield piece

    def _hashed(self) -> tuple[str, str]:
        if self._known is None:
            self._known = _hashes(self.chunks())
        return self._known


class BytesContent:
    """A document in memory; the hashes are computed at first use and kept.

    Args:
        octets: The document.
    """

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._known: tuple[str, str] | None = None

    @property
    def size(self) -> int:
        """Octets."""
        return len(self._octets)

    @property
    def sha1(self) -> str:
        """SHA-1 as 40 lower-case hexadecimal digits."""
        return self._hashed()[0]

    @property
    def content_id(self) -> str:
        """SHA-256 as 64 lower-case hexadecimal digits."""
        return self._hashed()[1]

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in order, in pieces of at most 1 MiB; may be called again."""
        for begin in range(0, len(self._octets), PIECE_BYTES):
            yield self._octets[begin : begin + PIECE_BYTES]

    def _hashed(self) -> tuple[str, str]:
        if self._known is None:
            self._known = _hashes((self._octets,))
        return self._known
