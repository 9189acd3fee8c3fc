"""A received message: its envelope, and its documents wherever they lie.

Source: W3C XOP 1.0 section 4.3; RFC 2392 (cid URLs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self
from urllib.parse import unquote

from lxml import etree

from xds_adapter.errors import MalformedMessage
from xds_adapter.model import DocumentContent
from xds_adapter.soap.limits import DEFAULT_LIMITS, Limits
from xds_adapter.soap.spool import SpooledContent
from xds_adapter.soap.transfer import Base64Decoder
from xds_adapter.vocabulary.namespaces import XOP, qname
from xds_adapter.xmlio import local_name

XOP_INCLUDE = qname(XOP, "Include")


class ReceivedMessage:
    """What a `MessageReceiver` hands over; close it when the documents are stored or given up.

    Args:
        envelope: Root element of the XML.
        is_mtom: Whether the message was an MTOM package, so that the answer must be one.
        attachments: Content of the MIME parts but the root, by Content-ID without angle brackets.
        inline: Documents that were cut out of the XML, by the internal id put there instead.
        limits: `max_document_bytes` bounds inline documents too.
    """

    def __init__(
        self,
        *,
        envelope: etree._Element,
        is_mtom: bool,
        attachments: Mapping[str, SpooledContent],
        inline: Mapping[str, SpooledContent],
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.envelope = envelope
        self.is_mtom = is_mtom
        self.attachments = attachments
        self._inline = inline
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def resolve(self, element: etree._Element) -> DocumentContent:
        """Find the octets of an element of type base64Binary.

        Args:
            element: Holds either an xop:Include or base64 text; white space around both is passed over, as real
                senders indent the Include although XOP does not allow it.

        Returns:
            The content, open until this message is closed.

        Raises:
            MalformedMessage: The base64 is wrong, the reference is not a cid of this message, or there is anything
                besides them.

        Source: W3C XOP 1.0 section 3.2; IHE ITI TF-2 V.8.
        """
        if len(element) == 0:
            return self._decode(element.text or "")
        include = element[0]
        surroundings = (element.text or "") + (include.text or "") + (include.tail or "")
        if len(element) != 1 or include.tag != XOP_INCLUDE or len(include) or surroundings.strip():
            name = local_name(element)
            raise MalformedMessage(f"the element {name} must hold base64 text or one xop:Include, and nothing else")
        return self._part(include.get("href", ""))

    def close(self) -> None:
        """Remove the temporary files that nobody has taken; may be called again."""
        for content in (*self.attachments.values(), *self._inline.values()):
            content.close()

    def _part(self, href: str) -> SpooledContent:
        if href[:4].lower() != "cid:":
            raise MalformedMessage("the href of an xop:Include must be a cid: URL")
        content_id = unquote(href[4:])
        content = self.attachments.get(content_id) or self._inline.get(content_id)
        if content is None:
            raise MalformedMessage(f'the message has no MIME part with the Content-ID "{content_id[:200]}"')
        return content

    def _decode(self, text: str) -> SpooledContent:
        # What stands in the tree is bounded already, so that it needs no file and nothing to close.
        content = SpooledContent(memory_bytes=len(text), max_bytes=self._limits.max_document_bytes)
        decoder = Base64Decoder(content)
        decode_text(text, decoder)
        decoder.finish()
        return content


def decode_text(text: str, decoder: Base64Decoder) -> None:
    """Write a piece of XML text to a decoder.

    Raises:
        MalformedMessage: The text is not base64.
    """
    try:
        octets = text.encode("ascii")
    except UnicodeEncodeError as error:
        raise MalformedMessage("base64 content holds a character outside ASCII") from error
    decoder.write(octets)
