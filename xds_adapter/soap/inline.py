"""Reading an envelope, with large base64 documents cut out while it is parsed.

A small envelope is parsed as it is. A large one is fed to the parser in pieces, and the text of each xds:Document
goes through a base64 decoder into a `SpooledContent`; the tree receives an xop:Include with an internal id instead.
The tree keeps the namespace declarations of the message, as signed header blocks need them; only where a message
undeclares the default namespace or gives one namespace two prefixes may a prefix differ, and such a signature fail.

Source: IHE ITI TF-2 V.8 (a receiver accepts content that was not optimised); W3C XOP 1.0.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, cast

from lxml import etree

from xds_adapter import xmlio
from xds_adapter.errors import MalformedMessage
from xds_adapter.soap.limits import KIB, Limits
from xds_adapter.soap.received import XOP_INCLUDE, decode_text
from xds_adapter.soap.spool import Spool, SpooledContent
from xds_adapter.soap.spool_folder import Folder
from xds_adapter.soap.transfer import Base64Decoder
from xds_adapter.vocabulary.namespaces import XDS, XOP, qname

TREE_BYTES = 512 * KIB
"""XML up to this size (octets) is parsed in one go."""

_FEED_BYTES = 256 * KIB
_DOCUMENT = qname(XDS, "Document")
_NO_NAMESPACES: Mapping[str | None, str] = MappingProxyType({})


class _TreeTarget:
    """Builds the tree and diverts the text of xds:Document."""

    def __init__(self, limits: Limits, folder: Folder, inline: dict[str, SpooledContent]) -> None:
        self._builder = cast("Any", etree.TreeBuilder())
        self._limits = limits
        self._folder = folder
        self._inline = inline
        self._in_document = False
        self._decoder: Base64Decoder | None = None
        self.diverted = 0

    def start(self, tag: str, attrib: Mapping[str, str], nsmap: Mapping[str | None, str] = _NO_NAMESPACES) -> None:
        if self._decoder is not None:
            raise MalformedMessage("the element Document holds base64 text and an element")
        self._in_document = tag == _DOCUMENT
        # Lxml reports the default namespace as "" and takes it as None; an undeclaration it cannot take.
        declared = {prefix or None: uri for prefix, uri in nsmap.items() if uri}
        try:
            self._builder.start(tag, dict(attrib), declared)
        except ValueError as error:
            # A name such as ``:a``, which the parser of whole messages refuses by itself.
            raise MalformedMessage(f"the XML cannot be read: {error}") from error

    def end(self, tag: str) -> None:
        if self._decoder is not None:
            self._decoder.finish()
            self._decoder = None
            content_id = next(reversed(self._inline))
            self._builder.start(XOP_INCLUDE, {"href": f"cid:{content_id}"}, {"xop": XOP})
            self._builder.end(XOP_INCLUDE)
        self._in_document = False
        self._builder.end(tag)

    def data(self, text: str) -> None:
        if not self._in_document:
            self._builder.data(text)
            return
        self.diverted += len(text)
        if self._decoder is None:
            if text.isspace():
                return
            self._decoder = self._open()
        decode_text(text, self._decoder)

    def root(self) -> etree._Element:
        root: etree._Element = self._builder.close()
        return root

    def _open(self) -> Base64Decoder:
        content = SpooledContent(
            self._folder, memory_bytes=self._limits.memory_bytes, max_bytes=self._limits.max_document_bytes
        )
        # Random, so that no sender can refer to it.
        self._inline[uuid.uuid4().hex] = content
        return Base64Decoder(content)


def read_root(xml: Spool, limits: Limits, folder: Folder, inline: dict[str, SpooledContent]) -> etree._Element:
    """Parse the XML of a message.

    Args:
        xml: The octets.
        limits: `max_envelope_bytes` bounds what becomes a tree, `max_document_bytes` each inline document.
        folder: Where documents are spooled.
        inline: Receives the documents that were cut out, by internal id; filled even when the call fails, so that
            the caller can close them.

    Returns:
        The root element.

    Raises:
        MalformedMessage: The XML cannot be read, is too large, or holds broken base64.
        StorageUnavailable: The disk refuses.
    """
    if xml.size <= min(TREE_BYTES, limits.max_envelope_bytes):
        return xmlio.parse(b"".join(xml.chunks()))
    target = _TreeTarget(limits, folder, inline)
    xmlio.stream(_bounded(xml, target, limits.max_envelope_bytes), target)
    return target.root()


def _bounded(xml: Spool, target: _TreeTarget, max_bytes: int) -> Iterator[bytes]:
    fed = 0
    for piece in xml.chunks(_FEED_BYTES):
        yield piece
        fed += len(piece)
        if fed - target.diverted > max_bytes:
            raise MalformedMessage(f"the XML of the message exceeds {max_bytes} octets, documents not counted")
