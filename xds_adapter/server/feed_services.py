"""The patient identity feed in HL7 v3 (ITI-44), one `Service` a message.

A registry and a PIX manager take the same messages; only their addresses differ.

Source: IHE ITI TF-2 3.44.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xds_adapter.actors import PatientIdentityFeed
from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import Outcome, Refusal
from xds_adapter.server.registry_services import REGISTRY_CODES
from xds_adapter.server.service import Act, Answer, Kind, Service
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import Body, iti44
from xds_adapter.transactions.iti44 import FeedRequest
from xds_adapter.vocabulary.identity_feed import INTERACTIONS_OF_FEED, AcknowledgementCode, DetailCode, Interaction
from xds_adapter.vocabulary.status import ResponseStatus
from xds_adapter.vocabulary.transactions import ITI_44, Transaction
from xds_adapter.xmlio import Element

_TAKEN = Outcome(ResponseStatus.SUCCESS)
_REFUSED = Outcome(ResponseStatus.FAILURE)


def feed_services(feed: PatientIdentityFeed) -> tuple[Service, ...]:
    """The messages of the feed."""
    pairs = zip(ITI_44, INTERACTIONS_OF_FEED, strict=True)
    return tuple(_service(transaction, interaction, feed) for transaction, interaction in pairs)


def _service(transaction: Transaction, interaction: Interaction, feed: PatientIdentityFeed) -> Service:
    def read(body: Element, _message: ReceivedMessage) -> Act:
        request = iti44.decode_request(body, interaction)
        return lambda: _answer(feed, request)

    return Service(transaction=transaction, kind=Kind.CHANGE, read=read, refuse=None, **REGISTRY_CODES)


def _answer(feed: PatientIdentityFeed, request: FeedRequest) -> Answer:
    wrapper = request.wrapper
    if request.faults:
        text = iti44.encode_response(wrapper, AcknowledgementCode.ERROR, request.faults, detail_code=DetailCode.CONTENT)
        return Answer(_REFUSED, Body((text,)))
    try:
        made = feed.receive(request.message, _acknowledging(request))
    except StorageUnavailable:
        words = "the registry cannot take messages now; send it again later"
        return Answer(_REFUSED, Body((iti44.encode_response(wrapper, AcknowledgementCode.REJECT, (words,)),)))
    return Answer(_TAKEN if made.accepted else _REFUSED, Body((made.text,)))


def _acknowledging(request: FeedRequest) -> Callable[[Sequence[Refusal]], str]:
    several = len(request.message.changes) > 1

    def acknowledge(refusals: Sequence[Refusal]) -> str:
        code = AcknowledgementCode.ERROR if refusals else AcknowledgementCode.ACCEPT
        texts = (f"registrationEvent {r.position}: {r.form.words}" if several else r.form.words for r in refusals)
        return iti44.encode_response(request.wrapper, code, texts)

    return acknowledge
