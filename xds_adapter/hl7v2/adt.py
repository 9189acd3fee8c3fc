"""ADT messages of the patient identity feed: which identifiers they announce, and what they lack.

Source: IHE ITI TF-2 3.8.4.1.2, 3.8.4.2.2, C.2.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from xds_adapter.datatypes import CX
from xds_adapter.hl7v2.message import Fault, Field, Message
from xds_adapter.model import IdentityChange, IdentityMessage
from xds_adapter.vocabulary.hl7v2 import AckCode, ErrorCondition
from xds_adapter.vocabulary.identity_feed import FeedEvent

_STRUCTURES = {"A01": "ADT_A01", "A04": "ADT_A01", "A05": "ADT_A01", "A08": "ADT_A01", "A40": "ADT_A39"}
_VERSION = re.compile(r"2\.[3-8](?:\.[0-9]+)?")
_UNUSABLE = re.compile("[\x00-\x1f\ufffe\uffff]")
_LONGEST = 256
"""Characters of an identifier, as in ebRIM."""
_PROCESSING_IDS = frozenset({"P", "T", "D"})


@dataclass(frozen=True, slots=True)
class AdtRequest:
    """An ADT message as read.

    Attributes:
        message: What it announces.
        faults: Why it is not taken; the first decides the acknowledgement.
    """

    message: IdentityMessage
    faults: tuple[Fault, ...] = ()


def decode_adt(message: Message, octets: bytes) -> AdtRequest:
    """Read an ADT message.

    Args:
        message: The message, taken apart.
        octets: It as received, to know a repeat by.
    """
    sender = "|".join(message.field("MSH", number).text for number in (3, 4))
    return AdtRequest(
        IdentityMessage(
            message_key=f"ITI-8|{sender}|{message.field('MSH', 10).text}",
            content_hash=sha256(octets).hexdigest(),
            changes=tuple(_changes(message)),
        ),
        (*message.faults, *_faults(message)),
    )


def _changes(message: Message) -> Iterator[IdentityChange]:
    trigger = message.field("MSH", 9).value(2)
    patient_ids = tuple(map(_cx, message.repetitions("PID", 3)))
    if trigger == "A40":
        subsumed = tuple(map(_cx, message.repetitions("MRG", 1)))
        yield IdentityChange(event=FeedEvent.MERGE, patient_ids=patient_ids, subsumed_ids=subsumed)
    elif trigger != "A08":
        # A registry ignores an update: it keeps no demographics (TF-2 3.8.4.1.4).
        yield IdentityChange(event=FeedEvent.ADD, patient_ids=patient_ids)


def _cx(field: Field) -> CX:
    return CX(f"{field.value(1)}^^^{'&'.join(field.subcomponents(4))}")


def _faults(message: Message) -> Iterator[Fault]:
    kind = message.field("MSH", 9)
    if kind.value(1) != "ADT":
        words = "only ADT messages are taken here"
        yield Fault(AckCode.REJECT, ErrorCondition.MESSAGE_TYPE, "MSH^1^9^1^1", words)
        return
    trigger = kind.value(2)
    if trigger not in _STRUCTURES:
        words = f"the events {', '.join(_STRUCTURES)} are taken here"
        yield Fault(AckCode.REJECT, ErrorCondition.EVENT, "MSH^1^9^1^2", words)
        return
    if kind.value(3) not in ("", _STRUCTURES[trigger]):
        words = f"the structure of {trigger} is {_STRUCTURES[trigger]}"
        yield Fault(AckCode.REJECT, ErrorCondition.MESSAGE_TYPE, "MSH^1^9^1^3", words)
    if not _VERSION.fullmatch(message.field("MSH", 12).value(1)):
        words = "versions 2.3 to 2.8 are taken here"
        yield Fault(AckCode.REJECT, ErrorCondition.VERSION, "MSH^1^12", words)
    if message.field("MSH", 11).value(1) not in _PROCESSING_IDS:
        words = "the processing id is P, T or D"
        yield Fault(AckCode.REJECT, ErrorCondition.PROCESSING_ID, "MSH^1^11", words)
    if not message.field("MSH", 10).text:
        yield Fault(AckCode.ERROR, ErrorCondition.REQUIRED_FIELD, "MSH^1^10", "the message control id is missing")
    for number in (3, 4, 10):
        if _UNUSABLE.search(message.field("MSH", number).text):
            yield Fault(AckCode.ERROR, ErrorCondition.DATA_TYPE, f"MSH^1^{number}", "a control character is in it")
    yield from _identifiers(message, "PID", 3)
    if trigger == "A40":
        yield from _identifiers(message, "MRG", 1)


def _identifiers(message: Message, segment: str, number: int) -> Iterator[Fault]:
    """What lacks, and what no registry object could carry: metadata are XML, and PostgreSQL knows no NUL."""
    yield from _missing(message, segment, number)
    texts = [_cx(field).text for field in message.repetitions(segment, number)]
    if any(len(text) > _LONGEST or _UNUSABLE.search(text) for text in texts):
        words = f"an identifier holds a control character, or has more than {_LONGEST} characters"
        yield Fault(AckCode.ERROR, ErrorCondition.DATA_TYPE, f"{segment}^1^{number}", words)


def _missing(message: Message, segment: str, number: int) -> Iterator[Fault]:
    if not message.has(segment):
        words = f"the segment {segment} is missing"
        yield Fault(AckCode.ERROR, ErrorCondition.SEGMENT_SEQUENCE, f"{segment}^1", words)
    elif not message.repetitions(segment, number):
        words = f"{segment}-{number} is missing"
        yield Fault(AckCode.ERROR, ErrorCondition.REQUIRED_FIELD, f"{segment}^1^{number}", words)
