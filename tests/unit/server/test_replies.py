"""Answers to another address: to whom, how often, how long, and what the log says of those that stay."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.listening import Listener, listening
from xds_adapter.server.posting import Address
from xds_adapter.server.replies import Patience, Pending, Replies

SMALL = b"<answer/>"
LARGE = b"x" * 3_000_000


@contextmanager
def sending(hosts: tuple[str, ...] = ("127.0.0.1",), grace_s: float = 1.0, **arguments: object) -> Iterator[Replies]:
    replies = Replies(hosts, **arguments)  # type: ignore[arg-type]
    try:
        yield replies
    finally:
        replies.close(grace_s)


def send(replies: Replies, url: str, content: bytes = SMALL, message_id: str = "urn:uuid:1") -> Pending:
    address = replies.admitted(url)
    assert address is not None
    pending = replies.reserve(address)
    assert pending is not None
    pending.fill("application/soap+xml", iter((content[:100], content[100:])), message_id)
    pending.settle()
    return pending


def until(condition: Callable[[], bool]) -> bool:
    """Wait at most five seconds for something to become true."""
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def logged(caplog: pytest.LogCaptureFixture, words: str) -> list[str]:
    """MessageIDs of the log lines that hold `words`."""
    return sorted(record.message_id for record in caplog.records if words in record.getMessage())  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server that another test ran in this process keeps the package's log to itself.
    monkeypatch.setattr(logging.getLogger("xds_adapter"), "propagate", True)
    caplog.set_level(logging.INFO, "xds_adapter.server")


@pytest.mark.parametrize(
    ("hosts", "url", "admitted"),
    [
        (("ris.example",), "http://ris.example/a", True),
        (("RIS.example",), "https://Ris.Example:8443/a?b=c", True),
        (("ris.example:8443",), "https://ris.example:8443/", True),
        (("ris.example:443",), "https://ris.example/", True),
        (("ris.example:80",), "https://ris.example/", False),
        (("ris.example:8443",), "https://ris.example/", False),
        (("ris.example",), "http://ris.example.evil.example/", False),
        (("ris.example",), "http://ris.example@evil.example/", False),
        (("ris.example",), "http://me:secret@ris.example/", False),
        (("ris.example",), "ftp://ris.example/", False),
        (("ris.example",), "ris.example", False),
        (("ris.example",), "http://ris.example:99999/", False),
        (("ris.example",), "http://ris.example/\r\nHost: evil.example", False),
        (("ris.example",), "http://ris.example/é", False),
        (("ris.example",), "http://[ris.example/", False),
        (("[::1]",), "http://[::1]:8080/", True),
        (("[::1]:8080",), "http://[::1]:8080/", True),
        ((), "http://ris.example/", False),
    ],
)
def test_only_hosts_of_the_configuration_are_admitted(hosts: tuple[str, ...], url: str, admitted: bool) -> None:
    assert admitted is (Replies(hosts).admitted(url) is not None)


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["in memory", "in a file"])
def test_an_answer_arrives_as_it_was_written(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with listening() as partner, sending(folder=tmp_path) as replies:
        send(replies, partner.url, content)
        post = partner.next()
        assert (content, "application/soap+xml") == (post.content, post.content_type)
        assert ("/answers?for=tests", f"127.0.0.1:{partner.port}") == (post.headers["target"], post.headers["host"])
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "delivered to 127.0.0.1"))
        assert until(lambda: [] == list(tmp_path.iterdir()))


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_receiver_in_trouble_is_tried_again(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with listening(lambda number: status if number == 1 else 200) as partner, sending() as replies:
        send(replies, partner.url)
        assert [status, 200] == [partner.next().status, partner.next().status]
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "answer delivered"))


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 405])
def test_a_receiver_that_refuses_is_asked_once_and_redirects_lead_nowhere(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with listening(lambda _number: status) as partner, sending() as replies:
        send(replies, partner.url)
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, f"undelivered to 127.0.0.1: HTTP {status}"))
        assert 1 == partner.times


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with listening() as partner, sending() as replies:
        send(replies, partner.url)
        assert SMALL == partner.next().content


def test_a_receiver_that_is_down_gets_its_answer_when_it_is_up(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as gone:
        pass
    with sending() as replies:
        send(replies, gone.url)
        time.sleep(0.1)
        with listening(port=gone.port) as partner:
            assert SMALL == partner.next().content
            assert until(lambda: ["urn:uuid:1"] == logged(caplog, "answer delivered"))


def test_a_receiver_that_stays_down_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as gone:
        pass
    with sending(patience=Patience(limit_s=1.2)) as replies:
        send(replies, gone.url)
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "answer undelivered"))


def test_a_receiver_that_never_answers_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    patience = Patience(step_s=0.2, limit_s=1.0)
    with listening(lambda _number: None) as partner, sending(patience=patience) as replies:
        send(replies, partner.url)
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "undelivered to 127.0.0.1: no answer in time"))
        assert 1 < partner.times


def test_a_receiver_that_answers_drop_by_drop_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, sending(patience=Patience(limit_s=0.6)) as replies:
        stop = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not stop.wait(0.05):
                    try:
                        connection.send(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        send(replies, f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "answer undelivered"))
        stop.set()
        thread.join()


def test_a_receiver_that_speaks_something_else_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, sending(patience=Patience(limit_s=0.4)) as replies:
        send(replies, f"http://127.0.0.1:{server.getsockname()[1]}/")
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.send(b"220 mail.example ESMTP\r\n\r\n")
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "answer undelivered"))


def test_a_receiver_without_tls_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as partner, sending(patience=Patience(limit_s=0.4)) as replies:
        send(replies, partner.url.replace("http:", "https:"))
        assert until(lambda: ["urn:uuid:1"] == logged(caplog, "answer undelivered"))
        assert 0 == partner.times


def test_a_receiver_that_hangs_does_not_keep_answers_from_others() -> None:
    with ExitStack() as stack:
        hanging = stack.enter_context(listening(lambda _number: None))
        prompt = stack.enter_context(listening())
        replies = stack.enter_context(sending(("localhost", "127.0.0.1"), grace_s=0.1))
        for _ in range(20):
            send(replies, hanging.url.replace("127.0.0.1", "localhost"))
        hanging.next()
        send(replies, prompt.url)
        assert SMALL == prompt.next().content


def test_a_full_queue_takes_no_more_until_an_answer_has_gone() -> None:
    address = Address.read("http://127.0.0.1:9/")
    assert address is not None
    with sending(waiting=2) as replies:
        first, second = replies.reserve(address), replies.reserve(address)
        assert first is not None
        assert second is not None
        assert replies.reserve(address) is None
        first.settle()
        first.settle()
        assert replies.reserve(address) is not None
        assert replies.reserve(address) is None


def test_one_receiver_cannot_take_all_places() -> None:
    one, other = Address.read("http://one.example/"), Address.read("http://other.example/")
    assert one is not None
    assert other is not None
    with sending() as replies:
        while replies.reserve(one) is not None:
            pass
        assert replies.reserve(other) is not None


def _undelivered_at_close(partner: Listener, caplog: pytest.LogCaptureFixture, *, expected: list[str]) -> None:
    replies = Replies(("127.0.0.1",))
    for number in range(4):
        send(replies, partner.url, message_id=f"urn:uuid:{number}")
    partner.next()
    began = time.monotonic()
    replies.close(grace_s=0.3)
    assert time.monotonic() - began < 1
    assert expected == logged(caplog, "undelivered to 127.0.0.1: the server stops")


def test_closing_logs_what_is_undelivered_by_message_id(caplog: pytest.LogCaptureFixture) -> None:
    with listening(lambda _number: None) as partner:
        _undelivered_at_close(partner, caplog, expected=[f"urn:uuid:{number}" for number in range(4)])


def test_closing_sends_what_can_be_sent(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as partner:
        _undelivered_at_close(partner, caplog, expected=[])
        assert 4 == partner.times


def test_closing_tries_once_more_what_waits_for_its_next_attempt(caplog: pytest.LogCaptureFixture) -> None:
    with listening(lambda number: 503 if number <= 1 else 200) as partner:
        replies = Replies(("127.0.0.1",))
        send(replies, partner.url)
        assert 503 == partner.next().status
        assert until(lambda: bool(replies._queue))
        replies.close()
        assert 200 == partner.next().status
        assert ["urn:uuid:1"] == logged(caplog, "answer delivered")


def test_after_closing_nothing_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    address = Address.read("http://127.0.0.1:9/")
    assert address is not None
    replies = Replies(("127.0.0.1",))
    pending = replies.reserve(address)
    assert pending is not None
    pending.fill("text/xml", (SMALL,), "urn:uuid:7")
    replies.close()
    pending.settle()
    assert ["urn:uuid:7"] == logged(caplog, "the server stops")
    assert replies.reserve(address) is None
