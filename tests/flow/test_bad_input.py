"""What must not be accepted: each refused with its reason, nothing left behind, and the next submission works."""

from __future__ import annotations

import http.client
import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import requests
import zeep

from benchmarks.load import post as http_request
from tests.factories import LOCAL_PATIENT, PATIENT, make_association, make_document_entry
from tests.flow.running import HttpAnswer, Site, footprint, post, request, rows, running, settled_footprint
from tests.flow.submissions import inline, mtom, numbered, plain, unique_id
from xds_adapter.config import ServerSettings, Settings
from xds_adapter.datatypes import CX, DTM, Coded
from xds_adapter.model import DocumentRequest, SubmittedDocument
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, BytesContent, write_envelope
from xds_adapter.transactions import iti43
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.transactions import ITI_41, ITI_43, OFFERED

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
NUMBERS = itertools.count(1)
LARGE = 200_000
"""Larger than what lies in the database: a document of this size is a file."""


@pytest.fixture
def stored_before(shared_site: Site) -> tuple[int, bytes]:
    """A document stored before the test: its number and its bytes, a file."""
    number, content = next(NUMBERS), b"a" * LARGE
    assert "Success" == ordinary(shared_site, number, content).status_word
    return number, content


@pytest.fixture(autouse=True)
def _nothing_remains(shared_site: Site, stored_before: tuple[int, bytes]) -> Iterator[None]:
    before = footprint(shared_site.data)
    yield
    assert before == settled_footprint(shared_site.data, before)
    number, content = stored_before
    assert content == retrieved(shared_site, number)
    assert "Success" == ordinary(shared_site).status_word


def ordinary(site: Site, number: int | None = None, content: bytes = b"<ordinary/>") -> HttpAnswer:
    return post(site.repository, *mtom(numbered(next(NUMBERS) if number is None else number, content)))


def retrieved(site: Site, number: int) -> bytes:
    wanted = [
        DocumentRequest(
            repository_unique_id=site.installation.repository_unique_id, document_unique_id=unique_id(number)
        )
    ]
    answer = post(site.repository, *plain(iti43.encode_request(wanted), ITI_43))
    outcome, documents = iti43.decode_response(answer.envelope.body, answer.message.resolve)
    assert outcome.is_success, outcome
    return b"".join(documents[0].content.chunks())


def refused(answer: HttpAnswer, status: int, code: str, *words: str) -> None:
    """The answer is a SOAP fault whose reason holds all words."""
    assert answer.fault is not None
    assert (status, code) == (answer.status, answer.fault[0])
    assert [] == [word for word in words if word not in answer.fault[1]]


def failed(answer: HttpAnswer, *expected: tuple[str, str, str]) -> None:
    """The answer is Failure with exactly these errors: code, a part of the location, a part of the context."""
    assert (200, "Failure") == (answer.status, answer.status_word)
    assert [code for code, _, _ in expected] == answer.codes
    for (_, location, words), found in zip(expected, answer.errors, strict=True):
        assert location in found[1]
        assert words in found[2]


@pytest.mark.parametrize("size", [100, LARGE, 3_000_000])
@pytest.mark.parametrize("missing", [3, 40, 2000])
def test_a_truncated_package(shared_site: Site, size: int, missing: int) -> None:
    content_type, body = mtom(numbered(next(NUMBERS), b"x" * size))
    refused(post(shared_site.repository, content_type, body[:-missing]), 400, "Sender")


def test_a_truncated_envelope(shared_site: Site) -> None:
    content_type, body = inline(numbered(next(NUMBERS), b"x" * 2_000_000))
    for end in (len(body) - 5, len(body) // 2, 200):
        refused(post(shared_site.repository, content_type, body[:end]), 400, "Sender", "XML")


def test_a_wrong_boundary(shared_site: Site) -> None:
    content_type, body = mtom(numbered(next(NUMBERS), b"x" * LARGE))
    wrong = content_type.replace('boundary="', 'boundary="not-')
    refused(post(shared_site.repository, wrong, body), 400, "Sender", "boundary")


def test_no_boundary(shared_site: Site) -> None:
    _, body = mtom(numbered(next(NUMBERS), b"x"))
    answer = post(shared_site.repository, 'multipart/related; type="application/xop+xml"', body)
    refused(answer, 400, "Sender", "boundary")


@pytest.mark.parametrize("size", [100, LARGE])
def test_a_missing_part(shared_site: Site, size: int) -> None:
    message = mtom(numbered(next(NUMBERS), b"x" * size), lambda xml: xml.replace('href="cid:', 'href="cid:absent-'))
    failed(post(shared_site.repository, *message), ("XDSRepositoryMetadataError", "", "absent-"))


def test_an_unknown_action(shared_site: Site) -> None:
    content = write_envelope("<a/>", action="urn:example:unknown", message_id="urn:uuid:1")
    answer = post(shared_site.repository, SIMPLE_CONTENT_TYPE, content)
    refused(answer, 400, "ActionNotSupported", "urn:example:unknown", ITI_41.request_action, "/xds/repository")
    assert "urn:uuid:1" == answer.envelope.relates_to


def test_a_message_for_the_other_actor(shared_site: Site) -> None:
    answer = post(shared_site.registry, *mtom(numbered(next(NUMBERS), b"x" * LARGE)))
    refused(answer, 400, "ActionNotSupported", ITI_41.request_action, "/xds/registry")


def test_no_action(shared_site: Site) -> None:
    content = f'<s:Envelope xmlns:s="{SOAP12}"><s:Body><a/></s:Body></s:Envelope>'.encode()
    answer = post(shared_site.repository, SIMPLE_CONTENT_TYPE, content)
    refused(answer, 400, "MessageAddressingHeaderRequired", "wsa:Action")


def test_another_body_than_the_action_says(shared_site: Site) -> None:
    content = write_envelope("<a/>", action=ITI_41.request_action, message_id="urn:uuid:1")
    answer = post(shared_site.repository, SIMPLE_CONTENT_TYPE, content)
    failed(answer, ("XDSRepositoryMetadataError", "", "ProvideAndRegisterDocumentSetRequest"))


def test_soap_11_by_its_content_type(shared_site: Site) -> None:
    content = f'<s:Envelope xmlns:s="{SOAP11}"><s:Body><a/></s:Body></s:Envelope>'.encode()
    refused(post(shared_site.repository, "text/xml; charset=utf-8", content), 500, "VersionMismatch", "SOAP 1.1")


def test_soap_11_by_its_namespace(shared_site: Site) -> None:
    content = f'<s:Envelope xmlns:s="{SOAP11}"><s:Body><a/></s:Body></s:Envelope>'.encode()
    answer = post(shared_site.repository, SIMPLE_CONTENT_TYPE, content)
    refused(answer, 500, "VersionMismatch", "SOAP 1.1")
    assert b"SupportedEnvelope" in answer.content


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "multipart/form-data; boundary=x"])
def test_another_content_type(shared_site: Site, content_type: str) -> None:
    refused(post(shared_site.repository, content_type, b"{}"), 400, "Sender")


def test_a_dtd(shared_site: Site) -> None:
    content_type, body = inline(numbered(next(NUMBERS), b"x"))
    dtd = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    start = body.index(b"<", body.index(b"?>") + 2 if body.startswith(b"<?xml") else 0)
    answer = post(shared_site.repository, content_type, body[:start] + dtd + body[start:])
    refused(answer, 400, "Sender", "DTD")


def test_a_mandatory_header_that_is_not_known(shared_site: Site) -> None:
    header = f'<x:Cipher xmlns:x="urn:example:x" xmlns:s="{SOAP12}" s:mustUnderstand="1"/>'.encode()
    content = write_envelope("<a/>", action=ITI_41.request_action, message_id="urn:uuid:1", header_xml=header)
    refused(post(shared_site.repository, SIMPLE_CONTENT_TYPE, content), 500, "MustUnderstand", "{urn:example:x}Cipher")


def test_an_answer_to_another_address_is_not_promised(shared_site: Site) -> None:
    content = write_envelope(
        "<a/>", action=ITI_41.request_action, message_id="urn:uuid:1", reply_to="http://elsewhere.example/"
    )
    answer = post(shared_site.repository, SIMPLE_CONTENT_TYPE, content)
    refused(answer, 400, "OnlyAnonymousAddressSupported", "wsa:ReplyTo")


@pytest.mark.parametrize("encoded", [mtom, inline])
def test_ten_faults_are_all_reported(shared_site: Site, encoded: type) -> None:
    submission = numbered(
        next(NUMBERS),
        b"x" * LARGE,
        creation_time=DTM("2024-03-05"),
        language_code="fr FR",
        class_code=None,
        format_code=Coded("urn:example:a", "1.2.3", ""),
        service_start_time=DTM("20250101"),
        service_stop_time=DTM("20240101"),
        source_patient_info=("PID-5 DUPONT",),
        hash="0" * 40,
        size=7,
        patient_id=LOCAL_PATIENT,
    )
    assert submission.submission_set is not None
    broken = replace(
        submission,
        submission_set=replace(submission.submission_set, source_id="RIS-NORD", patient_id=PATIENT),
        associations=(
            *submission.associations,
            make_association(entry_uuid="A2", target_object="Nobody", submission_set_status="Reference"),
        ),
    )
    answer = post(shared_site.repository, *encoded(broken))
    assert "Failure" == answer.status_word
    expected = {
        ("XDSRegistryMetadataError", "creationTime"),
        ("XDSRegistryMetadataError", "languageCode"),
        ("XDSRegistryMetadataError", "classCode"),
        ("XDSRegistryMetadataError", "formatCode"),
        ("XDSRegistryMetadataError", "serviceStartTime"),
        ("XDSRegistryMetadataError", "sourcePatientInfo"),
        ("XDSRepositoryMetadataError", "hash"),
        ("XDSRepositoryMetadataError", "size"),
        ("XDSRegistryMetadataError", "sourceId"),
        ("XDSRegistryMetadataError", "targetObject"),
        ("XDSPatientIdDoesNotMatch", "patientId"),
        ("XDSUnknownPatientId", "patientId"),
    }
    found = {
        (code, attribute)
        for code, attribute in expected
        for c, where, _ in answer.errors
        if c == code and where.endswith(attribute)
    }
    assert expected == found
    assert len(expected) == len(answer.errors)
    assert all(where for _, where, _ in answer.errors)


@pytest.mark.parametrize("size", [100, LARGE])
def test_an_unknown_patient(shared_site: Site, size: int) -> None:
    nobody = CX("NOBODY^^^&1.2.3&ISO")
    submission = numbered(next(NUMBERS), b"x" * size, patient_id=nobody)
    failed(post(shared_site.repository, *mtom(submission)), ("XDSUnknownPatientId", "patientId", nobody.text))


@pytest.mark.parametrize("content", [b"small", b"b" * LARGE, b"b" * 3_000_000])
def test_a_known_unique_id_with_other_bytes(
    shared_site: Site, stored_before: tuple[int, bytes], content: bytes
) -> None:
    number, _ = stored_before
    answer = post(shared_site.repository, *mtom(numbered(number, content, set_number=next(NUMBERS))))
    where = f"DocumentEntry {unique_id(number)}, uniqueId"
    failed(answer, ("XDSNonIdenticalHash", where, "is registered already with another hash"))


def test_the_same_submission_again(shared_site: Site, stored_before: tuple[int, bytes]) -> None:
    answer = ordinary(shared_site, *stored_before)
    failed(answer, ("XDSDuplicateUniqueIdInRegistry", "SubmissionSet", "uniqueId"))


@pytest.mark.parametrize("content", [b"small", b"b" * LARGE])
def test_a_wrong_hash(shared_site: Site, content: bytes) -> None:
    submission = numbered(next(NUMBERS), content, hash="0" * 40)
    answer = post(shared_site.repository, *mtom(submission))
    sha1 = submission.documents[0].content.sha1
    failed(answer, ("XDSRepositoryMetadataError", "hash", f"is not the hash of the document, {sha1}"))


@pytest.mark.parametrize("content", [b"small", b"b" * LARGE])
def test_a_wrong_size(shared_site: Site, content: bytes) -> None:
    answer = post(shared_site.repository, *mtom(numbered(next(NUMBERS), content, size=17)))
    failed(answer, ("XDSRepositoryMetadataError", "size", f"is not the size of the document, {len(content)}"))


@pytest.mark.parametrize("size", [100, LARGE])
def test_a_document_without_metadata(shared_site: Site, size: int) -> None:
    submission = numbered(next(NUMBERS), b"x" * size)
    second = SubmittedDocument(document_id="Document02", content=BytesContent(b"y" * size))
    answer = post(shared_site.repository, *mtom(replace(submission, documents=(*submission.documents, second))))
    failed(answer, ("XDSMissingDocumentMetadata", "Document Document02", "has no DocumentEntry"))


def test_metadata_without_a_document(shared_site: Site) -> None:
    number = next(NUMBERS)
    answer = post(shared_site.repository, *mtom(replace(numbered(number, b"x"), documents=())))
    failed(answer, ("XDSMissingDocument", unique_id(number), "Document01"))


def test_one_of_two_documents_is_missing(shared_site: Site) -> None:
    submission = numbered(next(NUMBERS), b"x" * LARGE)
    second = make_document_entry(entry_uuid="Document02", unique_id=unique_id(next(NUMBERS)), hash=None, size=None)
    two = replace(
        submission,
        document_entries=(*submission.document_entries, second),
        associations=(*submission.associations, make_association(entry_uuid="A2", target_object="Document02")),
    )
    failed(post(shared_site.repository, *mtom(two)), ("XDSMissingDocument", second.unique_id or "", "Document02"))


@pytest.mark.parametrize("documents", [0, 1])
def test_an_on_demand_entry_is_not_for_this_transaction(shared_site: Site, documents: int) -> None:
    submission = numbered(next(NUMBERS), b"x" * LARGE, object_type=DocumentEntryType.ON_DEMAND)
    answer = post(shared_site.repository, *mtom(replace(submission, documents=submission.documents[:documents])))
    assert "Failure" == answer.status_word
    assert any("[META-027]" in context for _, _, context in answer.errors)
    assert "XDSRepositoryError" not in answer.codes


def test_an_entry_uuid_that_is_registered_already(shared_site: Site) -> None:
    (uuid,) = rows(shared_site.data, "SELECT entry_uuid FROM document_entry LIMIT 1")[0]
    submission = numbered(next(NUMBERS), b"x" * LARGE, entry_uuid=uuid)
    again = replace(
        submission,
        associations=(make_association(target_object=str(uuid)),),
        documents=tuple(replace(document, document_id=str(uuid)) for document in submission.documents),
    )
    failed(post(shared_site.repository, *mtom(again)), ("XDSRegistryMetadataError", "entryUUID", str(uuid)))


@pytest.mark.parametrize("path", ["/xds/registry", "/xds/repository", "/xds/recipient"])
def test_a_get_that_asks_for_nothing(shared_site: Site, path: str) -> None:
    for query in ("", "?wsd", "?xsd=1"):
        answer = request("GET", shared_site.url + path + query)
        assert (405, True) == (answer.status, b"?wsdl" in answer.content)
        assert "<html" not in answer.content.decode().lower()


@pytest.mark.parametrize("path", ["/", "/xds", "/xds/imaging", "/xds/registry/", "/nothing?wsdl", "/metrics/"])
def test_an_unknown_path(shared_site: Site, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        answer = request(method, shared_site.url + path, b"" if method == "POST" else None)
        assert 404 == answer.status
        assert answer.content_type.startswith("text/plain")


def test_another_method_on_an_endpoint(shared_site: Site) -> None:
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert 405 == request(method, shared_site.registry).status


@pytest.mark.parametrize("actor", ["registry", "repository", "recipient"])
@pytest.mark.parametrize("query", ["wsdl", "WSDL"])
def test_the_service_description_leads_back_to_its_endpoint(shared_site: Site, actor: str, query: str) -> None:
    url = f"{shared_site.url}/xds/{actor}"
    session = requests.Session()
    with closing(session):
        untyped = cast("Any", zeep)
        client = untyped.Client(f"{url}?{query}", transport=untyped.Transport(session=session))
        ports = [port for service in client.wsdl.services.values() for port in service.ports.values()]
        addresses = {port.binding_options["address"] for port in ports}
        operations = {name for port in ports for name in port.binding.all()}
    assert {url} == addresses
    wanted = {t.operation for t in OFFERED if t.actor.lower() == f"document{actor}"}
    assert wanted <= operations


def test_a_request_larger_than_the_server_accepts(tmp_path: Path) -> None:
    settings = Settings(server=ServerSettings(max_request_bytes=300_000))
    with running(tmp_path / "data", settings) as site:
        assert "Success" == ordinary(site, 1, b"x" * LARGE).status_word
        before = settled_footprint(site.data, footprint(site.data))
        content_type, body = mtom(numbered(2, b"x" * 600_000))
        for chunked in (False, True):
            answer = _send_slowly(site, content_type, body, chunked=chunked)
            refused(answer, 400, "Sender", "server.max_request_bytes = 300000")
            assert before == settled_footprint(site.data, before)
        assert "Success" == ordinary(site, 3).status_word


def _send_slowly(site: Site, content_type: str, body: bytes, *, chunked: bool) -> HttpAnswer:
    """Post in pieces, and read the answer although not all may have been taken."""
    pieces = [body[start : start + 50_000] for start in range(0, len(body), 50_000)]
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(site.url).port, timeout=60)) as connection:
        connection.putrequest("POST", "/xds/repository")
        for name, value in ({"Content-Type": content_type} | length).items():
            connection.putheader(name, value)
        connection.endheaders()
        with suppress(ConnectionError):
            for piece in pieces:
                connection.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                time.sleep(0.01)
        response = connection.getresponse()
        return HttpAnswer(response.status, {"content-type": response.headers["content-type"]}, response.read())


@pytest.mark.parametrize("size", [1_000, LARGE, 2_000_000])
def test_a_client_that_goes_away_half_way(shared_site: Site, size: int) -> None:
    content_type, body = mtom(numbered(next(NUMBERS), b"x" * size))
    for left in (len(body), len(body) // 2, 1):
        with socket.create_connection(("127.0.0.1", urlsplit(shared_site.url).port or 0)) as connection:
            connection.sendall(http_request("/xds/repository", content_type, body)[: len(body) - left])
            time.sleep(0.02)


def test_a_client_that_does_not_wait_for_its_answer(shared_site: Site) -> None:
    content_type, body = mtom(numbered(next(NUMBERS), b"x" * LARGE, patient_id=LOCAL_PATIENT))
    with socket.create_connection(("127.0.0.1", urlsplit(shared_site.url).port or 0)) as connection:
        connection.sendall(http_request("/xds/repository", content_type, body))
