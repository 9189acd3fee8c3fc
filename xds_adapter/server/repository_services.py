"""The transactions of a Document Repository, one `Service` each."""

from __future__ import annotations

from typing import Any

from xds_adapter.actors import DocumentRepository, OnDemandDocumentSource
from xds_adapter.server.service import Act, Answer, Kind, Service
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import iti41, iti43
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.transactions import ITI_41, ITI_43
from xds_adapter.xmlio import Element

REPOSITORY_CODES: dict[str, Any] = {"busy": XdsErrorCode.REPOSITORY_BUSY, "failed": XdsErrorCode.REPOSITORY_ERROR}
"""What a Document Repository answers when it cannot act."""


def repository_services(
    repository: DocumentRepository, on_demand: OnDemandDocumentSource, *, in_writer: bool = True
) -> tuple[Service, ...]:
    """The transactions of a Document Repository.

    Args:
        repository: The actor.
        on_demand: Answers a retrieve, with its documents and with such as are made for it.
        in_writer: A submission waits for nothing but the store, so that it may be processed in the writer's thread.
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
            answer = on_demand.retrieve(requests)
            return Answer(answer.outcome, iti43.encode_response(answer.outcome, answer.documents))

        return act

    return (
        Service(
            transaction=ITI_41,
            kind=Kind.SUBMISSION,
            read=provide_and_register,
            refuse=iti41.encode_response,
            in_writer=in_writer,
            **REPOSITORY_CODES,
        ),
        Service(
            transaction=ITI_43,
            kind=Kind.RETRIEVE,
            read=retrieve,
            refuse=lambda o: iti43.encode_response(o, ()),
            **REPOSITORY_CODES,
        ),
    )
