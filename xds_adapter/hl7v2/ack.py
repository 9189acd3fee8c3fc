"""Acknowledgements of the original mode.

Source: HL7 v2.5 chapter 2.9.2; IHE ITI TF-2 C.2.3.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from xds_adapter.datatypes import DTM
from xds_adapter.hl7v2.message import Fault, Message
from xds_adapter.vocabulary.hl7v2 import ERROR_TABLE, AckCode

_ESCAPES = str.maketrans({"|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\", "\\": "\\E\\", "\r": " ", "\n": " "})
_OWN_SEPARATORS = "^~\\&"


def encode_ack(message: Message, code: AckCode, faults: Iterable[Fault] = ()) -> bytes:
    """Write the ACK of a message; sender and receiver change places.

    Args:
        message: What is answered.
        code: MSA-1.
        faults: One ERR segment each.
    """
    trigger = _copied(message, 9, 2)
    kind = f"ACK^{trigger}^ACK" if trigger else "ACK"
    header = [
        "MSH",
        _OWN_SEPARATORS,
        *(_hd(message, number) for number in (5, 6, 3, 4)),
        DTM.now().text,
        "",
        kind,
        uuid.uuid4().hex[:20],
        _copied(message, 11, 1) or "P",
        _copied(message, 12, 1) or "2.3.1",
    ]
    segments = ["|".join(header), f"MSA|{code}|{message.field('MSH', 10).value(1).translate(_ESCAPES)}"]
    segments += [_err(fault) for fault in faults]
    return "".join(f"{segment}\r" for segment in segments).encode()


def _copied(message: Message, number: int, component: int) -> str:
    return message.field("MSH", number).value(component).translate(_ESCAPES)


def _hd(message: Message, number: int) -> str:
    """An application or facility, with as many of its three components as it has."""
    return "^".join(_copied(message, number, component) for component in (1, 2, 3)).rstrip("^")


def _err(fault: Fault) -> str:
    number, text = fault.condition.value
    return f"ERR||{fault.location}|{number}^{text}^{ERROR_TABLE}|E||||{fault.words.translate(_ESCAPES)}"
