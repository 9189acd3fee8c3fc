"""Undoing Content-Transfer-Encoding while the octets arrive.

A decoder stands between the parser and a store; decoder and store have the same two verbs, `write` and `finish`.

Source: RFC 2045 6; RFC 4648 4.
"""

from __future__ import annotations

import binascii
import re
from typing import Protocol

from xds_adapter.errors import MalformedMessage

_WHITE_SPACE = b" \t\r\n"
_MAX_LINE = 8192
_BAD_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2})")


class ByteSink(Protocol):
    """Takes octets in pieces."""

    def write(self, piece: bytes | memoryview) -> None:
        """Take the next octets."""

    def finish(self) -> None:
        """Say that these were all."""


class Base64Decoder:
    """Decodes base64 in pieces of any size; white space is allowed anywhere, anything else foreign is not.

    Args:
        sink: Receives the decoded octets.
    """

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink
        self._held = b""
        self._padded = False

    def write(self, piece: bytes | memoryview) -> None:
        """Decode the next characters.

        Raises:
            MalformedMessage: A character that is not base64, or something after the padding.
        """
        text = self._held + bytes(piece).translate(None, _WHITE_SPACE)
        whole = len(text) & ~3
        self._held = text[whole:]
        if whole:
            self._decode(text[:whole])

    def finish(self) -> None:
        """End the text.

        Raises:
            MalformedMessage: The text is not a whole number of groups of four.
        """
        if self._held:
            raise MalformedMessage("base64 content is cut off: its length is not a multiple of four")
        self._sink.finish()

    def _decode(self, text: bytes) -> None:
        if self._padded:
            raise MalformedMessage("base64 content goes on after its padding")
        self._padded = text.endswith(b"=")
        try:
            octets = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error as error:
            raise MalformedMessage(f"base64 content cannot be decoded: {error}") from error
        self._sink.write(octets)


class QuotedPrintableDecoder:
    """Decodes quoted-printable line by line.

    Args:
        sink: Receives the decoded octets.

    Source: RFC 2045 6.7.
    """

    def __init__(self, sink: ByteSink) -> None:
        self._sink = sink
        self._held = b""

    def write(self, piece: bytes | memoryview) -> None:
        """Decode the next octets.

        Raises:
            MalformedMessage: A broken escape, or a line of more than 8,192 octets.
        """
        *lines, self._held = (self._held + piece).split(b"\r\n")
        if len(self._held) > _MAX_LINE:
            raise MalformedMessage(f"a line of quoted-printable content exceeds {_MAX_LINE} octets")
        self._sink.write(b"".join([_decode_line(line) for line in lines]))

    def finish(self) -> None:
        """End the text; the last line may lack its line end.

        Raises:
            MalformedMessage: A broken escape.
        """
        line = self._held.rstrip(b" \t")
        self._sink.write(_unescape(line))
        self._sink.finish()


def _decode_line(line: bytes) -> bytes:
    # Blanks at the end of a line were added on the way (rule 3); a final "=" joins it with the next (rule 5).
    line = line.rstrip(b" \t")
    return _unescape(line[:-1]) if line.endswith(b"=") else _unescape(line) + b"\r\n"


def _unescape(line: bytes) -> bytes:
    if len(line) > _MAX_LINE or _BAD_ESCAPE.search(line):
        raise MalformedMessage("quoted-printable content cannot be decoded")
    return binascii.a2b_qp(line)


def decoder(encoding: str, sink: ByteSink) -> ByteSink:
    """Choose what undoes a transfer encoding.

    Args:
        encoding: Value of Content-Transfer-Encoding, in any case; empty means 7bit.
        sink: Receives the decoded octets.

    Returns:
        The sink itself for binary, 8bit and 7bit, else a decoder in front of it.

    Raises:
        MalformedMessage: Another encoding.
    """
    match encoding.strip().lower():
        case "" | "binary" | "8bit" | "7bit":
            return sink
        case "base64":
            return Base64Decoder(sink)
        case "quoted-printable":
            return QuotedPrintableDecoder(sink)
    raise MalformedMessage(f'the Content-Transfer-Encoding "{encoding[:40]}" is not supported')
