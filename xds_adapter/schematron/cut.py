"""Bring a document to a size that a tree can hold: long runs of base64 are cut short, line ends are kept.

No rule of a pack reads what a file in base64 says, and the safe parser takes no text over 10 MB. Of a run, at
least the first 64 KiB stay, and every line end, so that what follows stands on its line. The rest is left as it is.

Source: RFC 4648 section 4 (the alphabet).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xds_adapter.errors import MalformedMessage

KEPT_BYTES = 64 * 1024
"""So much of a run stays, at least."""

WHOLE_BYTES = 1 << 20
"""Documents up to this size stay as they are."""

MAX_BYTES = 16 << 20
"""A document that is larger even when it is cut is refused."""

_OTHER = re.compile(rb"[^A-Za-z0-9+/=\s]")
_LAST_OTHER = re.compile(rb"[^A-Za-z0-9+/=\s][A-Za-z0-9+/=\s]*\Z")


def cut(chunks: Iterable[bytes]) -> bytes:
    """Read a document, with long runs of base64 cut short.

    Args:
        chunks: Its octets in pieces of any size, in an encoding that writes base64 as ASCII does; in another nothing
            is cut.

    Raises:
        MalformedMessage: It is larger than `MAX_BYTES` even so.
    """
    cutter = _Cutter()
    taken = bytearray()
    for chunk in chunks:
        if cutter.is_cutting:
            cutter.feed(chunk)
            continue
        taken += chunk
        if len(taken) > WHOLE_BYTES:
            cutter.is_cutting = True
            cutter.feed(bytes(taken))
    return cutter.result() if cutter.is_cutting else bytes(taken)


class _Cutter:
    def __init__(self) -> None:
        self.is_cutting = False
        self._done = bytearray()
        self._run = 0

    def feed(self, chunk: bytes) -> None:
        at = 0
        while at < len(chunk):
            at = self._skip(chunk, at) if self._run > KEPT_BYTES else self._take(chunk, at)
        if len(self._done) > MAX_BYTES:
            raise MalformedMessage(f"the document holds more than {MAX_BYTES} octets beside files in base64")

    def _take(self, chunk: bytes, at: int) -> int:
        """Take a piece so short that a run cannot grow much over its bound in it."""
        piece = chunk[at : at + KEPT_BYTES]
        last = _LAST_OTHER.search(piece)
        self._run = self._run + len(piece) if last is None else len(piece) - last.start() - 1
        self._done += piece
        return at + len(piece)

    def _skip(self, chunk: bytes, at: int) -> int:
        """Leave out what belongs to the run, but not its line ends."""
        end = _OTHER.search(chunk, at)
        stop = len(chunk) if end is None else end.start()
        self._done += b"\n" * chunk.count(b"\n", at, stop)
        if end is not None:
            self._run = 0
        return stop

    def result(self) -> bytes:
        return bytes(self._done)
