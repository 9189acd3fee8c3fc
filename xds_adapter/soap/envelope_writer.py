"""Writing SOAP 1.2 envelopes with WS-Addressing.

Written as text: the payload is XML already, and a tree of it would cost more than everything else here.

Source: SOAP 1.2 part 1, section 5; WS-Addressing 1.0; IHE ITI TF-2 V.3.2 and V.5.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from xml.sax.saxutils import escape

from xds_adapter.vocabulary.namespaces import SOAP12, WSA, WSA_ANONYMOUS

SIMPLE_CONTENT_TYPE = "application/soap+xml; charset=UTF-8"
"""HTTP Content-Type of a message that is not an MTOM package."""

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPEN = f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP12}" xmlns:wsa="{WSA}"><s:Header>'
_BODY = b"</s:Header><s:Body>"
_CLOSE = b"</s:Body></s:Envelope>"


def xml_text(value: str) -> str:
    """Escape text for XML; a character that XML 1.0 forbids becomes U+FFFD."""
    return escape(_FORBIDDEN.sub("\ufffd", value))


def new_message_id() -> str:
    """Return a fresh ``urn:uuid:`` for wsa:MessageID."""
    return f"urn:uuid:{uuid.uuid4()}"


def write_envelope(
    body_xml: str | bytes | Iterable[str | bytes],
    *,
    action: str,
    message_id: str | None = None,
    relates_to: str | None = None,
    to: str | None = None,
    reply_to: str | None = None,
    must_understand: bool = True,
    header_xml: bytes = b"",
) -> bytes:
    """Write an envelope.

    A request has `message_id` and `to`; without `reply_to` it asks for the answer on the same connection. An
    answer has `relates_to`; one that goes back on a connection of its own has `message_id` and `to` beside it.

    Args:
        body_xml: The payload, one element that declares its own namespaces; UTF-8 without XML declaration.
        action: wsa:Action.
        message_id: wsa:MessageID, see `new_message_id`.
        relates_to: MessageID of the request that is answered.
        to: wsa:To, the endpoint.
        reply_to: Address of wsa:ReplyTo, when it is not the anonymous one.
        must_understand: Whether Action is marked mustUnderstand; ReplyTo never is.
        header_xml: Further header blocks, such as wsse:Security, that declare their own namespaces.

    Returns:
        The message in UTF-8.

    Source: IHE ITI TF-2 V.3.2.1.3 and V.5.
    """
    mark = ' s:mustUnderstand="true"' if must_understand else ""
    if reply_to is None and message_id is not None and relates_to is None:
        reply_to = WSA_ANONYMOUS
    head = f"{_OPEN}<wsa:Action{mark}>{xml_text(action)}</wsa:Action>{_block('MessageID', message_id)}"
    head += f"{_block('RelatesTo', relates_to)}{_block('To', to)}"
    if reply_to is not None:
        head += f"<wsa:ReplyTo>{_block('Address', reply_to)}</wsa:ReplyTo>"
    return b"".join((head.encode(), header_xml, _BODY, *_pieces(body_xml), _CLOSE))


def _block(local: str, value: str | None) -> str:
    return "" if value is None else f"<wsa:{local}>{xml_text(value)}</wsa:{local}>"


def _pieces(body_xml: str | bytes | Iterable[str | bytes]) -> Iterable[bytes]:
    if isinstance(body_xml, str | bytes):
        body_xml = (body_xml,)
    return (piece.encode() if isinstance(piece, str) else piece for piece in body_xml)
