"""Reading SOAP 1.2 envelopes with WS-Addressing.

Only namespaces and exact names count; prefixes and the HTTP action parameter are ignored.

Source: SOAP 1.2 part 1, section 5; WS-Addressing 1.0 Core section 3; IHE ITI TF-2 V.3.2 and V.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from lxml import etree

from xds_adapter.errors import MalformedMessage, MustUnderstand, VersionMismatch
from xds_adapter.vocabulary.namespaces import (
    SOAP11,
    SOAP12,
    SOAP12_ROLE_NEXT,
    SOAP12_ROLE_ULTIMATE_RECEIVER,
    WSA,
    WSA_REPLY,
    qname,
)
from xds_adapter.xmlio import local_name, namespace

_Blocks: TypeAlias = "Mapping[str, Sequence[etree._Element]]"  # noqa: SLF001 - the public type of lxml-stubs

_NAMES = {name: qname(WSA, name) for name in ("Action", "MessageID", "RelatesTo", "To", "From", "ReplyTo", "FaultTo")}
WS_ADDRESSING_HEADERS = frozenset(_NAMES.values())
"""Header blocks (Clark notation) that `read_envelope` understands by itself."""

FAULT = qname(SOAP12, "Fault")
_ENVELOPE = qname(SOAP12, "Envelope")
_HEADER = qname(SOAP12, "Header")
_BODY = qname(SOAP12, "Body")
_MUST_UNDERSTAND = qname(SOAP12, "mustUnderstand")
_ROLE = qname(SOAP12, "role")
_ADDRESS = qname(WSA, "Address")
_PARAMETERS = qname(WSA, "ReferenceParameters")
_IS_PARAMETER = qname(WSA, "IsReferenceParameter")
_OUR_ROLES = frozenset(("", SOAP12_ROLE_NEXT, SOAP12_ROLE_ULTIMATE_RECEIVER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What an envelope says, without white space around values.

    Attributes:
        action: wsa:Action; empty only when `body` is a Fault whose sender left it out.
        message_id: wsa:MessageID.
        to: wsa:To.
        reply_to: Address of wsa:ReplyTo.
        fault_to: Address of wsa:FaultTo.
        relates_to: wsa:RelatesTo of relationship type reply.
        reply_parameters: Reference parameters of wsa:ReplyTo, as the header blocks that they become in an answer.
        fault_parameters: The same of wsa:FaultTo.
        header: The Header element, for the security header block.
        body: The one element in the Body.
    """

    action: str
    message_id: str | None
    to: str | None
    reply_to: str | None
    fault_to: str | None
    relates_to: str | None
    header: etree._Element | None
    body: etree._Element
    reply_parameters: bytes = b""
    fault_parameters: bytes = b""


def read_envelope(element: etree._Element, *, understood: AbstractSet[str] = WS_ADDRESSING_HEADERS) -> Envelope:
    """Read and check a SOAP 1.2 envelope.

    Args:
        element: Root element of the message.
        understood: Header blocks (Clark notation) that the caller processes, WS-Addressing included.

    Returns:
        The addressing values, and the payload.

    Raises:
        VersionMismatch: It is an envelope of another SOAP version.
        MustUnderstand: A mandatory header block addressed to us is not understood.
        MalformedMessage: Anything else is wrong. The subcodes MessageAddressingHeaderRequired and
            InvalidAddressingHeader are those of WS-Addressing.

    Source: SOAP 1.2 part 1, sections 2.6 and 5; WS-Addressing 1.0 SOAP Binding section 6.4.
    """
    header, body = _parts(element)
    payload = _payload(body)
    blocks: dict[str, list[etree._Element]] = {}
    for block in () if header is None else header:
        blocks.setdefault(block.tag, []).append(block)
    _check_must_understand(blocks, understood)
    action = _single(blocks, "Action")
    if not action and payload.tag != FAULT:
        raise MalformedMessage("the header wsa:Action is missing", subcode="MessageAddressingHeaderRequired")
    return Envelope(
        action=action or "",
        message_id=_single(blocks, "MessageID"),
        to=_single(blocks, "To"),
        reply_to=_address(blocks, "ReplyTo"),
        fault_to=_address(blocks, "FaultTo"),
        relates_to=_relates_to(blocks),
        header=header,
        body=payload,
        reply_parameters=_parameters(blocks, "ReplyTo"),
        fault_parameters=_parameters(blocks, "FaultTo"),
    )


def _parts(element: etree._Element) -> tuple[etree._Element | None, etree._Element]:
    if element.tag == _ENVELOPE:
        return _header_and_body(element)
    if element.tag == qname(SOAP11, "Envelope"):
        raise VersionMismatch("SOAP 1.2 is needed; the envelope is SOAP 1.1")
    name = local_name(element)
    if name == "Envelope":
        raise VersionMismatch(f'SOAP 1.2 is needed; the envelope has the namespace "{namespace(element)}"')
    raise MalformedMessage(f"the root element is {name}, not a SOAP 1.2 Envelope")


def _header_and_body(element: etree._Element) -> tuple[etree._Element | None, etree._Element]:
    children = list(element)
    header = children.pop(0) if children and children[0].tag == _HEADER else None
    if not children or children[0].tag != _BODY:
        raise MalformedMessage("the SOAP envelope has no Body")
    if len(children) > 1:
        raise MalformedMessage("the SOAP envelope has an element after its Body")
    return header, children[0]


def _payload(body: etree._Element) -> etree._Element:
    if len(body) != 1:
        what = "is empty" if len(body) == 0 else "holds several elements"
        raise MalformedMessage(f"the SOAP Body {what}; one element is needed")
    if ((body.text or "") + (body[0].tail or "")).strip():
        raise MalformedMessage("the SOAP Body holds text beside its element")
    return body[0]


def _check_must_understand(blocks: _Blocks, understood: AbstractSet[str]) -> None:
    for block in chain.from_iterable(same for name, same in blocks.items() if name not in understood):
        flag = block.get(_MUST_UNDERSTAND, "0")
        if flag.strip() in {"0", "false"} or block.get(_ROLE, "").strip() not in _OUR_ROLES:
            continue
        if flag.strip() not in {"1", "true"}:
            raise MalformedMessage(f'mustUnderstand="{flag[:40]}" is not a boolean')
        raise MustUnderstand(f"the mandatory header block {block.tag} is not understood here")


def _single(blocks: _Blocks, local: str) -> str | None:
    found = blocks.get(_NAMES[local], ())
    if len(found) > 1:
        raise MalformedMessage(f"the header wsa:{local} is given twice", subcode="InvalidAddressingHeader")
    return (found[0].text or "").strip() if found else None


def _address(blocks: _Blocks, local: str) -> str | None:
    if _single(blocks, local) is None:
        return None
    addresses = [child for child in blocks[_NAMES[local]][0] if child.tag == _ADDRESS]
    if len(addresses) != 1:
        raise MalformedMessage(f"the header wsa:{local} needs one Address", subcode="InvalidAddressingHeader")
    return (addresses[0].text or "").strip()


def _parameters(blocks: _Blocks, local: str) -> bytes:
    """Write reference parameters as header blocks; those that would pass for headers of our own are left out.

    Source: WS-Addressing 1.0 SOAP Binding section 3.
    """
    written = []
    for parameter in (block for found in blocks.get(_NAMES[local], ()) for block in found.findall(f"{_PARAMETERS}/*")):
        if namespace(parameter) not in {WSA, SOAP12, None}:
            parameter.set(_IS_PARAMETER, "true")
            written.append(etree.tostring(parameter, encoding="UTF-8", with_tail=False))
    return b"".join(written)


def _relates_to(blocks: _Blocks) -> str | None:
    replies = [
        (block.text or "").strip()
        for block in blocks.get(_NAMES["RelatesTo"], ())
        if block.get("RelationshipType", WSA_REPLY) == WSA_REPLY
    ]
    if len(replies) > 1:
        raise MalformedMessage("the message is a reply to several messages", subcode="InvalidAddressingHeader")
    return replies[0] if replies else None
