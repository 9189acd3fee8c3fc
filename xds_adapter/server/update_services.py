"""The transactions of metadata update, one `Service` each: ITI-57 and ITI-92."""

from __future__ import annotations

from xds_adapter.actors import MetadataUpdate
from xds_adapter.server.registry_services import REGISTRY_CODES
from xds_adapter.server.service import Act, Answer, Kind, Service
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import iti57, iti92
from xds_adapter.vocabulary.transactions import ITI_57, ITI_92
from xds_adapter.xmlio import Element


def update_services(metadata_update: MetadataUpdate) -> tuple[Service, ...]:
    """The transactions that change registered metadata."""

    def update(body: Element, _message: ReceivedMessage) -> Act:
        submission, form = iti57.decode_request(body)

        def act() -> Answer:
            outcome = metadata_update.update(submission, form)
            return Answer(outcome, iti57.encode_response(outcome))

        return act

    def restricted_update(body: Element, _message: ReceivedMessage) -> Act:
        submission, form = iti92.decode_request(body)

        def act() -> Answer:
            outcome = metadata_update.restricted_update(submission, form)
            return Answer(outcome, iti92.encode_response(outcome))

        return act

    return (
        Service(transaction=ITI_57, kind=Kind.CHANGE, read=update, refuse=iti57.encode_response, **REGISTRY_CODES),
        Service(
            transaction=ITI_92, kind=Kind.CHANGE, read=restricted_update, refuse=iti92.encode_response, **REGISTRY_CODES
        ),
    )
