"""ITI-18, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.factories import ENTRY_UUID, make_document_entry
from tests.property.strategies import outcomes, stored_queries
from tests.unit.transactions.bodies import element, received
from xds_adapter.ebxml import encode_leaf, encode_object_ref
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import Outcome, ParameterSlot, QueryResult, ReturnType, StoredQuery
from xds_adapter.transactions import iti18
from xds_adapter.vocabulary.status import ResponseStatus
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS

SUCCESS = Outcome(ResponseStatus.SUCCESS)


def test_a_request_is_read_as_it_was_written() -> None:
    query = StoredQuery(
        query_id=GET_DOCUMENTS.query_id,
        parameters={"$XDSDocumentEntryEntryUUID": (ParameterSlot((ENTRY_UUID, "O'Hara"), listed=True),)},
        return_type=ReturnType.OBJECT_REF,
        home_community_id="urn:oid:1.2.3",
    )
    body = iti18.encode_request(query)
    assert ((query, []), ()) == (iti18.decode_request(received(body)), body.attachments)


@given(stored_queries)
def test_any_request_is_read_as_it_was_written(query: StoredQuery) -> None:
    assert (query, []) == iti18.decode_request(received(iti18.encode_request(query)))


def test_a_response_with_entries_is_read_as_it_was_written() -> None:
    entry = make_document_entry(home_community_id="urn:oid:1.2.3")
    body = iti18.encode_response(SUCCESS, [encode_leaf(entry)])
    assert QueryResult(outcome=SUCCESS, document_entries=(entry,)) == iti18.decode_response(received(body))


def test_a_response_with_references_is_read_as_it_was_written() -> None:
    body = iti18.encode_response(SUCCESS, [encode_object_ref(ENTRY_UUID)])
    assert QueryResult(outcome=SUCCESS, object_refs=(ENTRY_UUID,)) == iti18.decode_response(received(body))


@given(outcomes)
def test_any_outcome_is_read_as_it_was_written(outcome: Outcome) -> None:
    assert QueryResult(outcome=outcome) == iti18.decode_response(received(iti18.encode_response(outcome, [])))


@pytest.mark.parametrize(
    "xml",
    [
        "<query:AdhocQueryResponse/>",
        "<query:AdhocQueryRequest/>",
        '<query:AdhocQueryRequest><rim:AdhocQuery id="x"/></query:AdhocQueryRequest>',
        "<lcm:SubmitObjectsRequest/>",
    ],
)
def test_another_request_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage, match="needs query:AdhocQueryRequest"):
        iti18.decode_request(element(xml))


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (f'<rs:RegistryResponse status="{ResponseStatus.SUCCESS}"/>', "no query:AdhocQueryResponse"),
        ("<query:AdhocQueryResponse/>", "status None is unknown"),
        ('<query:AdhocQueryResponse status="fine"/>', "status 'fine' is unknown"),
    ],
)
def test_another_answer_is_a_fault_of_the_peer(xml: str, words: str) -> None:
    with pytest.raises(RemoteFault, match=words):
        iti18.decode_response(element(xml))
