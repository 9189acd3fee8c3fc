"""ITI-8 Patient Identity Feed: one ADT message from its octets to its acknowledgement.

Source: IHE ITI TF-2 3.8.4 and C.2.3.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

from xds_adapter.actors import PatientIdentityFeed
from xds_adapter.errors import StorageUnavailable
from xds_adapter.hl7v2 import Fault, decode_adt, encode_ack, parse
from xds_adapter.hl7v2.message import Message
from xds_adapter.model import Refusal
from xds_adapter.vocabulary.hl7v2 import AckCode, ErrorCondition
from xds_adapter.vocabulary.identity_feed import RefusalCause

LOG = logging.getLogger("xds_adapter.gateway")


def answer_adt(feed: PatientIdentityFeed, octets: bytes) -> bytes:
    """Act on one message and write its ACK.

    Args:
        feed: The actor.
        octets: The message without its frame.

    Raises:
        MalformedMessage: The octets are no HL7 v2 message; there is nothing that an acknowledgement could name.
    """
    message = parse(octets)
    request = decode_adt(message, octets)
    if request.faults:
        LOG.info("an ADT message is not taken: %s", ", ".join(f.condition.value[1] for f in request.faults))
        return encode_ack(message, request.faults[0].code, request.faults)
    try:
        made = feed.receive(request.message, lambda refusals: _written(message, refusals))
    except StorageUnavailable as error:
        LOG.warning("storage unavailable: %s", error, exc_info=error)
        return _failed(message, "the registry cannot take messages now; send it again later")
    except Exception as error:
        number = uuid.uuid4().hex[:12]
        LOG.exception("unplanned failure %s (%s)", number, type(error).__name__)
        return _failed(message, f"internal failure, reference {number}")
    return made.text.encode()


def refuse_adt(octets: bytes) -> bytes:
    """Write the ACK of a message that is not acted upon, because too many others are.

    Args:
        octets: The message without its frame.

    Raises:
        MalformedMessage: The octets are no HL7 v2 message.
    """
    return _failed(parse(octets), "too many messages wait; nothing was done, send it again later")


def _failed(message: Message, words: str) -> bytes:
    return encode_ack(message, AckCode.REJECT, (Fault(AckCode.REJECT, ErrorCondition.INTERNAL, "", words),))


def _written(message: Message, refusals: Sequence[Refusal]) -> str:
    code = AckCode.ERROR if refusals else AckCode.ACCEPT
    return encode_ack(message, code, [_fault(refusal) for refusal in refusals]).decode()


def _fault(refusal: Refusal) -> Fault:
    same = refusal.cause is RefusalCause.SAME_IDENTIFIER
    condition = ErrorCondition.DATA_TYPE if same else ErrorCondition.UNKNOWN_KEY
    location = "MRG^1^1" if refusal.form.about_subsumed else "PID^1^3"
    return Fault(AckCode.ERROR, condition, location, refusal.form.words)
