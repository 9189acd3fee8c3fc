"""What the server offers for one wsa:Action: how a message is read, acted upon and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from xds_adapter.model import Outcome
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import Body
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.transactions import Transaction
from xds_adapter.xmlio import Element


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers: the outcome, for the log, and the body."""

    outcome: Outcome
    body: Body


Act = Callable[[], Answer]
"""Has a message acted upon, once it has been read."""


class Kind(StrEnum):
    """Kinds of work that do not wait for each other; the word stands in answers to those who come when it is full."""

    QUERY = "queries"
    RETRIEVE = "retrieves"
    SUBMISSION = "submissions"
    CHANGE = "changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One transaction as the server offers it.

    Attributes:
        kind: With which others it shares threads and a queue; a submission also needs room on the disk.
        read: Reads the body of a message and returns what calls the actor and writes the answer.
        refuse: Writes an answer that holds an outcome only; None: what cannot be read or done gets a SOAP fault.
        busy: errorCode when storage cannot serve.
        failed: errorCode of an unplanned failure.
        in_writer: A small message may be processed in the writer's thread: it writes, and waits for nothing else.
    """

    transaction: Transaction
    kind: Kind
    read: Callable[[Element, ReceivedMessage], Act]
    refuse: Callable[[Outcome], Body] | None
    busy: XdsErrorCode
    failed: XdsErrorCode
    in_writer: bool = False
