"""ITI-43, both directions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, REPOSITORY_UNIQUE_ID
from tests.unit.transactions.bodies import element, no_document, received, resolver, unresolvable
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import DocumentRequest, Outcome, RegistryError, RetrievedDocument
from xds_adapter.soap import BytesContent
from xds_adapter.transactions import iti43
from xds_adapter.vocabulary.status import ResponseStatus

HOME = "urn:oid:1.2.3"
SUCCESS = Outcome(ResponseStatus.SUCCESS)
RESPONSE = f'<rs:RegistryResponse status="{ResponseStatus.SUCCESS}"/>'
IDS = "<xds:RepositoryUniqueId>1.2</xds:RepositoryUniqueId><xds:DocumentUniqueId>1.3</xds:DocumentUniqueId>"


def asked(**changes: Any) -> DocumentRequest:
    given = {"repository_unique_id": REPOSITORY_UNIQUE_ID, "document_unique_id": DOCUMENT_UNIQUE_ID}
    return DocumentRequest(**(given | changes))


def retrieved(**changes: Any) -> RetrievedDocument:
    given: dict[str, Any] = {
        "repository_unique_id": REPOSITORY_UNIQUE_ID,
        "document_unique_id": DOCUMENT_UNIQUE_ID,
        "mime_type": "text/xml",
        "content": BytesContent(b"a report"),
    }
    return RetrievedDocument(**(given | changes))


def request(inner: str) -> str:
    return f"<xds:RetrieveDocumentSetRequest>{inner}</xds:RetrieveDocumentSetRequest>"


def response(inner: str) -> str:
    return f"<xds:RetrieveDocumentSetResponse>{inner}</xds:RetrieveDocumentSetResponse>"


@pytest.mark.parametrize(
    "requests",
    [
        [asked()],
        [asked(home_community_id=HOME)],
        [asked(document_unique_id="1.2^<&>"), asked(), asked(home_community_id=HOME)],
    ],
    ids=["one", "with home", "several"],
)
def test_a_request_is_read_as_it_was_written(requests: list[DocumentRequest]) -> None:
    body = iti43.encode_request(requests)
    assert (requests, ()) == (iti43.decode_request(received(body)), body.attachments)


def test_blanks_around_ids_are_formatting() -> None:
    ids = IDS.replace(">1", ">\n  1").replace("</", "\n  </")
    expected = [DocumentRequest(repository_unique_id="1.2", document_unique_id="1.3")]
    assert expected == iti43.decode_request(element(request(f"<xds:DocumentRequest>{ids}</xds:DocumentRequest>")))


@pytest.mark.parametrize(
    "xml",
    [
        request(""),
        request("<DocumentRequest/>"),
        response(f"<xds:DocumentRequest>{IDS}</xds:DocumentRequest>"),
    ],
    ids=["asks for nothing", "no namespace", "another element"],
)
def test_another_request_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage, match="needs xds:RetrieveDocumentSetRequest with xds:DocumentRequest"):
        iti43.decode_request(element(xml))


@pytest.mark.parametrize("name", ["RepositoryUniqueId", "DocumentUniqueId"])
@pytest.mark.parametrize("text", [None, "", "  "], ids=["absent", "empty", "blank"])
def test_a_request_without_an_id_is_malformed(name: str, text: str | None) -> None:
    value = "1.2" if name == "RepositoryUniqueId" else "1.3"
    written = f"<xds:{name}>{value}</xds:{name}>"
    ids = IDS.replace(written, "" if text is None else f"<xds:{name}>{text}</xds:{name}>")
    assert ids != IDS
    with pytest.raises(MalformedMessage, match="needs RepositoryUniqueId and DocumentUniqueId"):
        iti43.decode_request(element(request(f"<xds:DocumentRequest>{ids}</xds:DocumentRequest>")))


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [retrieved()],
        [retrieved(home_community_id=HOME, document_unique_id="1.2^a&b")],
        [
            retrieved(new_repository_unique_id="1.2.9", new_document_unique_id="1.2.8"),
            retrieved(mime_type="text/plain"),
        ],
    ],
    ids=["none", "one", "with home", "several"],
)
def test_a_response_is_read_as_it_was_written_with_its_documents(documents: list[RetrievedDocument]) -> None:
    body = iti43.encode_response(SUCCESS, documents)
    assert (SUCCESS, documents) == iti43.decode_response(received(body), resolver(body))
    assert [document.mime_type for document in documents] == [attachment.mime_type for attachment in body.attachments]


def test_a_partial_success_holds_documents_and_errors() -> None:
    outcome = Outcome(
        ResponseStatus.PARTIAL_SUCCESS, (RegistryError(code="XDSDocumentUniqueIdError", code_context="1.2.3"),)
    )
    body = iti43.encode_response(outcome, [retrieved()])
    assert (outcome, [retrieved(content=body.attachments[0].content)]) == iti43.decode_response(
        received(body), resolver(body)
    )


def test_a_document_without_mime_type_is_octets() -> None:
    xml = response(f"{RESPONSE}<xds:DocumentResponse>{IDS}<xds:Document>AA==</xds:Document></xds:DocumentResponse>")
    _, documents = iti43.decode_response(element(xml), no_document)
    assert ["application/octet-stream"] == [document.mime_type for document in documents]


@pytest.mark.parametrize(
    "xml",
    [RESPONSE, response(""), request(RESPONSE)],
    ids=["RegistryResponse only", "no RegistryResponse", "another element"],
)
def test_another_answer_is_a_fault_of_the_peer(xml: str) -> None:
    with pytest.raises(RemoteFault, match="no xds:RetrieveDocumentSetResponse with rs:RegistryResponse"):
        iti43.decode_response(element(xml), no_document)


@pytest.mark.parametrize(
    "inner",
    [
        IDS,
        "<xds:RepositoryUniqueId>1.2</xds:RepositoryUniqueId><xds:Document/>",
        "<xds:DocumentUniqueId>1.3</xds:DocumentUniqueId><xds:Document/>",
    ],
    ids=["no document", "no document id", "no repository id"],
)
def test_an_incomplete_document_is_a_fault_of_the_peer(inner: str) -> None:
    xml = response(f"{RESPONSE}<xds:DocumentResponse>{inner}</xds:DocumentResponse>")
    with pytest.raises(RemoteFault, match="lacks its ids or its Document"):
        iti43.decode_response(element(xml), no_document)


def test_a_status_that_is_unknown_is_a_fault_of_the_peer() -> None:
    with pytest.raises(RemoteFault, match="status 'x' is unknown"):
        iti43.decode_response(element(response('<rs:RegistryResponse status="x"/>')), no_document)


def test_a_document_that_cannot_be_resolved_makes_the_answer_malformed() -> None:
    body = iti43.encode_response(SUCCESS, [retrieved()])
    with pytest.raises(MalformedMessage, match="no such part"):
        iti43.decode_response(received(body), unresolvable)
