"""Files inside a document: kept on disk while the page is made, and judged before they are offered.

The page carries a mark where a file goes; `fill` puts the base64 there while the page is written out, so that a
file of any size needs no memory. The mark is made of a character that no XML document can hold.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from tempfile import SpooledTemporaryFile

from xds_adapter.cda.base64body import Base64Body

PDF = "application/pdf"
TEXT = "text/plain"
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif"})
EXTENSIONS = {
    PDF: "pdf",
    TEXT: "txt",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/tiff": "tif",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
}
"""What may be offered to a reader; nothing in it runs when it is opened."""

_MEMORY = 1_000_000
_PIECE = 192 * 1024
_MARK = "\x01"
_MARKS = re.compile(f"{_MARK}([0-9]+){_MARK}")


class Store:
    """The base64 texts of one document, one behind the other in one temporary file.

    One file for all: a document may hold more of them than a process may open.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_MEMORY)  # noqa: SIM115 - lives until the page is written
        self._size = 0

    def append(self, text: bytes) -> int:
        """Write behind everything else; return where it begins."""
        self._file.seek(self._size)
        self._file.write(text)
        self._size += len(text)
        return self._size - len(text)

    def read(self, start: int, size: int) -> Iterator[bytes]:
        """Yield what lies there, in pieces."""
        while size:
            self._file.seek(start)
            piece = self._file.read(min(_PIECE, size))
            yield piece
            start += len(piece)
            size -= len(piece)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()


class Payload:
    """The base64 text of one element, without blanks.

    Attributes:
        body: What decoding found: size, first bytes, fault.
        mark: Stands for the text on the page.
    """

    def __init__(self, number: int, store: Store) -> None:
        self.body = Base64Body()
        self.mark = f"{_MARK}{number}{_MARK}"
        self._store = store
        self._start = 0
        self._size = 0

    def write(self, text: str) -> None:
        """Take a piece of the text; what follows a fault is not kept.

        The pieces of one element arrive before those of the next.
        """
        self.body.write(text)
        if self.body.fault is None:
            plain = "".join(text.split()).encode("ascii", "replace")
            start = self._store.append(plain)
            self._start = self._start if self._size else start
            self._size += len(plain)

    def pieces(self) -> Iterator[bytes]:
        """Yield the base64, in pieces that each decode on their own."""
        return self._store.read(self._start, self._size)

    def decoded(self) -> bytes:
        """Return the content; for small ones."""
        return b"".join(binascii.a2b_base64(piece) for piece in self.pieces())


def fill(page: str, payloads: Sequence[Payload]) -> Iterator[bytes]:
    """Yield the page in UTF-8 with each mark replaced by the base64 of its payload."""
    at = 0
    for match in _MARKS.finditer(page):
        yield page[at : match.start()].encode()
        yield from payloads[int(match[1])].pieces()
        at = match.end()
    yield page[at:].encode()
