"""Receiving SOAP messages, plain or as MTOM packages, while their octets arrive.

A `MessageReceiver` takes the octets of an HTTP body in pieces of any size and never holds a document whole::

    receiver = MessageReceiver(content_type, folder=spool)
    for chunk in body:
        receiver.feed(chunk)
    with receiver.finish() as message:
        envelope = read_envelope(message.envelope)

Source: W3C MTOM 1.0; W3C XOP 1.0; RFC 2387; IHE ITI TF-2 V.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from lxml import etree

from xds_adapter.errors import MalformedMessage, VersionMismatch
from xds_adapter.soap.content_type import ContentType, parse_content_type
from xds_adapter.soap.inline import TREE_BYTES, read_root
from xds_adapter.soap.limits import DEFAULT_LIMITS, Limits
from xds_adapter.soap.multipart import MultipartParser
from xds_adapter.soap.received import ReceivedMessage
from xds_adapter.soap.spool import Spool, SpooledContent
from xds_adapter.soap.spool_folder import Folder
from xds_adapter.soap.transfer import ByteSink, decoder

_SOAP12 = "application/soap+xml"
_SOAP11 = "text/xml"
_XOP = "application/xop+xml"
_NEEDED = "SOAP 1.2 is needed: application/soap+xml, or multipart/related with type application/xop+xml"
# After so many documents in memory (octets) the following ones of the message go to files whatever their size.
_MEMORY_FACTOR = 16


def _bare(content_id: str) -> str:
    content_id = content_id.strip()
    return content_id[1:-1].strip() if content_id.startswith("<") and content_id.endswith(">") else content_id


class _Package:
    """Receives the parts of a package: the root into one spool, each attachment into its own."""

    def __init__(self, start: str, limits: Limits, folder: Folder, root: Spool) -> None:
        self._start = start
        self._limits = limits
        self._folder = folder
        self._root = root
        self._sink: ByteSink = root
        self._spare = _MEMORY_FACTOR * limits.memory_bytes
        self._current: SpooledContent | None = None
        self.has_root = self.is_root_whole = False
        self.attachments: dict[str, SpooledContent] = {}

    def part_begin(self, headers: Mapping[str, str]) -> None:
        content_id = _bare(headers.get("content-id", ""))
        if content_id == self._start if self._start else not self.has_root:
            self._sink = self._begin_root(headers, content_id)
        else:
            self._sink = self._begin_attachment(content_id)
        self._sink = decoder(headers.get("content-transfer-encoding", ""), self._sink)

    def part_data(self, data: memoryview) -> None:
        self._sink.write(data)

    def part_end(self) -> None:
        self._sink.finish()
        self.is_root_whole = self.has_root and (self._current is None or self.is_root_whole)
        if self._current is not None and self._current.path is None:
            self._spare -= self._current.size
        self._current = None

    def _begin_root(self, headers: Mapping[str, str], content_id: str) -> Spool:
        if self.has_root:
            raise MalformedMessage(f'two MIME parts have the Content-ID "{content_id[:200]}"')
        media_type = parse_content_type(headers.get("content-type", "")).media_type
        if media_type not in {_XOP, _SOAP12}:
            raise MalformedMessage(f'the root part is "{media_type}", not application/xop+xml')
        self.has_root = True
        self._start = self._start or content_id
        return self._root

    def _begin_attachment(self, content_id: str) -> SpooledContent:
        if not content_id:
            raise MalformedMessage("a MIME part has no Content-ID, so that nothing can refer to it")
        if content_id in self.attachments:
            raise MalformedMessage(f'two MIME parts have the Content-ID "{content_id[:200]}"')
        limits = self._limits
        content = SpooledContent(
            self._folder,
            memory_bytes=limits.memory_bytes if self._spare > 0 else 0,
            max_bytes=limits.max_document_bytes,
        )
        self._current = self.attachments[content_id] = content
        return content


class MessageReceiver:
    """Takes the octets of one HTTP body and makes a `ReceivedMessage` of them.

    Serves client and server alike: nothing here waits for the network. When `feed` or `finish` raises, everything
    spooled is removed, but the root part stays if it is in memory; call `close` when the sender goes away half-way.

    Args:
        content_type: The HTTP Content-Type header.
        limits: Bounds on the message.
        folder: Where large documents are spooled; None means the system's folder for temporary files.

    Raises:
        MalformedMessage: The Content-Type is neither SOAP 1.2 nor an MTOM package.
        VersionMismatch: The Content-Type is that of SOAP 1.1.
    """

    def __init__(self, content_type: str, *, limits: Limits = DEFAULT_LIMITS, folder: Folder = None) -> None:
        content = parse_content_type(content_type)
        self._limits = limits
        self._folder = folder
        self._received = 0
        self._inline: dict[str, SpooledContent] = {}
        self._root = Spool(folder, memory_bytes=min(TREE_BYTES, limits.max_envelope_bytes))
        self._package: _Package | None = None
        self._parser: MultipartParser | None = None
        if content.media_type == "multipart/related":
            self._open_package(content)
        elif content.media_type == _SOAP11:
            raise VersionMismatch(f"{_NEEDED}; text/xml is SOAP 1.1")
        elif content.media_type != _SOAP12:
            raise MalformedMessage(f"{_NEEDED}; not {content.media_type}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def feed(self, chunk: bytes) -> None:
        """Take the next octets, any number of them.

        Raises:
            MalformedMessage: The message breaks a rule or exceeds a bound.
            StorageUnavailable: The disk refuses.
        """
        try:
            self._count(len(chunk))
            if self._parser is None:
                self._root.write(chunk)
            else:
                self._parser.feed(chunk)
        except BaseException:
            self._close_documents()
            raise

    @property
    def is_mtom(self) -> bool:
        """Whether the message is an MTOM package."""
        return self._parser is not None

    def root(self) -> etree._Element | None:
        """Read the root part of a package that is not going to be read to its end.

        Returns:
            None while it has not come whole, or when it is too large to be read just for that.
        """
        if self._package is None or not self._package.is_root_whole or self._root.path is not None:
            return None
        return read_root(self._root, self._limits, None, {})

    def finish(self) -> ReceivedMessage:
        """Say that the body has ended, and parse the envelope.

        Returns:
            The message; from now on the caller closes it, not the receiver.

        Raises:
            MalformedMessage: The body is cut off, has no root part, or its XML cannot be read.
            StorageUnavailable: The disk refuses.
        """
        try:
            self._end_body()
            envelope = read_root(self._root, self._limits, self._folder, self._inline)
        except BaseException:
            self.close()
            raise
        self._root.close()
        attachments = self._package.attachments if self._package else {}
        message = ReceivedMessage(
            envelope=envelope,
            is_mtom=self._package is not None,
            attachments=attachments,
            inline=self._inline,
            limits=self._limits,
        )
        self._package, self._inline = None, {}
        return message

    def close(self) -> None:
        """Remove what was spooled, unless `finish` has handed it over; may be called again."""
        self._root.close()
        self._close_documents()

    def _close_documents(self) -> None:
        if self._root.path is not None:
            self._root.close()
        for content in (*(self._package.attachments if self._package else {}).values(), *self._inline.values()):
            content.close()

    def _count(self, octets: int) -> None:
        self._received += octets
        if self._received > self._limits.max_message_bytes:
            raise MalformedMessage(f"the message exceeds {self._limits.max_message_bytes} octets")

    def _open_package(self, content: ContentType) -> None:
        parameters = content.parameters
        if parameters.get("type", _XOP).lower() != _XOP:
            raise MalformedMessage(f'{_NEEDED}; not multipart/related with type "{parameters["type"][:80]}"')
        self._package = _Package(_bare(parameters.get("start", "")), self._limits, self._folder, self._root)
        self._parser = MultipartParser(parameters.get("boundary", ""), self._package, self._limits)

    def _end_body(self) -> None:
        if self._parser is None or self._package is None:
            self._root.finish()
            return
        self._parser.close()
        if not self._package.has_root:
            raise MalformedMessage("the MIME package has no root part, or none that the start parameter names")
