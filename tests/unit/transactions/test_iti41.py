"""ITI-41, both directions."""

from __future__ import annotations

import pytest

from tests.factories import make_document_entry, make_submission
from tests.unit.transactions.bodies import element, no_document, received, resolver, unresolvable
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import Outcome, RegistryError, SubmittedDocument
from xds_adapter.soap import BytesContent
from xds_adapter.transactions import iti41
from xds_adapter.vocabulary.status import ResponseStatus

FIRST, SECOND = BytesContent(b"<ClinicalDocument/>"), BytesContent(b"%PDF-1.7\r\n")
PROVIDED = make_submission(
    document_entries=(
        make_document_entry(),
        make_document_entry(entry_uuid='Document"2"', unique_id="1.2.3", mime_type="application/pdf"),
    ),
    documents=(
        SubmittedDocument(document_id="Document01", content=FIRST),
        SubmittedDocument(document_id='Document"2"', content=SECOND),
    ),
)


def test_a_request_is_read_as_it_was_written_with_its_documents() -> None:
    body = iti41.encode_request(PROVIDED)
    assert (PROVIDED, []) == iti41.decode_request(received(body), resolver(body))


def test_each_document_travels_under_the_mime_type_of_its_entry() -> None:
    body = iti41.encode_request(PROVIDED)
    expected = [("text/xml", FIRST), ("application/pdf", SECOND)]
    assert expected == [(attachment.mime_type, attachment.content) for attachment in body.attachments]


@pytest.mark.parametrize(
    "submission",
    [
        make_submission(
            document_entries=(make_document_entry(mime_type=None),),
            documents=(SubmittedDocument(document_id="Document01", content=FIRST),),
        ),
        make_submission(documents=(SubmittedDocument(document_id="Document09", content=FIRST),)),
    ],
    ids=["entry without type", "no entry"],
)
def test_a_document_of_unknown_type_travels_as_octets(submission: object) -> None:
    body = iti41.encode_request(submission)  # type: ignore[arg-type]
    assert ["application/octet-stream"] == [attachment.mime_type for attachment in body.attachments]


def test_a_request_may_lack_documents() -> None:
    submission = make_submission()
    assert (submission, []) == iti41.decode_request(received(iti41.encode_request(submission)), no_document)


def test_a_document_may_lack_its_id() -> None:
    xml = (
        "<xds:ProvideAndRegisterDocumentSetRequest><lcm:SubmitObjectsRequest><rim:RegistryObjectList/>"
        "</lcm:SubmitObjectsRequest><xds:Document>AA==</xds:Document></xds:ProvideAndRegisterDocumentSetRequest>"
    )
    submission, errors = iti41.decode_request(element(xml), no_document)
    assert [""] == [document.document_id for document in submission.documents]
    assert ["META-001"] == [error.rule for error in errors]


@pytest.mark.parametrize(
    "xml",
    [
        "<xds:ProvideAndRegisterDocumentSetRequest/>",
        "<xds:RetrieveDocumentSetRequest><lcm:SubmitObjectsRequest/></xds:RetrieveDocumentSetRequest>",
        "<lcm:SubmitObjectsRequest><rim:RegistryObjectList/></lcm:SubmitObjectsRequest>",
    ],
    ids=["no metadata", "another request", "ITI-42"],
)
def test_another_request_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage, match="needs xds:ProvideAndRegisterDocumentSetRequest"):
        iti41.decode_request(element(xml), no_document)


def test_a_document_that_cannot_be_resolved_makes_the_message_malformed() -> None:
    with pytest.raises(MalformedMessage, match="no such part"):
        iti41.decode_request(received(iti41.encode_request(PROVIDED)), unresolvable)


def test_a_response_is_read_as_it_was_written() -> None:
    outcome = Outcome(ResponseStatus.FAILURE, (RegistryError(code="XDSMissingDocument", code_context="x"),))
    assert outcome == iti41.decode_response(received(iti41.encode_response(outcome)))
