"""What finds no place is refused with the code of its transaction before anything is done, and others go on."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load import post as whole_post
from tests.factories import PATIENT
from tests.flow.running import EMPTY, Site, footprint, post, running, settled_footprint
from tests.flow.submissions import Message, inline, mtom, numbered, plain, unique_id
from tests.flow.test_identity_feed import acknowledged, adt
from xds_adapter.config import MllpSettings, ServerSettings, Settings
from xds_adapter.gateway import MllpClient
from xds_adapter.model import DocumentRequest, ParameterSlot, StoredQuery
from xds_adapter.transactions import iti18, iti43, iti62
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18, ITI_43, ITI_62

LARGE = b"x" * 400_000
NARROW = Settings(
    server=ServerSettings(threads=1, max_waiting=1, max_uploads=1), mllp=MllpSettings(port=0, max_waiting=1)
)
NOTHING_DONE = "nothing was stored, try again later"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "data", NARROW) as site:
        yield site


def query(_site: Site) -> Message:
    parameters = {
        "$XDSDocumentEntryPatientId": ParameterSlot((PATIENT.text,)),
        "$XDSDocumentEntryStatus": ParameterSlot((AvailabilityStatus.APPROVED,), listed=True),
    }
    stored_query = StoredQuery(
        query_id=FIND_DOCUMENTS.query_id, parameters={name: (slot,) for name, slot in parameters.items()}
    )
    return plain(iti18.encode_request(stored_query), ITI_18)


def retrieve(site: Site) -> Message:
    wanted = DocumentRequest(
        repository_unique_id=site.installation.repository_unique_id, document_unique_id=unique_id(1)
    )
    return plain(iti43.encode_request([wanted]), ITI_43)


def remove(_site: Site) -> Message:
    return plain(iti62.encode_request(["urn:uuid:11111111-1111-4111-8111-111111111111"]), ITI_62)


@contextmanager
def held(site: Site, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Let a method of the database wait until the block ends; the semaphore counts those who have come there."""
    go, come = threading.Event(), threading.Semaphore(0)
    genuine: Callable[..., Any] = getattr(site.installation.database, name)

    def wait(*arguments: Any, **options: Any) -> Any:
        come.release()
        assert go.wait(20)
        return genuine(*arguments, **options)

    monkeypatch.setattr(site.installation.database, name, wait)
    try:
        yield come
    finally:
        go.set()
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("message", "method", "code", "word"),
    [
        (query, "reading", "XDSRegistryBusy", "queries"),
        (retrieve, "reading", "XDSRepositoryBusy", "retrieves"),
        (remove, "write", "XDSRegistryBusy", "changes"),
    ],
)
def test_each_kind_of_work_has_a_queue_that_ends(  # noqa: PLR0917 - fixtures, and the columns of the table
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    message: Callable[[Site], Message],
    method: str,
    code: str,
    word: str,
) -> None:
    url = site.repository if message is retrieve else site.registry
    with ThreadPoolExecutor(2) as pool:
        with held(site, method, monkeypatch) as come:
            waiting = [pool.submit(post, url, *message(site)) for _ in range(2)]
            assert come.acquire(timeout=10)
            time.sleep(0.2)
            refused = post(url, *message(site))
            assert [(code, f"too many {word} wait; {NOTHING_DONE}")] == [(e[0], e[2]) for e in refused.errors]
            assert not come.acquire(blocking=False), "the second has begun, or the third"
            if method == "reading":
                # A small submission does not wait for readers.
                assert "Success" == post(site.repository, *mtom(numbered(7, b"x"))).status_word
        assert [200, 200] == [future.result(10).status for future in waiting]
    assert code not in post(url, *message(site)).codes


def half_sent(site: Site, stack: ExitStack, message: Message) -> tuple[socket.socket, bytes]:
    """A connection on which most of a message has been sent, and the rest."""
    octets = whole_post("/xds/repository", *message)
    host, port = site.url.removeprefix("http://").split(":")
    connection = stack.enter_context(closing(socket.create_connection((host, int(port)), 10)))
    connection.sendall(octets[:-1000])
    time.sleep(0.2)
    return connection, octets[-1000:]


@pytest.mark.parametrize("make", [mtom, inline])
def test_large_messages_that_arrive_are_counted(site: Site, make: Callable[..., Message]) -> None:
    with ExitStack() as stack:
        connection, rest = half_sent(site, stack, mtom(numbered(1, LARGE)))
        refused = post(site.repository, *make(numbered(2, LARGE)))
        words = "too many large messages arrive at the same time"
        if make is mtom:
            assert [("XDSRepositoryBusy", f"{words}; {NOTHING_DONE}")] == [(e[0], e[2]) for e in refused.errors]
        else:
            # What plain SOAP asks for can be told only at its end.
            assert (500, ("Receiver", f"{words}; try again later")) == (refused.status, refused.fault)
        assert "Success" == post(site.repository, *mtom(numbered(3, b"small"))).status_word
        connection.sendall(rest)
        assert b"Success" in connection.recv(1 << 16)
    assert "Success" == post(site.repository, *make(numbered(2, LARGE))).status_word


def test_a_sender_that_goes_away_gives_its_place_back(site: Site) -> None:
    for number in range(3):
        with ExitStack() as stack:
            half_sent(site, stack, mtom(numbered(number, LARGE)))
        time.sleep(0.1)
    assert "Success" == post(site.repository, *mtom(numbered(9, LARGE))).status_word


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (ServerSettings(max_spool_bytes=1 << 20), r"the room for messages that arrive is taken \(server"),
        (ServerSettings(free_disk_bytes=1 << 60), r"the disk is nearly full \(server"),
    ],
)
def test_room_on_the_disk_is_bounded(tmp_path: Path, server: ServerSettings, words: str) -> None:
    """Refused early, by what the request announces, and nothing stays behind; what asks or removes goes on."""
    with running(tmp_path / "data", Settings(server=server)) as site:
        for _ in range(2):
            refused = post(site.repository, *mtom(numbered(1, b"x" * 3_000_000)))
            assert (200, ["XDSRepositoryBusy"]) == (refused.status, refused.codes)
            assert re.match(words, refused.errors[0][2])
        assert EMPTY == settled_footprint(site.data, EMPTY)
        small = post(site.repository, *mtom(numbered(2, b"x")))
        assert (["XDSRepositoryBusy"] if server.free_disk_bytes else []) == small.codes
        assert "Success" == post(site.registry, *query(site)).status_word
        assert "XDSRegistryBusy" not in post(site.registry, *remove(site)).codes


def test_a_message_of_unknown_length_is_stopped_where_the_room_ends(tmp_path: Path) -> None:
    content_type, body = mtom(numbered(1, b"x" * 3_000_000))
    head = f"POST /xds/repository HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    with running(tmp_path / "data", Settings(server=ServerSettings(max_spool_bytes=1 << 20))) as site:
        host, port = site.url.removeprefix("http://").split(":")
        with closing(socket.create_connection((host, int(port)), 10)) as connection:
            connection.sendall(head.encode() + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
            answer = b""
            while piece := connection.recv(1 << 16):
                answer += piece
        assert b"XDSRepositoryBusy" in answer
        assert b"connection: close" in answer
        assert footprint(site.data).spool == ()


def test_a_message_by_mllp_that_finds_no_place_is_answered_ar(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    server = site.installation.listen_mllp()
    assert server is not None
    with ExitStack() as stack, ThreadPoolExecutor(5) as pool:
        clients = [stack.enter_context(MllpClient(server.host, server.port)) for _ in range(6)]
        messages = [adt("A01", f"p{number}^^^&1.2.3&ISO", control=str(number)) for number in range(6)]
        with held(site, "write", monkeypatch) as come:
            # Four are in work, one waits.
            waiting = [pool.submit(acknowledged, *pair) for pair in zip(clients[:5], messages, strict=False)]
            assert all(come.acquire(timeout=10) for _ in range(4))
            time.sleep(0.2)
            answer = clients[5].send(messages[5]).decode()
        assert [("AA", [])] * 5 == [future.result(10) for future in waiting]
        assert "\rMSA|AR|5" in answer
        assert "too many messages wait; nothing was done, send it again later" in answer
        assert ("AA", []) == acknowledged(clients[5], messages[5])
