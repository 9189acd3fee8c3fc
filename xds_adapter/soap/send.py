"""Sending an MTOM package: headers, envelope and documents as one stream of known length.

Source: W3C MTOM 1.0; W3C XOP 1.0; RFC 2387; IHE ITI TF-2 V.8.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from xds_adapter.errors import IntegrityError
from xds_adapter.model import DocumentContent
from xds_adapter.soap.body_spool import SpooledBody
from xds_adapter.soap.limits import PIECE_BYTES
from xds_adapter.vocabulary.namespaces import XOP

_CONTENT_ID = re.compile(r"[!-;=?-~]{1,500}")
_MIME_TYPE = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+/[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:;[ -~]*)?")
_ACTION = re.compile(r"[ !#-\[\]-~]*")
_UNKNOWN_MIME_TYPE = "application/octet-stream"
_ROOT_TYPE = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'


def xop_include(content_id: str) -> str:
    """Write the element that stands for an attachment.

    Args:
        content_id: Content-ID without angle brackets.

    Returns:
        An xop:Include that declares its own namespace.

    Source: W3C XOP 1.0 section 3.2; RFC 2392.
    """
    return f'<xop:Include xmlns:xop="{XOP}" href={quoteattr("cid:" + quote(content_id, safe="@:+"))}/>'


class LongEnvelope:
    """An envelope whose body lies in a temporary file.

    Args:
        frame: The envelope with `PLACE` where the body belongs.
        body: The body.
    """

    PLACE = b"<?body?>"

    def __init__(self, frame: bytes, body: SpooledBody) -> None:
        self._head, _, self._tail = frame.partition(self.PLACE)
        self._body = body

    def __len__(self) -> int:
        return len(self._head) + self._body.size + len(self._tail)

    def chunks(self) -> Iterator[bytes]:
        """Yield the octets in order, in pieces of at most 1 MiB."""
        yield self._head
        yield from self._body.chunks()
        yield self._tail


class MtomMessage:
    """One MTOM package, ready to be sent any number of times.

    Args:
        envelope: The SOAP envelope in UTF-8, in memory or not, with an `xop_include` for each attachment.
        attachments: Content-ID without angle brackets, MIME type and octets of each document, in order. A MIME
            type that cannot stand in a header becomes application/octet-stream: it was a peer who registered it.
        action: Value of the Content-Type's action parameter, or None.

    Raises:
        ValueError: A Content-ID or the action cannot stand in a header, or a Content-ID is used twice.

    Attributes:
        content_type: The HTTP Content-Type header.
        content_length: Octets of the whole body.
    """

    def __init__(
        self,
        envelope: bytes | LongEnvelope,
        attachments: Sequence[tuple[str, str, DocumentContent]] = (),
        action: str | None = None,
    ) -> None:
        # Random, so that no document can hold the delimiter by accident or on purpose.
        token = os.urandom(16).hex()
        boundary = f"MIMEBoundary_{token}"
        self._delimiter = f"--{boundary}"
        root = f"root.{token}@xds-adapter"
        self.content_type = _content_type(boundary, root, action)
        self._parts: list[tuple[bytes, DocumentContent]] = []
        self._head = self._part_head("", _ROOT_TYPE, root)
        self._envelope = envelope
        self._tail = f"\r\n{self._delimiter}--\r\n".encode("ascii")
        self._add({root}, attachments)
        self.content_length = len(self._head) + len(envelope) + len(self._tail)
        self.content_length += sum(len(head) + content.size for head, content in self._parts)

    def chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces of at most 1 MiB; a small message is one piece.

        Raises:
            IntegrityError: A document is longer or shorter than its `size`.
            StorageUnavailable: A document cannot be read.
        """
        waiting: list[bytes] = []
        length = 0
        for piece in self._pieces():
            if waiting and length + len(piece) > PIECE_BYTES:
                yield b"".join(waiting)
                waiting, length = [], 0
            waiting.append(piece)
            length += len(piece)
        yield b"".join(waiting)

    def _add(self, used: set[str], attachments: Sequence[tuple[str, str, DocumentContent]]) -> None:
        for content_id, mime_type, content in attachments:
            if content_id in used or not _CONTENT_ID.fullmatch(content_id):
                raise ValueError(f"the Content-ID {content_id!r} is used twice or cannot stand in a header")
            used.add(content_id)
            safe = mime_type if _MIME_TYPE.fullmatch(mime_type) else _UNKNOWN_MIME_TYPE
            self._parts.append((self._part_head("\r\n", safe, content_id), content))

    def _part_head(self, before: str, mime_type: str, content_id: str) -> bytes:
        return (
            f"{before}{self._delimiter}\r\nContent-Type: {mime_type}\r\n"
            f"Content-Transfer-Encoding: binary\r\nContent-ID: <{content_id}>\r\n\r\n"
        ).encode("ascii")

    def _pieces(self) -> Iterator[bytes]:
        yield self._head
        if isinstance(self._envelope, LongEnvelope):
            yield from self._envelope.chunks()
        else:
            for begin in range(0, len(self._envelope), PIECE_BYTES):
                yield self._envelope[begin : begin + PIECE_BYTES]
        for head, content in self._parts:
            yield head
            left = content.size
            for piece in content.chunks():
                left -= len(piece)
                if left < 0:
                    break
                yield piece
            if left:
                raise IntegrityError(f"a document of {content.size} octets changed while it was sent")
        yield self._tail


def _content_type(boundary: str, root: str, action: str | None) -> str:
    value = f'multipart/related; boundary="{boundary}"; type="application/xop+xml"; start="<{root}>"'
    value += '; start-info="application/soap+xml"'
    if action is None:
        return value
    if not _ACTION.fullmatch(action):
        raise ValueError(f"the action {action!r} cannot stand in a header")
    return f'{value}; action="{action}"'
