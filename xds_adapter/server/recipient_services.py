"""The transaction of a Document Recipient.

Source: IHE ITI TF-1 15; ITI TF-2 3.41.
"""

from __future__ import annotations

from xds_adapter.actors import DocumentRecipient
from xds_adapter.server.repository_services import REPOSITORY_CODES
from xds_adapter.server.service import Act, Answer, Kind, Service
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import iti41
from xds_adapter.vocabulary.transactions import XDR_ITI_41
from xds_adapter.xmlio import Element


def recipient_services(recipient: DocumentRecipient) -> tuple[Service, ...]:
    """The transaction of a Document Recipient."""

    def provide_and_register(body: Element, message: ReceivedMessage) -> Act:
        submission, form = iti41.decode_request(body, message.resolve)
        metadata = iti41.metadata_of(body)

        def act() -> Answer:
            outcome = recipient.receive(submission, metadata, form)
            return Answer(outcome, iti41.encode_response(outcome))

        return act

    return (
        Service(
            transaction=XDR_ITI_41,
            kind=Kind.SUBMISSION,
            read=provide_and_register,
            refuse=iti41.encode_response,
            **REPOSITORY_CODES,
        ),
    )
