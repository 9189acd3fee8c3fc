"""The transactions that remove: metadata from a Document Registry, documents from a Document Repository."""

from __future__ import annotations

from typing import Any

from xds_adapter.actors import DocumentRemoval, MetadataRemoval
from xds_adapter.server.registry_services import REGISTRY_CODES
from xds_adapter.server.service import Act, Answer, Kind, Service
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import iti62, iti86
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.transactions import ITI_62, ITI_86
from xds_adapter.xmlio import Element

_DOCUMENT_CODES: dict[str, Any] = {"busy": XdsErrorCode.REPOSITORY_BUSY, "failed": XdsErrorCode.REMOVE_DOCUMENTS_ERROR}


def metadata_removal_services(removal: MetadataRemoval) -> tuple[Service, ...]:
    """What a Document Registry offers of removal."""

    def remove(body: Element, _message: ReceivedMessage) -> Act:
        entry_uuids, form = iti62.decode_request(body)

        def act() -> Answer:
            outcome = removal.remove_metadata(entry_uuids, form)
            return Answer(outcome, iti62.encode_response(outcome))

        return act

    # Not in the writer's thread: it waits for readers before it answers.
    return (Service(transaction=ITI_62, kind=Kind.CHANGE, read=remove, refuse=iti62.encode_response, **REGISTRY_CODES),)


def document_removal_services(removal: DocumentRemoval) -> tuple[Service, ...]:
    """What a Document Repository offers of removal."""

    def remove(body: Element, _message: ReceivedMessage) -> Act:
        requests = iti86.decode_request(body)

        def act() -> Answer:
            outcome = removal.remove_documents(requests)
            return Answer(outcome, iti86.encode_response(outcome))

        return act

    return (
        Service(transaction=ITI_86, kind=Kind.CHANGE, read=remove, refuse=iti86.encode_response, **_DOCUMENT_CODES),
    )
