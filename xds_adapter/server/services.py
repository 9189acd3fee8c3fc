"""Which wsa:Action leads to which actor: one `Service` a transaction.

A further transaction is a further row; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One transaction as the server offers it.

    Attributes:
        run: Reads the body of a message, calls the actor, writes the answer.
        refuse: Writes an answer that holds an outcome only.
        busy: errorCode when storage cannot serve.
        failed: errorCode of an unplanned failure.
    """

    transaction: Transaction
    run: Callable[[Element, ReceivedMessage], Answer]
    refuse: Callable[[Outcome], Body]
    busy: XdsErrorCode
    failed: XdsErrorCode


def _objects(answer: QueryAnswer) -> Iterator[str]:
    if answer.return_type == ReturnType.OBJECT_REF:
        return (encode_object_ref(stored.entry_uuid) for stored in answer.objects)
    return (insert_status(stored.leaf, stored.status) for stored in answer.objects)


def registry_services(registry: DocumentRegistry) -> tuple[Service, ...]:
    """The transactions of a Document Registry."""

    def register(body: Element, _message: ReceivedMessage) -> Answer:
        outcome = registry.register(*iti42.decode_request(body))
        return Answer(outcome, iti42.encode_response(outcome))

    def query(body: Element, _message: ReceivedMessage) -> Answer:
        answer = registry.query(*iti18.decode_request(body))
        return Answer(answer.outcome, iti18.encode_response(answer.outcome, _objects(answer)))

    codes = {"busy": XdsErrorCode.REGISTRY_BUSY, "failed": XdsErrorCode.REGISTRY_ERROR}
    return (
        Service(transaction=ITI_42, run=register, refuse=iti42.encode_response, **codes),
        Service(transaction=ITI_18, run=query, refuse=lambda o: iti18.encode_response(o, ()), **codes),
    )


def repository_services(repository: DocumentRepository) -> tuple[Service, ...]:
    """The transactions of a Document Repository."""

    def provide_and_register(body: Element, message: ReceivedMessage) -> Answer:
        outcome = repository.provide_and_register(*iti41.decode_request(body, message.resolve))
        return Answer(outcome, iti41.encode_response(outcome))

    def retrieve(body: Element, _message: ReceivedMessage) -> Answer:
        answer = repository.retrieve(iti43.decode_request(body))
        return Answer(answer.outcome, iti43.encode_response(answer.outcome, answer.documents))

    codes = {"busy": XdsErrorCode.REPOSITORY_BUSY, "failed": XdsErrorCode.REPOSITORY_ERROR}
    return (
        Service(transaction=ITI_41, run=provide_and_register, refuse=iti41.encode_response, **codes),
        Service(transaction=ITI_43, run=retrieve, refuse=lambda o: iti43.encode_response(o, ()), **codes),
    )
