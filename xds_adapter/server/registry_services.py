"""The transactions of a Document Registry, one `Service` each.

A further transaction is a further row; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from xds_adapter.actors import DocumentRegistry
from xds_adapter.ebxml import encode_object_ref, insert_status
from xds_adapter.model import Outcome, ReturnType
from xds_adapter.rules import REGISTER, REGISTER_ON_DEMAND, Profile
from xds_adapter.server.service import Act, Answer, Kind, Service
from xds_adapter.soap import Folder, ReceivedMessage
from xds_adapter.storage import StoredObject
from xds_adapter.transactions import Body, iti18, iti42, iti61
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.transactions import ITI_18, ITI_42, ITI_51, ITI_61, Transaction
from xds_adapter.xmlio import Element

REGISTRY_CODES: dict[str, Any] = {"busy": XdsErrorCode.REGISTRY_BUSY, "failed": XdsErrorCode.REGISTRY_ERROR}
"""What a Document Registry answers when it cannot act."""


def registry_services(registry: DocumentRegistry, spool: Folder = None) -> tuple[Service, ...]:
    """The transactions of a Document Registry.

    Args:
        registry: The actor.
        spool: Folder for answers that are too large for memory; None means the system's folder for temporary files.
    """

    def register(profile: Profile) -> Callable[[Element, ReceivedMessage], Act]:
        def read(body: Element, _message: ReceivedMessage) -> Act:
            submission, form = iti42.decode_request(body)

            def act() -> Answer:
                outcome = registry.register(submission, form, profile=profile)
                return Answer(outcome, iti42.encode_response(outcome))

            return act

        return read

    return (
        Service(
            transaction=ITI_42,
            kind=Kind.SUBMISSION,
            read=register(REGISTER),
            refuse=iti42.encode_response,
            in_writer=True,
            **REGISTRY_CODES,
        ),
        Service(
            transaction=ITI_61,
            kind=Kind.SUBMISSION,
            read=register(REGISTER_ON_DEMAND),
            refuse=iti61.encode_response,
            in_writer=True,
            **REGISTRY_CODES,
        ),
        _query_service(ITI_18, registry, spool),
        _query_service(ITI_51, registry, spool),
    )


def _query_service(transaction: Transaction, registry: DocumentRegistry, spool: Folder) -> Service:
    def query(body: Element, _message: ReceivedMessage) -> Act:
        stored_query, form = iti18.decode_request(body)

        def write(objects: Iterator[StoredObject]) -> Body:
            answer = iti18.encode_response(Outcome.of(()), _encoded(objects, stored_query.return_type))
            return Body.read(answer.xml, spool)

        def act() -> Answer:
            outcome, made = registry.query(stored_query, form, write, multi_patient=transaction is ITI_51)
            return Answer(outcome, made or iti18.encode_response(outcome, ()))

        return act

    return Service(
        transaction=transaction,
        kind=Kind.QUERY,
        read=query,
        refuse=lambda o: iti18.encode_response(o, ()),
        **REGISTRY_CODES,
    )


def _encoded(objects: Iterable[StoredObject], return_type: str) -> Iterator[str]:
    if return_type == ReturnType.OBJECT_REF:
        return (encode_object_ref(stored.entry_uuid) for stored in objects)
    return (insert_status(stored.leaf, stored.status) for stored in objects)
