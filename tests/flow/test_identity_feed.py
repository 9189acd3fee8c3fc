"""The identity feed over MLLP: patients become known and are merged, and bad input ends with an answer or a close."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.serving import start, stop
from tests.flow.running import Site, post, running
from tests.flow.submissions import mtom, numbered
from tests.shared import shared_path
from xds_adapter.client import DocumentConsumer
from xds_adapter.config import MllpSettings, RegistrySettings, Settings
from xds_adapter.datatypes import CX, HD
from xds_adapter.errors import ConfigError, ConnectionLost, Timeout
from xds_adapter.gateway import MllpClient, MllpServer

OURS = "1.2.3.4.5.1000"
OLD, NEW = CX.of("old", OURS), CX.of("new", OURS)
MPI = "2.16.840.1.113883.3.37.4.1.1.2.1.1"


def adt(trigger: str, patient: str, *, control: str, subsumed: str | None = None) -> bytes:
    segments = [
        f"MSH|^~\\&|ADT|HOSPITAL|XDS|REGION|20260101||ADT^{trigger}|{control}|P|2.5",
        f"EVN|{trigger}|20260101",
        f"PID|1||{patient}||DUPONT^MARIE",
        "PV1|1|O",
    ]
    if subsumed is not None:
        segments.insert(3, f"MRG|{subsumed}")
    return "\r".join(segments).encode() + b"\r"


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[tuple[Site, MllpServer]]:
    settings = Settings(
        registry=RegistrySettings(assigning_authority=HD(f"HOSPITAL&{OURS}&ISO")), mllp=MllpSettings(port=0)
    )
    with running(tmp_path / "data", settings, patients=()) as site:
        server = site.installation.listen_mllp()
        assert server is not None
        yield site, server


def acknowledged(client: MllpClient, message: bytes) -> tuple[str, list[str]]:
    """MSA-1, and location and condition of each ERR."""
    answer = client.send(message).decode()
    code = re.search(r"\rMSA\|(\w\w)\|", answer)
    assert code is not None
    return code[1], re.findall(r"ERR\|\|([^|]*\|\d+)", answer)


def submit(site: Site, number: int, patient: CX) -> set[str]:
    content_type, body = mtom(numbered(number, b"x", patient_id=patient))
    return set(post(site.repository, content_type, body).codes)


def found(site: Site, patient: CX) -> list[tuple[str, str]]:
    with DocumentConsumer(site.registry) as consumer:
        entries = consumer.find_documents(patient)
    return [(entry.unique_id or "", entry.patient_id.text if entry.patient_id else "") for entry in entries]


def test_a_patient_is_announced_and_merged(feed: tuple[Site, MllpServer]) -> None:
    site, server = feed
    assert {"XDSUnknownPatientId"} == submit(site, 1, OLD)
    with MllpClient(server.host, server.port) as client:
        # By OID, by the configured namespace alone, and without any authority.
        assert ("AA", []) == acknowledged(client, adt("A01", OLD.text, control="1"))
        assert ("AA", []) == acknowledged(client, adt("A04", "new^^^HOSPITAL", control="2"))
        assert ("AA", []) == acknowledged(client, adt("A05", "third", control="3"))
        assert set() == submit(site, 2, OLD) | submit(site, 3, NEW) | submit(site, 4, CX.of("third", OURS))
        assert ("AA", []) == acknowledged(client, adt("A40", "new", control="4", subsumed="old"))
        assert ("AE", ["MRG^1^1|204"]) == acknowledged(client, adt("A40", "new", control="5", subsumed="old"))
        assert ("AE", ["MRG^1^1|102"]) == acknowledged(client, adt("A40", "new", control="6", subsumed="new"))
        assert ("AE", ["PID^1^3|204"]) == acknowledged(client, adt("A01", "old", control="7"))
    assert {"XDSUnknownPatientId"} == submit(site, 5, OLD)
    assert [] == found(site, OLD)
    assert [NEW.text] * 2 == [patient for _, patient in found(site, NEW)]


def test_a_repeat_gets_the_first_answer_and_has_no_second_effect(feed: tuple[Site, MllpServer]) -> None:
    _, server = feed
    with MllpClient(server.host, server.port) as client:
        for control, patient in (("1", "old"), ("2", "new")):
            acknowledged(client, adt("A01", patient, control=control))
        merge = adt("A40", "new", control="3", subsumed="old")
        assert client.send(merge) == client.send(merge)
        assert ("AA", []) == acknowledged(client, merge)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a01-translated", ("AA", [])),
        ("a04-translated", ("AA", [])),
        ("a08-translated", ("AA", [])),
        ("a40-translated", ("AE", ["MRG^1^1|204", "PID^1^3|204"])),
        ("iti8-a01-incomplete", ("AE", ["PID^1|100"])),
        ("iti8-a40-adt-a39", ("AE", ["MRG^1^1|204"])),
        ("iti8-hl7v2message", ("AA", [])),
        ("reg-max-a01", ("AA", [])),
        ("rev-max-a08", ("AA", [])),
    ],
)
def test_an_official_message(tmp_path: Path, name: str, expected: tuple[str, list[str]]) -> None:
    octets = shared_path("data", "pix", "v2", f"{name}.hl7").read_bytes()
    settings = Settings(registry=RegistrySettings(assigning_authority=HD(f"MPI&{MPI}&ISO")), mllp=MllpSettings(port=0))
    with running(tmp_path / "data", settings, patients=()) as site:
        server = site.installation.listen_mllp()
        assert server is not None
        with MllpClient(server.host, server.port) as client:
            assert expected == acknowledged(client, octets)


@pytest.mark.parametrize("octets", [b"\x0bno message\x1c\r", b"MSH|^~\\&|A\x1c\r", b"\x0b" + b"A" * 2_000_000])
def test_what_is_no_framed_message_closes_the_connection(feed: tuple[Site, MllpServer], octets: bytes) -> None:
    _, server = feed
    with closing(socket.create_connection((server.host, server.port), 10)) as connection:
        try:
            connection.sendall(octets)
            assert b"" == connection.recv(100)
        except ConnectionError:
            pass  # The server has closed while we were still sending.
    with MllpClient(server.host, server.port) as client:
        assert ("AA", []) == acknowledged(client, adt("A01", "old", control="1"))


def test_a_frame_may_come_octet_by_octet_and_several_on_one_connection(feed: tuple[Site, MllpServer]) -> None:
    _, server = feed
    frame = b"\x0b" + adt("A01", "old", control="1") + b"\x1c\r"
    with closing(socket.create_connection((server.host, server.port), 10)) as connection:
        for octet in frame:
            connection.sendall(bytes((octet,)))
        connection.sendall(frame + frame)
        answers = b""
        while answers.count(b"\x1c\r") < 3:
            answers += connection.recv(4096)
    assert 3 == answers.count(b"MSA|AA|1")


def test_idle_and_surplus_connections_are_closed() -> None:
    server = MllpServer(bytes.upper, "127.0.0.1", 0, max_connections=1, idle_s=0.3)
    try:
        with closing(socket.create_connection((server.host, server.port), 10)) as first:
            with MllpClient(server.host, server.port) as second, pytest.raises(ConnectionLost):
                second.send(b"a")
            assert b"" == first.recv(1)
        with MllpClient(server.host, server.port) as third:
            assert b"A" == third.send(b"a")
    finally:
        server.close()


def test_a_message_that_is_being_answered_is_finished_at_the_end() -> None:
    entered, go = threading.Event(), threading.Event()

    def slow(message: bytes) -> bytes:
        entered.set()
        assert go.wait(10)
        return message

    server = MllpServer(slow, "127.0.0.1", 0)
    answers: list[bytes] = []
    with MllpClient(server.host, server.port) as client:
        asking = threading.Thread(target=lambda: answers.append(client.send(b"last")))
        asking.start()
        assert entered.wait(10)
        threading.Timer(0.2, go.set).start()
        server.close()
        asking.join()
    assert [b"last"] == answers
    with pytest.raises(ConnectionLost):
        MllpClient(server.host, server.port)


def test_a_client_does_not_wait_for_ever() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        with MllpClient(*silent.getsockname()[:2], timeout_s=0.2) as client, pytest.raises(Timeout):
            client.send(b"a")
        with pytest.raises(ConfigError, match="mllp"):
            MllpServer(bytes.upper, "127.0.0.1", silent.getsockname()[1])


def test_serve_takes_the_feed_where_it_is_configured(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    config = tmp_path / "site.toml"
    config.write_text(f'[mllp]\nport = {port}\n[registry]\nassigning_authority = "&{OURS}&ISO"\n')
    server = start(tmp_path / "data", "--config", str(config))
    try:
        with MllpClient("127.0.0.1", port) as client:
            assert ("AA", []) == acknowledged(client, adt("A01", "old", control="1"))
    finally:
        assert 0 == stop(server)
    log = (tmp_path / "data.log").read_text()
    assert "ITI-8" in log
    assert "DUPONT" not in log
