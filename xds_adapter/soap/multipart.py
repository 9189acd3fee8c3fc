r"""Push parser for multipart bodies: bytes in, events out, nothing kept but what is undecided.

A delimiter is CR LF, two hyphens, the boundary, optional blanks and CR LF (or two hyphens, blanks and CR LF or the
end of the body); the first one may open the body. Everything else between two delimiters is content and is handed
on unchanged: no line end but the delimiter's own is ever added or removed. A line that merely begins like a
delimiter is content.

The parser works on the fed chunk itself; only when a chunk ends in what may be the beginning of a delimiter is that
end (under 500 octets) carried over and joined with the next chunk.

Source: RFC 2046 5.1.1; RFC 2387.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from xds_adapter.errors import MalformedMessage
from xds_adapter.soap.limits import DEFAULT_LIMITS, Limits
from xds_adapter.soap.part_headers import parse_part_headers

_BOUNDARY = re.compile(r"[ -~]{0,69}[!-~]")
# Blanks after a delimiter are bounded, so that what is undecided stays small.
_LINE_END = re.compile(rb"(--)?[ \t]{0,256}\r\n")
_LINE_END_BEGUN = re.compile(rb"-|(?:--)?[ \t]{0,256}\r?")
_END = re.compile(rb"--[ \t]{0,256}\r?")

_START = b"\r\n"


class PartSink(Protocol):
    """What receives the events of a `MultipartParser`, in order."""

    def part_begin(self, headers: Mapping[str, str]) -> None:
        """A part begins; header names are in lower case."""

    def part_data(self, data: memoryview) -> None:
        """A piece of the part's content, valid during the call only."""

    def part_end(self) -> None:
        """The part is complete."""


class MultipartParser:
    """Cuts a multipart body into parts while it arrives.

    Args:
        boundary: The boundary parameter, 1 to 70 printable ASCII characters, not ending with a blank.
        sink: Receives the events; what it raises is passed on.
        limits: Bounds on header bytes, parts and preamble.

    Raises:
        MalformedMessage: The boundary is not one.
    """

    def __init__(self, boundary: str, sink: PartSink, limits: Limits = DEFAULT_LIMITS) -> None:
        if not _BOUNDARY.fullmatch(boundary):
            raise MalformedMessage("the MIME boundary must be 1 to 70 printable ASCII characters")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._sink = sink
        self._limits = limits
        # The line end in front lets the first delimiter open the body.
        self._held = _START
        self._preamble_bytes = -2
        self._parts = 0
        self._blank_line = 0
        self._complete = False
        # Plain functions: a bound method would make a reference cycle per message.
        self._step: Callable[[MultipartParser, bytes, int], int] = MultipartParser._read_preamble

    def feed(self, chunk: bytes) -> None:
        """Take the next octets, any number of them.

        Args:
            chunk: The octets; they are not kept beyond the call, except an undecided end.

        Raises:
            MalformedMessage: A bound is exceeded or a header block cannot be read.
        """
        if self._held is _START and (line_end := self._opening(chunk)):
            buffer, position = chunk, self._advance(line_end)
        else:
            buffer, position = self._held + chunk if self._held else chunk, 0
        self._held = b""
        while position >= 0:
            position = self._step(self, buffer, position)

    def close(self) -> None:
        """Say that the body has ended.

        Raises:
            MalformedMessage: There was no closing delimiter: the body is cut off.
        """
        if not self._complete:
            # Only the line end of the closing delimiter may be missing.
            held = self._held
            if _END.fullmatch(held, len(self._delimiter)):
                self.feed(b"\n" if held.endswith(b"\r") else b"\r\n")
        if not self._complete:
            raise MalformedMessage("the multipart body is cut off: its closing delimiter is missing")

    def _opening(self, chunk: bytes) -> re.Match[bytes] | None:
        """Match a delimiter that opens the body, the usual case, so that the first chunk needs no copy."""
        delimiter = self._delimiter[len(_START) :]
        return _LINE_END.match(chunk, len(delimiter)) if chunk.startswith(delimiter) else None

    def _read_preamble(self, buffer: bytes, at: int) -> int:
        stop, line_end = self._search(buffer, at)
        self._preamble_bytes += stop - at
        if self._preamble_bytes > self._limits.max_preamble_bytes:
            most = self._limits.max_preamble_bytes
            raise MalformedMessage(f"more than {most} octets precede the first MIME part; is the boundary right?")
        return self._advance(line_end)

    def _read_headers(self, buffer: bytes, at: int) -> int:
        end = buffer.find(b"\r\n\r\n", at)
        # Of an unfinished block up to three octets may belong to the empty line: one outcome for any chunking.
        length = (end if end >= 0 else len(buffer) - 3) - at - 2
        if length > self._limits.max_header_bytes:
            raise MalformedMessage(f"the headers of a MIME part exceed {self._limits.max_header_bytes} octets")
        if end < 0:
            self._held = buffer[at:]
            return -1
        self._parts += 1
        if self._parts > self._limits.max_parts:
            raise MalformedMessage(f"the message has more than {self._limits.max_parts} MIME parts")
        self._sink.part_begin(parse_part_headers(buffer[at + 2 : end]))
        # The empty line's own CR LF opens the delimiter of a part without content: the search starts there.
        self._blank_line = 2
        self._step = MultipartParser._read_content
        return end + 2

    def _read_content(self, buffer: bytes, at: int) -> int:
        stop, line_end = self._search(buffer, at)
        if stop > at:
            begin = at + self._blank_line
            self._blank_line = 0
            if stop > begin:
                self._sink.part_data(memoryview(buffer)[begin:stop])
        if line_end is not None:
            self._sink.part_end()
        return self._advance(line_end)

    def _skip_epilogue(self, _buffer: bytes, _at: int) -> int:
        return -1

    def _search(self, buffer: bytes, at: int) -> tuple[int, re.Match[bytes] | None]:
        """Find the next delimiter; return where decided content stops and the delimiter's line end, if there."""
        delimiter = self._delimiter
        start = buffer.find(delimiter, at)
        while start >= 0:
            after = start + len(delimiter)
            line_end = _LINE_END.match(buffer, after)
            if line_end is not None:
                return start, line_end
            if _LINE_END_BEGUN.fullmatch(buffer, after):
                break
            start = buffer.find(delimiter, after)
        if start < 0:
            start = self._undecided(buffer, at)
        self._held = buffer[start:]
        return start, None

    def _undecided(self, buffer: bytes, at: int) -> int:
        """Return from where the end of the buffer may be the beginning of a delimiter."""
        start = buffer.find(b"\r", max(at, len(buffer) - len(self._delimiter) + 1))
        while start >= 0:
            if self._delimiter.startswith(buffer[start:]):
                return start
            start = buffer.find(b"\r", start + 1)
        return len(buffer)

    def _advance(self, line_end: re.Match[bytes] | None) -> int:
        """Choose what follows a delimiter; return the place of its CR LF, which opens the header block."""
        if line_end is None:
            return -1
        self._complete = line_end[1] is not None
        self._step = MultipartParser._skip_epilogue if self._complete else MultipartParser._read_headers
        return line_end.end() - 2
