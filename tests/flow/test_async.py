"""Answers to another address: the connection hears 202, the answer arrives as a message of its own."""

from __future__ import annotations

import itertools
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import PATIENT
from tests.flow.running import EMPTY, HttpAnswer, Site, footprint, post, running, settled_footprint
from tests.flow.submissions import numbered, unique_id
from tests.listening import listening
from xds_adapter.config import RegistrySettings, Settings
from xds_adapter.model import DocumentRequest, ParameterSlot, StoredQuery
from xds_adapter.server import replies as replies_module
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, MtomMessage, write_envelope
from xds_adapter.transactions import Body, iti18, iti41, iti42, iti43
from xds_adapter.vocabulary.namespaces import WSA, WSA_NONE
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18, ITI_41, ITI_42, ITI_43, Transaction

NUMBERS = itertools.count(1)
MESSAGE_ID = "urn:uuid:0f0e0d0c-0b0a-4908-8706-050403020100"
LARGE = 3_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(registry=RegistrySettings(async_reply_hosts=("127.0.0.1",)))
    with running(tmp_path_factory.mktemp("async") / "data", settings) as started:
        yield started


def ask(
    url: str,
    body: Body,
    transaction: Transaction,
    reply_to: str | None,
    *,
    mtom: bool = False,
    fault_to: str | None = None,
    message_id: str | None = MESSAGE_ID,
) -> HttpAnswer:
    """Post a request whose answer is wanted elsewhere; what its own connection hears."""
    header = f'<wsa:FaultTo xmlns:wsa="{WSA}"><wsa:Address>{fault_to}</wsa:Address></wsa:FaultTo>' if fault_to else ""
    action = transaction.request_action
    envelope = write_envelope(
        body.xml, action=action, message_id=message_id, to=url, reply_to=reply_to, header_xml=header.encode()
    )
    if not mtom:
        return post(url, SIMPLE_CONTENT_TYPE, envelope)
    message = MtomMessage(envelope, [(a.cid, a.mime_type, a.content) for a in body.attachments], action)
    return post(url, message.content_type, b"".join(message.chunks()))


def answered(heard: HttpAnswer, answer: HttpAnswer, transaction: Transaction, url: str) -> HttpAnswer:
    """The request's connection heard 202, and the message that arrived is its answer."""
    assert (202, b"") == (heard.status, heard.content)
    envelope = answer.envelope
    assert (transaction.response_action, MESSAGE_ID, url) == (envelope.action, envelope.relates_to, envelope.to)
    assert envelope.message_id not in (None, MESSAGE_ID)
    return answer


def registration(number: int) -> Body:
    return iti42.encode_request(numbered(number, b"", hash="a" * 40, size=3))


def find(number: int) -> Body:
    slots = {"$XDSDocumentEntryUniqueId": (ParameterSlot((unique_id(number),), listed=True),)}
    return iti18.encode_request(StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters=slots))


def retrieval(site: Site, number: int) -> Body:
    repository = site.installation.repository_unique_id
    wanted = DocumentRequest(repository_unique_id=repository, document_unique_id=unique_id(number))
    return iti43.encode_request([wanted])


def test_a_registration_and_a_query(site: Site) -> None:
    number = next(NUMBERS)
    with listening() as partner:
        heard = ask(site.registry, registration(number), ITI_42, partner.url)
        answer = answered(heard, partner.next(), ITI_42, partner.url)
        assert ("Success", False) == (answer.status_word, answer.message.is_mtom)
        heard = ask(site.registry, find(number), ITI_18, partner.url)
        answer = answered(heard, partner.next(), ITI_18, partner.url)
        result = iti18.decode_response(answer.envelope.body)
        assert [unique_id(number)] == [entry.unique_id for entry in result.document_entries]


@pytest.mark.parametrize("size", [100, LARGE])
@pytest.mark.parametrize("mtom", [True, False], ids=["mtom", "plain"])
def test_a_document_goes_there_and_back(site: Site, size: int, mtom: bool) -> None:
    number, content = next(NUMBERS), os.urandom(size)
    with listening() as partner:
        heard = ask(site.repository, iti41.encode_request(numbered(number, content)), ITI_41, partner.url, mtom=True)
        answer = answered(heard, partner.next(), ITI_41, partner.url)
        assert ("Success", True) == (answer.status_word, answer.message.is_mtom)
        heard = ask(site.repository, retrieval(site, number), ITI_43, partner.url, mtom=mtom)
        answer = answered(heard, partner.next(), ITI_43, partner.url)
        assert answer.message.is_mtom
        outcome, documents = iti43.decode_response(answer.envelope.body, answer.message.resolve)
        assert (True, content) == (outcome.is_success, b"".join(documents[0].content.chunks()))
    expected = footprint(site.data)._replace(spool=())
    assert expected == settled_footprint(site.data, expected)


def test_what_the_receiver_wants_to_be_told_comes_back_to_it(site: Site) -> None:
    parameters = '<wsa:ReferenceParameters><x:Case xmlns:x="urn:x">7 &amp; 8</x:Case></wsa:ReferenceParameters>'
    with listening() as partner:
        content = write_envelope(
            find(1).xml, action=ITI_18.request_action, message_id=MESSAGE_ID, to=site.registry, reply_to=partner.url
        ).replace(b"</wsa:Address>", b"</wsa:Address>" + parameters.encode())
        assert 202 == post(site.registry, SIMPLE_CONTENT_TYPE, content).status
        header = partner.next().envelope.header
        assert header is not None
        case = header.find("{urn:x}Case")
        assert case is not None
        assert ("7 & 8", "true") == (case.text, case.get(f"{{{WSA}}}IsReferenceParameter"))


def test_a_refusal_is_an_answer_too(site: Site) -> None:
    submission = numbered(next(NUMBERS), b"x", hash="b" * 40)
    with listening() as partner:
        heard = ask(site.repository, iti41.encode_request(submission), ITI_41, partner.url, mtom=True)
        answer = answered(heard, partner.next(), ITI_41, partner.url)
        assert ("Failure", ["XDSRepositoryMetadataError"]) == (answer.status_word, answer.codes)


@pytest.mark.parametrize("mtom", [True, False], ids=["mtom", "plain"])
def test_a_fault_goes_where_faults_are_wanted(site: Site, mtom: bool) -> None:
    with listening() as partner, listening() as complaints:
        heard = ask(site.registry, find(1), ITI_43, partner.url, mtom=mtom, fault_to=complaints.url)
        answer = complaints.next()
        assert (202, mtom) == (heard.status, answer.message.is_mtom)
        assert answer.fault is not None
        assert ("ActionNotSupported", MESSAGE_ID) == (answer.fault[0], answer.envelope.relates_to)
        assert complaints.url == answer.envelope.to
        assert 0 == partner.times


def test_a_fault_goes_with_the_answers_when_nothing_else_is_said(site: Site) -> None:
    with listening() as partner:
        assert 202 == ask(site.registry, find(1), ITI_43, partner.url).status
        fault = partner.next().fault
        assert fault is not None
        assert "ActionNotSupported" == fault[0]


def test_an_answer_stays_on_the_connection_when_only_faults_go_elsewhere(site: Site) -> None:
    with listening() as complaints:
        heard = ask(site.registry, find(1), ITI_18, None, fault_to=complaints.url)
        assert ("Success", 200) == (heard.status_word, heard.status)
        assert 202 == ask(site.registry, find(1), ITI_43, None, fault_to=complaints.url).status
        assert complaints.next().fault is not None


def test_a_fault_that_nobody_wants_is_heard_on_the_connection(site: Site) -> None:
    heard = ask(site.registry, find(1), ITI_43, None, fault_to=WSA_NONE)
    assert (400, True) == (heard.status, heard.fault is not None)


@pytest.mark.parametrize("way", ["ReplyTo", "FaultTo"])
def test_another_host_gets_nothing_and_nothing_is_done(site: Site, way: str) -> None:
    before, number = footprint(site.data), next(NUMBERS)
    with listening() as partner:
        elsewhere = partner.url.replace("127.0.0.1", "localhost")
        reply_to, fault_to = (elsewhere, None) if way == "ReplyTo" else (None, elsewhere)
        heard = ask(site.registry, registration(number), ITI_42, reply_to, fault_to=fault_to)
        assert heard.fault is not None
        assert (400, "OnlyAnonymousAddressSupported") == (heard.status, heard.fault[0])
        assert f"wsa:{way}" in heard.fault[1]
        assert "registry.async_reply_hosts" in heard.fault[1]
        assert (before, 0) == (footprint(site.data), partner.times)


def test_without_a_message_id_nobody_could_tell_what_is_answered(site: Site) -> None:
    with listening() as partner:
        heard = ask(site.registry, find(1), ITI_18, partner.url, message_id=None)
        assert heard.fault is not None
        assert (400, "MessageAddressingHeaderRequired") == (heard.status, heard.fault[0])


def test_an_answer_arrives_when_its_receiver_is_up_again(site: Site) -> None:
    number = next(NUMBERS)
    with listening() as gone:
        pass
    assert 202 == ask(site.registry, registration(number), ITI_42, gone.url).status
    with listening(port=gone.port) as partner:
        assert "Success" == partner.next().status_word


def test_a_full_queue_refuses_before_anything_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies_module, "_WAITING_OF_ONE_HOST", 2)
    settings = Settings(registry=RegistrySettings(async_reply_hosts=("127.0.0.1",)))
    with listening(lambda _number: None) as partner, running(tmp_path / "data", settings) as site:
        for _ in range(2):
            assert 202 == ask(site.registry, find(1), ITI_18, partner.url).status
        heard = ask(site.registry, registration(1), ITI_42, partner.url)
        assert (200, "Failure", ["XDSRegistryBusy"]) == (heard.status, heard.status_word, heard.codes)
        submission = iti41.encode_request(numbered(1, b"x"))
        heard = ask(site.repository, submission, ITI_41, partner.url, mtom=True)
        assert ("Failure", ["XDSRepositoryBusy"]) == (heard.status_word, heard.codes)
        assert EMPTY == settled_footprint(site.data, EMPTY)
        assert "Success" == ask(site.repository, submission, ITI_41, None, mtom=True).status_word


def test_a_large_answer_that_cannot_be_kept_is_a_fault_on_the_connection(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    number = next(NUMBERS)
    content = iti41.encode_request(numbered(number, os.urandom(LARGE)))
    assert "Success" == ask(site.repository, content, ITI_41, None, mtom=True).status_word
    spool = site.data / "spool"
    moved = spool.rename(site.data / "moved")
    try:
        with listening() as partner, caplog.at_level(logging.WARNING, "xds_adapter.server"):
            heard = ask(site.repository, retrieval(site, number), ITI_43, partner.url)
            assert heard.fault is not None
            assert (500, 0) == (heard.status, partner.times)
            assert "try again later" in heard.fault[1]
    finally:
        moved.rename(spool)


def test_a_server_that_stops_names_the_answers_that_it_could_not_deliver(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[registry]\nasync_reply_hosts = ["127.0.0.1"]\nunknown_patients = "accept"\n')
    command = [str(Path(sys.executable).parent / "xds-adapter"), "serve", "--port", "0", "--config", "site.toml"]
    with listening(lambda _number: None) as partner:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with server:
            assert server.stdout is not None
            assert server.stderr is not None
            url = server.stdout.readline().split()[1]
            heard = ask(f"{url}/xds/registry", registration(1), ITI_42, partner.url)
            assert 202 == heard.status
            partner.next()
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            log = server.stderr.read()
            assert 0 == server.wait(15)
            assert time.monotonic() - began < 10
    lines = [line for line in log.splitlines() if "answer undelivered" in line]
    assert 1 == len(lines)
    assert MESSAGE_ID in lines[0]
    assert PATIENT.key not in log
    # What was answered is durable, although the answer has not arrived.
    with running(tmp_path / "xds-data") as site:
        again = iti18.decode_response(ask(site.registry, find(1), ITI_18, None).envelope.body)
        assert [unique_id(1)] == [entry.unique_id for entry in again.document_entries]
