"""ITI-42, both directions; ITI-57 and ITI-92 carry the same messages."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given

from tests.factories import (
    ENTRY_UUID,
    make_association,
    make_document_entry,
    make_submission,
    make_submission_with_folder,
)
from tests.property.strategies import outcomes
from tests.unit.transactions.bodies import element, received
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import Outcome, finding
from xds_adapter.transactions import iti42, iti57, iti92
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus, ResponseStatus


def test_a_request_is_read_as_it_was_written() -> None:
    submission = make_submission_with_folder()
    body = iti42.encode_request(submission)
    assert ((submission, []), ()) == (iti42.decode_request(received(body)), body.attachments)


@pytest.mark.parametrize("transaction", [iti57, iti92])
def test_an_update_is_read_as_it_was_written(transaction: ModuleType) -> None:
    entry = make_document_entry(logical_id=ENTRY_UUID)
    link = make_association(previous_version="1", association_propagation="no")
    change = make_association(
        entry_uuid="Association02",
        association_type=AssociationType.UPDATE_AVAILABILITY_STATUS,
        target_object=ENTRY_UUID,
        submission_set_status=None,
        original_status=AvailabilityStatus.APPROVED,
        new_status=AvailabilityStatus.DEPRECATED,
    )
    submission = make_submission(document_entries=(entry,), associations=(link, change))
    assert (submission, []) == transaction.decode_request(received(transaction.encode_request(submission)))
    outcome = Outcome.of([finding("MU-012", "is not the latest version, 2")])
    answer = transaction.decode_response(received(transaction.encode_response(outcome)))
    assert (ResponseStatus.FAILURE, ["XDSMetadataVersionError"]) == (answer.status, [e.code for e in answer.errors])


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
