"""Octets that arrive: in memory while they are few, in a temporary file when they are many.

`Spool` keeps them; `SpooledContent` also counts size and hashes while they are written, and is what the rest of the
package knows as `xds_adapter.model.DocumentContent`.

Source: IHE ITI TF-2 3.41.4.1.3 (size and hash of the octets as received).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from xds_adapter.errors import MalformedMessage, StorageUnavailable
from xds_adapter.soap.limits import KIB, PIECE_BYTES
from xds_adapter.soap.spool_folder import GRAIN, Folder, SpoolFolder

DEFAULT_MEMORY_BYTES = 256 * KIB


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turn an `OSError` of a file into `StorageUnavailable`.

    Raises:
        StorageUnavailable: The disk is full, or the file cannot be opened, read or written.
    """
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"a document file cannot be used: {error.strerror}") from error


class Spool:
    """Octets written once, then read any number of times.

    Args:
        folder: Where a temporary file goes, so that a store on the same file system can rename it into place;
            None means the system's folder for temporary files.
        memory_bytes: Up to this many octets stay in memory.
        max_bytes: More octets than this are refused.

    Attributes:
        path: The temporary file (mode 0600), or None while everything is in memory.
    """

    def __init__(
        self,
        folder: Folder = None,
        *,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        max_bytes: int | None = None,
    ) -> None:
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._max_bytes = max_bytes
        self._buffer = io.BytesIO()
        self._octets = b""
        self._file: BinaryIO | None = None
        self._taken: BinaryIO | None = None
        self._written = 0
        # Room of the folder that this file has, in whole grains.
        self._room = 0
        self.path: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def size(self) -> int:
        """Octets written so far."""
        return self._written

    def write(self, piece: bytes | memoryview) -> None:
        """Append octets.

        Raises:
            MalformedMessage: The content is larger than allowed.
            StorageUnavailable: The disk refuses.
        """
        self._written += len(piece)
        if self._max_bytes is not None and self._written > self._max_bytes:
            raise MalformedMessage(f"a document exceeds the {self._max_bytes} octets that are accepted here")
        if self._file is None and self._written <= self._memory_bytes:
            self._buffer.write(piece)
            return
        if self._written > self._room:
            self._take_room()
        with disk_errors():
            (self._file or self._spill()).write(piece)

    def finish(self) -> None:
        """Say that all octets are written; only then can they be read.

        Raises:
            StorageUnavailable: The disk refuses.
        """
        if self._file is None:
            self._octets = self._buffer.getvalue()
            return
        # No file stays open: a message of many parts must not use up the process's descriptors.
        with disk_errors():
            self._file.close()
        self._file = None

    def chunks(self, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """Yield the octets in order, in pieces of at most 1 MiB; may be called again.

        Raises:
            StorageUnavailable: The file cannot be read.
        """
        if self.path is not None:
            yield from self._file_chunks(self.path, piece_bytes)
        elif 0 < len(self._octets) <= piece_bytes:
            yield self._octets
        else:
            for begin in range(0, len(self._octets), piece_bytes):
                yield self._octets[begin : begin + piece_bytes]

    def take(self) -> Path | None:
        """Hand the temporary file over, for example to be renamed into a store.

        The content stays readable until `close`, wherever the file is moved, as it is kept open from now on.

        Returns:
            The file, which `close` will then leave alone; None when the octets are in memory or the file was taken
            before: then read `chunks`.

        Raises:
            StorageUnavailable: The file cannot be opened.
        """
        if self.path is None or self._taken is not None:
            return None
        with disk_errors():
            self._taken = self.path.open("rb", buffering=0)
        return self.path

    def close(self) -> None:
        """Forget the octets and remove the temporary file unless it was taken; may be called again."""
        self._buffer = io.BytesIO()
        self._octets = b""
        # The octets are given up: that a full disk refuses the last of them changes nothing.
        with contextlib.suppress(OSError):
            if self._file is not None:
                self._file.close()
        if self._taken is not None:
            self._taken.close()
        elif self.path is not None:
            self.path.unlink(missing_ok=True)
        self._file = self._taken = self.path = None
        if isinstance(self._folder, SpoolFolder):
            self._folder.give(self._room)
            self._room = 0

    def _take_room(self) -> None:
        if isinstance(self._folder, SpoolFolder):
            lacking = -(-(self._written - self._room) // GRAIN) * GRAIN
            self._folder.take(lacking)
            self._room += lacking

    def _spill(self) -> BinaryIO:
        descriptor, name = tempfile.mkstemp(prefix="incoming-", suffix=".part", dir=self._folder)
        self.path = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._file.write(self._buffer.getbuffer())
        self._buffer = io.BytesIO()
        return self._file

    def _file_chunks(self, path: Path, piece_bytes: int) -> Iterator[bytes]:
        with disk_errors():
            file = self._taken or path.open("rb", buffering=0)
        try:
            yield from _read_at(file, piece_bytes, self._written)
        finally:
            if file is not self._taken:
                file.close()


def _read_at(file: BinaryIO, piece_bytes: int, size: int) -> Iterator[bytes]:
    # Positioned reads: several readers of one open file do not disturb each other.
    offset = 0
    while offset < size:
        with disk_errors():
            piece = os.pread(file.fileno(), piece_bytes, offset)
        if not piece:
            raise StorageUnavailable("a document file was cut off after it was written")
        offset += len(piece)
        yield piece


class SpooledContent(Spool):
    """A received document: a spool with hashes, computed while it is written.

    Args:
        folder: See `Spool`.
        memory_bytes: See `Spool`.
        max_bytes: See `Spool`.
    """

    def __init__(
        self,
        folder: Folder = None,
        *,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        max_bytes: int | None = None,
    ) -> None:
        super().__init__(folder, memory_bytes=memory_bytes, max_bytes=max_bytes)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def write(self, piece: bytes | memoryview) -> None:
        """Append octets and add them to the hashes.

        Raises:
            MalformedMessage: The document is larger than allowed.
            StorageUnavailable: The disk refuses.
        """
        super().write(piece)
        self._sha1.update(piece)
        self._sha256.update(piece)

    @property
    def sha1(self) -> str:
        """SHA-1 as 40 lower-case hexadecimal digits."""
        return self._sha1.hexdigest()

    @property
    def content_id(self) -> str:
        """SHA-256 as 64 lower-case hexadecimal digits."""
        return self._sha256.hexdigest()
