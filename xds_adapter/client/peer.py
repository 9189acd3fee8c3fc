"""One SOAP endpoint of a partner: zeep binds our WSDL to it, the codec gives and takes the bodies.

Source: IHE ITI TF-2 V.3.2 and V.8 (WS-Addressing headers of a request).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import zeep
from lxml import etree

from xds_adapter import xmlio
from xds_adapter.client.transport import Call, MtomTransport
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.resources import data_folder
from xds_adapter.soap import Envelope, Limits, ReceivedMessage, read_envelope, read_fault
from xds_adapter.transactions import Body
from xds_adapter.vocabulary.namespaces import SOAP12, WSA, WSA_ANONYMOUS, XDS, qname
from xds_adapter.vocabulary.transactions import Transaction

_WSDL = {"DocumentRegistry": "document_registry.wsdl", "DocumentRepository": "document_repository.wsdl"}
_HEADER = qname(SOAP12, "Header")
_MUST_UNDERSTAND = qname(SOAP12, "mustUnderstand")


class _Addressing(zeep.Plugin):
    """Replaces zeep's WS-Addressing headers, which lack ReplyTo and mustUnderstand, by the complete ones."""

    def __init__(self, transport: MtomTransport) -> None:
        self._transport = transport

    def egress(
        self, envelope: etree._Element, http_headers: dict[str, str], _operation: Any, binding_options: dict[str, str]
    ) -> tuple[etree._Element, dict[str, str]]:
        """Write Action, MessageID, To and ReplyTo."""
        call = self._transport.call
        for former in envelope.findall(_HEADER):
            envelope.remove(former)
        header = etree.Element(_HEADER, nsmap={"wsa": WSA})
        envelope.insert(0, header)
        action = etree.SubElement(header, qname(WSA, "Action"))
        action.text = call.transaction.request_action
        action.set(_MUST_UNDERSTAND, "1")
        etree.SubElement(header, qname(WSA, "MessageID")).text = call.message_id
        etree.SubElement(header, qname(WSA, "To")).text = binding_options["address"]
        reply_to = etree.SubElement(header, qname(WSA, "ReplyTo"))
        etree.SubElement(reply_to, qname(WSA, "Address")).text = WSA_ANONYMOUS
        return envelope, http_headers


class SoapPeer:
    """A partner's Document Registry or Document Repository.

    Args:
        actor: ``DocumentRegistry`` or ``DocumentRepository``.
        url: Its endpoint.
        timeout_s: Seconds to wait for a connection, and for the next bytes of an answer.
        max_document_bytes: Largest document taken from it.
        on_wire: Shown each envelope, with ``sent`` or ``received``.
    """

    def __init__(
        self,
        actor: str,
        url: str,
        *,
        timeout_s: float = 60.0,
        max_document_bytes: int = 1 << 30,
        on_wire: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self.url = url
        limits = Limits(max_document_bytes=max_document_bytes, max_envelope_bytes=64 << 20)
        spool = Path(tempfile.gettempdir())
        self._transport = MtomTransport(timeout_s=timeout_s, limits=limits, spool=spool, on_wire=on_wire)
        client: Any = cast("Any", zeep.Client)(
            str(data_folder("wsdl") / _WSDL[actor]),
            transport=self._transport,
            settings=zeep.Settings(strict=True, raw_response=True, forbid_dtd=True, forbid_external=True),
            plugins=[_Addressing(self._transport)],
        )
        self._service = client.create_service(f"{{{XDS}}}{actor}_Binding_Soap12", url)

    def call(self, transaction: Transaction, body: Body) -> tuple[Envelope, ReceivedMessage]:
        """Send a request and return its answer.

        Returns:
            The answer's envelope, and the message that holds its documents; the caller closes it.

        Raises:
            TransportFailed: The message did not get through, or no answer came.
            RemoteFault: The peer answered with a SOAP fault or with something that is no answer to this request.
        """
        element = xmlio.parse("".join(body.xml).encode())
        call = Call(transaction, body.attachments)
        with self._transport.calling(call):
            message: ReceivedMessage = self._service[transaction.operation](_value_1=list(element))
        try:
            return self._checked(message, call), message
        except BaseException:
            message.close()
            raise

    def _checked(self, message: ReceivedMessage, call: Call) -> Envelope:
        try:
            envelope = read_envelope(message.envelope)
        except MalformedMessage as error:
            raise RemoteFault(f"the answer of {self.url} cannot be read: {error}") from error
        fault = read_fault(envelope.body)
        if fault is not None:
            code, reason = fault
            raise RemoteFault(f"{self.url} answered with a SOAP fault ({code}): {reason}", code=code)
        if envelope.relates_to not in (None, call.message_id):
            raise RemoteFault(f"the answer of {self.url} relates to another message")
        return envelope

    def close(self) -> None:
        """Close the connections."""
        self._transport.session.close()
