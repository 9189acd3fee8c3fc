"""ITI-42, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.factories import make_submission_with_folder
from tests.property.strategies import outcomes
from tests.unit.transactions.bodies import element, received
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import Outcome
from xds_adapter.transactions import iti42
from xds_adapter.vocabulary.status import ResponseStatus


def test_a_request_is_read_as_it_was_written() -> None:
    submission = make_submission_with_folder()
    body = iti42.encode_request(submission)
    assert ((submission, []), ()) == (iti42.decode_request(received(body)), body.attachments)


@given(outcomes)
def test_a_response_is_read_as_it_was_written(outcome: Outcome) -> None:
    assert outcome == iti42.decode_response(received(iti42.encode_response(outcome)))


@pytest.mark.parametrize("xml", ["<lcm:SubmitObjectsRequest/>", "<rs:RegistryResponse/>", "<rim:RegistryObjectList/>"])
def test_another_request_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage, match="needs lcm:SubmitObjectsRequest"):
        iti42.decode_request(element(xml))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (f'<query:AdhocQueryResponse status="{ResponseStatus.SUCCESS}"/>', "no rs:RegistryResponse"),
        ("<rs:RegistryResponse/>", "status None is unknown"),
        ('<rs:RegistryResponse status="Warning"/>', "status 'Warning' is unknown"),
    ],
)
def test_another_answer_is_a_fault_of_the_peer(xml: str, words: str) -> None:
    with pytest.raises(RemoteFault, match=words):
        iti42.decode_response(element(xml))
