"""Which wsa:Action leads to which actor: one `Service` a transaction.

A further transaction is a further row; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from xds_adapter.actors import DocumentRegistry, DocumentRepository, QueryAnswer
from xds_adapter.ebxml import encode_object_ref, insert_status
from xds_adapter.model import Outcome, ReturnType
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import Body, iti18, iti41, iti42, iti43
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.transactions import ITI_18, ITI_41, ITI_42, ITI_43, Transaction
from xds_adapter.xmlio import Element


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers: the outcome, for the log, and the body."""

    outcome: Outcome
    body: Body


Act = Callable[[], Answer]
"""Has a message acted upon, once it has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One transaction as the server offers it.

    Attributes:
        read: Reads the body of a message and returns what calls the actor and writes the answer.
        refuse: Writes an answer that holds an outcome only.
        busy: errorCode when storage cannot serve.
        failed: errorCode of an unplanned failure.
        in_writer: A small message may be processed in the writer's thread: it writes, and waits for nothing else.
    """

    transaction: Transaction
    read: Callable[[Element, ReceivedMessage], Act]
    refuse: Callable[[Outcome], Body]
    busy: XdsErrorCode
    failed: XdsErrorCode
    in_writer: bool = False


def _objects(answer: QueryAnswer) -> Iterator[str]:
    if answer.return_type == ReturnType.OBJECT_REF:
        return (encode_object_ref(stored.entry_uuid) for stored in answer.objects)
    return (insert_status(stored.leaf, stored.status) for stored in answer.objects)


def registry_services(registry: DocumentRegistry) -> tuple[Service, ...]:
    """The transactions of a Document Registry."""

    def register(body: Element, _message: ReceivedMessage) -> Act:
        submission, form = iti42.decode_request(body)

        def act() -> Answer:
            outcome = registry.register(submission, form)
            return Answer(outcome, iti42.encode_response(outcome))

        return act

    def query(body: Element, _message: ReceivedMessage) -> Act:
        stored_query, form = iti18.decode_request(body)

        def act() -> Answer:
            answer = registry.query(stored_query, form)
            return Answer(answer.outcome, iti18.encode_response(answer.outcome, _objects(answer)))

        return act

    codes: dict[str, Any] = {"busy": XdsErrorCode.REGISTRY_BUSY, "failed": XdsErrorCode.REGISTRY_ERROR}
    return (
        Service(transaction=ITI_42, read=register, refuse=iti42.encode_response, in_writer=True, **codes),
        Service(transaction=ITI_18, read=query, refuse=lambda o: iti18.encode_response(o, ()), **codes),
    )


def repository_services(repository: DocumentRepository, *, registers_here: bool = True) -> tuple[Service, ...]:
    """The transactions of a Document Repository.

    Args:
        repository: The actor.
        registers_here: Its registry is in this process, so that a submission waits for no other machine.
    """

    def provide_and_register(body: Element, message: ReceivedMessage) -> Act:
        submission, form = iti41.decode_request(body, message.resolve)

        def act() -> Answer:
            outcome = repository.provide_and_register(submission, form)
            return Answer(outcome, iti41.encode_response(outcome))

        return act

    def retrieve(body: Element, _message: ReceivedMessage) -> Act:
        requests = iti43.decode_request(body)

        def act() -> Answer:
            answer = repository.retrieve(requests)
            return Answer(answer.outcome, iti43.encode_response(answer.outcome, answer.documents))

        return act

    codes: dict[str, Any] = {"busy": XdsErrorCode.REPOSITORY_BUSY, "failed": XdsErrorCode.REPOSITORY_ERROR}
    return (
        Service(
            transaction=ITI_41,
            read=provide_and_register,
            refuse=iti41.encode_response,
            in_writer=registers_here,
            **codes,
        ),
        Service(transaction=ITI_43, read=retrieve, refuse=lambda o: iti43.encode_response(o, ()), **codes),
    )
