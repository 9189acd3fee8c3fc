"""Peers that are slow, or send too much of a head, are cut off; those who only take their time are not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from benchmarks.load import post as whole_post
from tests.flow.running import Site, post, running
from tests.flow.submissions import mtom, numbered, plain, unique_id
from xds_adapter.config import ServerSettings, Settings
from xds_adapter.model import DocumentRequest
from xds_adapter.transactions import iti43
from xds_adapter.vocabulary.transactions import ITI_43

GRACE_S = 0.4
IMPATIENT = Settings(
    server=ServerSettings(
        head_limit_s=GRACE_S,
        body_grace_s=GRACE_S,
        answer_grace_s=GRACE_S,
        idle_s=1.2,
        min_bytes_per_s=2000,
        max_connections=12,
        max_connections_per_address=8,
        max_header_bytes=4096,
        max_headers=20,
    )
)
HEAD = b"POST /xds/repository HTTP/1.1\r\nHost: a\r\n"
BODY_TO_COME = HEAD + b"Content-Type: application/soap+xml\r\nContent-Length: 90000\r\n\r\n"
GET = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site") / "data", IMPATIENT) as site:
        yield site


@contextmanager
def connected(site: Site) -> Iterator[socket.socket]:
    host, port = site.url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), 10)) as connection:
        yield connection


def rest(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    received = b""
    try:
        while piece := connection.recv(1 << 20):
            received += piece
    except ConnectionResetError:
        pass
    return received


def trickle(connection: socket.socket, octets: bytes = b"x", pause_s: float = 0.05, limit_s: float = 5) -> bytes:
    """Send without hurry until the server answers or closes; returns what it says."""
    until = time.monotonic() + limit_s
    connection.settimeout(pause_s)
    while time.monotonic() < until:
        try:
            connection.sendall(octets)
            if not (first := connection.recv(1 << 20)):
                return b""
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
        connection.settimeout(10)
        return first + rest(connection)
    raise AssertionError("the server was patient")


def status(answer: bytes) -> int:
    return int(answer.split()[1])


def test_a_head_that_trickles_in_gets_408(site: Site) -> None:
    with connected(site) as connection:
        connection.sendall(HEAD + b"X-Slow: ")
        began = time.monotonic()
        answer = trickle(connection)
    assert (408, True) == (status(answer), GRACE_S * 0.7 < time.monotonic() - began < 5 * GRACE_S)
    assert b"connection: close" in answer


def test_a_connection_without_a_request_is_closed_in_silence(site: Site) -> None:
    with connected(site) as connection:
        began = time.monotonic()
        assert (b"", True) == (rest(connection), time.monotonic() - began < 5 * GRACE_S)


def test_a_body_that_trickles_in_gets_408(site: Site) -> None:
    with connected(site) as connection:
        connection.sendall(BODY_TO_COME)
        assert 408 == status(trickle(connection))


def test_a_body_that_stops_after_a_quick_beginning_gets_408(site: Site) -> None:
    """Haste at the beginning buys no patience later."""
    with connected(site) as connection:
        connection.sendall(BODY_TO_COME + b"x" * 80_000)
        assert 408 == status(rest(connection))


def test_a_body_that_comes_at_the_lowest_rate_is_taken(site: Site) -> None:
    """It takes several times the grace, and arrives."""
    content_type, body = mtom(numbered(1, b"x" * 1000))
    octets = whole_post("/xds/repository", content_type, body)
    pieces = [octets[begin : begin + 500] for begin in range(0, len(octets), 500)]
    with connected(site) as connection:
        began = time.monotonic()
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.1)
        answer = connection.recv(1 << 20)
    assert time.monotonic() - began > 2 * GRACE_S
    assert (200, True) == (status(answer), b"Success" in answer)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (HEAD + b"X-Long: " + b"y" * 5000 + b"\r\n\r\n", 431),
        (HEAD + b"X-Endless: " + b"y" * 9000, 431),
        (HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(25)) + b"\r\n", 431),
        (b"GET /" + b"y" * 3000 + b" HTTP/1.1\r\nHost: a\r\nX: " + b"z" * 2000 + b"\r\n\r\n", 414),
        (b"GET /" + b"y" * 9000, 414),
        (b"NO HTTP\r\n\r\n", 400),
        (GET * 20, 429),
    ],
    ids=["header", "unfinished header", "headers", "address", "unfinished address", "no HTTP", "pipeline"],
)
def test_a_head_beyond_its_bounds_is_refused(site: Site, octets: bytes, expected: int) -> None:
    with connected(site) as connection:
        connection.sendall(octets)
        answer = rest(connection)
    # With answers under way, nothing can be said any more.
    assert b"" == answer if expected == 429 else expected == status(answer)


def test_a_trailer_is_bounded_like_a_head(site: Site) -> None:
    with connected(site) as connection:
        connection.sendall(BODY_TO_COME.replace(b"Content-Length: 90000", b"Transfer-Encoding: chunked"))
        connection.sendall(b"1\r\nx\r\n0\r\nX-Trailer: ")
        time.sleep(0.05)
        connection.sendall(b"y" * 9000)
        assert 431 == status(rest(connection))


def test_a_head_within_its_bounds_is_read_in_pieces(site: Site) -> None:
    octets = b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Long: " + b"y" * 3900 + b"\r\n\r\n"
    with connected(site) as connection:
        for begin in range(0, len(octets), 1000):
            connection.sendall(octets[begin : begin + 1000])
            time.sleep(0.01)
        assert 200 == status(connection.recv(1 << 20))


def test_an_idle_connection_is_closed_and_one_that_is_used_is_not(site: Site) -> None:
    with connected(site) as connection:
        for _ in range(4):
            connection.sendall(GET)
            assert 200 == status(connection.recv(1 << 20))
            time.sleep(0.5)
        began = time.monotonic()
        assert b"" == rest(connection)
        assert time.monotonic() - began < 3


def retrieve(site: Site, number: int) -> bytes:
    wanted = DocumentRequest(
        repository_unique_id=site.installation.repository_unique_id, document_unique_id=unique_id(number)
    )
    return whole_post("/xds/repository", *plain(iti43.encode_request([wanted]), ITI_43))


def test_a_reader_that_does_not_take_its_answer_is_cut_and_one_that_is_slow_is_not(tmp_path: Path, site: Site) -> None:
    size = 40_000_000
    assert 200 == post(site.repository, *mtom(numbered(2, b"x" * size))).status
    with connected(site) as connection, connected(site) as patient:
        connection.sendall(retrieve(site, 2))
        patient.sendall(retrieve(site, 2))
        taken = 0
        began = time.monotonic()
        while taken < size:
            piece = patient.recv(4 << 20)
            assert piece, f"cut after {taken} bytes"
            taken += len(piece)
            time.sleep(0.05)
        slow_s = time.monotonic() - began
        left = len(rest(connection))
    assert taken > size > left
    assert slow_s > GRACE_S
    assert [] == list((site.data / "spool").rglob("*.part"))


def test_connections_beyond_the_bounds_get_503(site: Site) -> None:
    with ExitStack() as stack:
        taken = [stack.enter_context(connected(site)) for _ in range(8)]
        surplus = stack.enter_context(connected(site))
        refused = rest(surplus)
        assert 503 == status(refused)
        assert b"from this address" in refused
        taken[0].close()
    with connected(site) as connection:
        connection.sendall(GET)
        assert 200 == status(connection.recv(1 << 20))


def test_the_bound_on_all_connections(tmp_path: Path) -> None:
    with running(tmp_path / "data", Settings(server=ServerSettings(max_connections=2))) as site, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(connected(site))
        assert b"too many connections are open" in rest(stack.enter_context(connected(site)))
