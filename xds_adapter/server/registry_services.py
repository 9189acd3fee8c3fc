"""The transactions of a Document Registry, one `Service` each.

A further transaction is a further row; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from xds_adapter.actors import DocumentRegistry, QueryAnswer
from xds_adapter.ebxml import encode_object_ref, insert_status
from xds_adapter.model import ReturnType
from xds_adapter.rules import REGISTER, REGISTER_ON_DEMAND, Profile
from xds_adapter.server.service import Act, Answer, Service
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import iti18, iti42, iti61
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.transactions import ITI_18, ITI_42, ITI_61
from xds_adapter.xmlio import Element

REGISTRY_CODES: dict[str, Any] = {"busy": XdsErrorCode.REGISTRY_BUSY, "failed": XdsErrorCode.REGISTRY_ERROR}
"""What a Document Registry answers when it cannot act."""


def _objects(answer: QueryAnswer) -> Iterator[str]:
    if answer.return_type == ReturnType.OBJECT_REF:
        return (encode_object_ref(stored.entry_uuid) for stored in answer.objects)
    return (insert_status(stored.leaf, stored.status) for stored in answer.objects)


def registry_services(registry: DocumentRegistry) -> tuple[Service, ...]:
    """The transactions of a Document Registry."""

    def register(profile: Profile) -> Callable[[Element, ReceivedMessage], Act]:
        def read(body: Element, _message: ReceivedMessage) -> Act:
            submission, form = iti42.decode_request(body)

            def act() -> Answer:
                outcome = registry.register(submission, form, profile=profile)
                return Answer(outcome, iti42.encode_response(outcome))

            return act

        return read

    def query(body: Element, _message: ReceivedMessage) -> Act:
        stored_query, form = iti18.decode_request(body)

        def act() -> Answer:
            answer = registry.query(stored_query, form)
            return Answer(answer.outcome, iti18.encode_response(answer.outcome, _objects(answer)))

        return act

    return (
        Service(
            transaction=ITI_42,
            read=register(REGISTER),
            refuse=iti42.encode_response,
            in_writer=True,
            **REGISTRY_CODES,
        ),
        Service(
            transaction=ITI_61,
            read=register(REGISTER_ON_DEMAND),
            refuse=iti61.encode_response,
            in_writer=True,
            **REGISTRY_CODES,
        ),
        Service(transaction=ITI_18, read=query, refuse=lambda o: iti18.encode_response(o, ()), **REGISTRY_CODES),
    )
