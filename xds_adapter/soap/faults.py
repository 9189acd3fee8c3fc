"""SOAP 1.2 faults.

Source: SOAP 1.2 part 1, section 5.4; part 2, section 7.5.2.2; WS-Addressing 1.0 SOAP Binding section 6.
"""

from __future__ import annotations

from typing import Literal

from lxml import etree

from xds_adapter.soap.envelope import FAULT
from xds_adapter.soap.envelope_writer import write_envelope, xml_text
from xds_adapter.vocabulary.namespaces import ADAPTER_FAULT, SOAP12, WSA, WSA_FAULT, WSA_SOAP_FAULT, qname

FaultCode = Literal["Sender", "Receiver", "MustUnderstand", "VersionMismatch"]

_WITHIN = {"OnlyAnonymousAddressSupported": "InvalidAddressingHeader"}
"""Subcodes that stand within another one: WS-Addressing 1.0 SOAP Binding section 6.4.1."""

WS_ADDRESSING_SUBCODES = frozenset(
    (
        "ActionNotSupported",
        "MessageAddressingHeaderRequired",
        "InvalidAddressingHeader",
        "DestinationUnreachable",
        *_WITHIN,
    )
)
"""Subcodes that WS-Addressing defines; any other is one of the package's own namespace."""

_UPGRADE = f'<s:Upgrade xmlns:s="{SOAP12}"><s:SupportedEnvelope qname="s:Envelope"/></s:Upgrade>'.encode()


def write_fault(
    code: FaultCode,
    reason: str,
    *,
    subcode: str | None = None,
    relates_to: str | None = None,
    action: str | None = None,
    message_id: str | None = None,
    to: str | None = None,
    header_xml: bytes = b"",
) -> bytes:
    """Write a whole envelope that holds a fault.

    Args:
        code: Local name of the SOAP 1.2 fault code.
        reason: What is wrong, in English, for the other side's engineer.
        subcode: Local name of a subcode, of WS-Addressing or of the package.
        relates_to: MessageID of the request, if it could be read.
        action: wsa:Action; None means the one that WS-Addressing gives to such a fault.
        message_id: wsa:MessageID, for a fault that does not go back on the connection of its request.
        to: wsa:To of such a fault.
        header_xml: Further header blocks.

    Returns:
        The message in UTF-8.

    Source: SOAP 1.2 part 1, section 5.4; WS-Addressing 1.0 SOAP Binding section 6.
    """
    addressing = subcode in WS_ADDRESSING_SUBCODES
    sub = ""
    namespace = WSA if addressing else ADAPTER_FAULT
    for name in (subcode, _WITHIN.get(subcode or "")):
        if name is not None:
            sub = f'<s:Subcode><s:Value xmlns:f="{namespace}">f:{xml_text(name)}</s:Value>{sub}</s:Subcode>'
    body = (
        f'<s:Fault xmlns:s="{SOAP12}"><s:Code><s:Value>s:{code}</s:Value>{sub}</s:Code>'
        f'<s:Reason><s:Text xml:lang="en">{xml_text(reason)}</s:Text></s:Reason></s:Fault>'
    )
    return write_envelope(
        body,
        action=action or (WSA_FAULT if addressing else WSA_SOAP_FAULT),
        relates_to=relates_to,
        message_id=message_id,
        to=to,
        header_xml=header_xml + (_UPGRADE if code == "VersionMismatch" else b""),
    )


def fault_http_status(code: FaultCode) -> int:
    """Return the HTTP status that carries a fault: 400 for Sender, 500 for the others.

    Source: SOAP 1.2 part 2, table 20.
    """
    return 400 if code == "Sender" else 500


def read_fault(body: etree._Element) -> tuple[str, str] | None:
    """Read a peer's fault.

    Args:
        body: The payload, as `Envelope.body`.

    Returns:
        Local name of the innermost code, and the reason (English if there are several); None when the payload is
        no fault. What is missing is empty: a peer in trouble is not refused.

    Source: SOAP 1.2 part 1, section 5.4.
    """
    if body.tag != FAULT:
        return None
    values = [_text(value) for value in body.iterfind(f"{qname(SOAP12, 'Code')}//{qname(SOAP12, 'Value')}")]
    code = values[-1].rpartition(":")[2] if values else ""
    texts = body.findall(f"{qname(SOAP12, 'Reason')}/{qname(SOAP12, 'Text')}")
    english = [text for text in texts if text.get("{http://www.w3.org/XML/1998/namespace}lang", "").startswith("en")]
    return code, _text((english or texts)[0]) if texts else ""


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
