"""The server as a process: killed, stopped, started twice, and its data folder written to by another process."""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.crash import crash
from benchmarks.serving import PROGRAM, Server, post, start, stop
from tests.factories import LOCAL_PATIENT, PATIENT
from tests.flow.running import EMPTY, footprint
from tests.flow.submissions import mtom, numbered
from xds_adapter.cli.main import run

SUCCESS = b"ResponseStatusType:Success"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    server = start(data)
    yield server
    if server.process.poll() is None:
        stop(server)


def test_what_was_acknowledged_survives_a_kill(data: Path) -> None:
    """A load from several threads, SIGKILL, restart; three times on one data folder."""
    report = crash(data, kills=3, threads=4, acknowledged=25)
    assert [] == report.faults
    assert 3 == report.kills
    assert 75 <= report.acknowledged
    assert 0 < report.unanswered
    assert 0 == run(["fsck", "--data", str(data), "--collect", "--scrub"])
    assert ((), ()) == (footprint(data).staging, footprint(data).spool)


def test_a_patient_is_made_known_while_the_server_runs(
    server: Server, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = post(server.repository, *mtom(numbered(1, b"x")))
    assert (200, True) == (status, b"XDSUnknownPatientId" in answer)
    assert 0 == run(["patient", "add", PATIENT.text, LOCAL_PATIENT.text, "--data", str(data)])
    assert "2 added, 0 known before\n" == capsys.readouterr().out
    status, answer = post(server.repository, *mtom(numbered(1, b"x")))
    assert (200, True) == (status, SUCCESS in answer)
    assert 0 == run(["patient", "add", PATIENT.text, "--data", str(data)])
    assert "0 added, 1 known before\n" == capsys.readouterr().out


def test_a_second_server_on_the_same_folder_is_refused(server: Server, data: Path) -> None:
    spooled = data / "spool" / "arriving"
    spooled.write_bytes(b"x")
    second = subprocess.run(
        [str(PROGRAM), "serve", "--data", str(data), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (2, "") == (second.returncode, second.stdout)
    assert f"another server is using the data folder {data}\n" == second.stderr
    assert spooled.exists()
    spooled.unlink()
    assert 400 == post(server.repository, "application/soap+xml", b"<a/>")[0]


def test_a_port_in_use_is_refused(server: Server, tmp_path: Path) -> None:
    port = str(urlsplit(server.url).port)
    command = [str(PROGRAM), "serve", "--data", str(tmp_path / "other"), "--port", port]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (2, "") == (second.returncode, second.stdout)
    assert second.stderr.startswith(f"cannot listen on 127.0.0.1 port {port}: ")


def test_sigterm_finishes_running_requests(server: Server, data: Path) -> None:
    """A request whose second half arrives after the signal is answered, then the process ends with code 0."""
    run(["patient", "add", PATIENT.text, "--data", str(data)])
    content_type, body = mtom(numbered(1, b"x" * 700_000))
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=30)) as connection:
        connection.putrequest("POST", "/xds/repository")
        connection.putheader("Content-Type", content_type)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        connection.send(body[:500_000])
        _until(lambda: footprint(data).spool)
        server.process.terminate()
        _until(lambda: _is_closed(server.url))
        assert server.process.poll() is None
        connection.send(body[500_000:])
        response = connection.getresponse()
        assert (200, True) == (response.status, SUCCESS in response.read())
    started = time.monotonic()
    assert 0 == server.process.wait(10)
    assert 5 > time.monotonic() - started
    assert server.process.stdout is not None
    server.process.stdout.close()
    assert ((), ()) == (footprint(data).spool, footprint(data).staging)
    assert ("document", 1) in footprint(data).rows


def test_sigterm_does_not_wait_for_a_client_that_never_ends(server: Server, data: Path) -> None:
    content_type, body = mtom(numbered(1, b"x" * 700_000))
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=30)) as connection:
        connection.putrequest("POST", "/xds/repository")
        connection.putheader("Content-Type", content_type)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        connection.send(body[:500_000])
        _until(lambda: footprint(data).spool)
        started = time.monotonic()
        assert 0 == stop(server)
        assert 10 > time.monotonic() - started
    assert EMPTY == footprint(data)


def test_sigterm_ends_idle_connections(server: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=30)) as connection:
        connection.request("GET", "/health/ready")
        assert b'{"status": "ready"}\n' == connection.getresponse().read()
        started = time.monotonic()
        assert 0 == stop(server)
        assert 3 > time.monotonic() - started


def test_submissions_from_many_threads_are_each_stored_once(server: Server, data: Path) -> None:
    """The same eight submissions from four threads: one Success each, the others are duplicates."""
    run(["patient", "add", PATIENT.text, "--data", str(data)])
    messages = [mtom(numbered(n, bytes([n]) * size)) for n, size in enumerate((1, 50, 130_000, 140_000, 300_000) * 2)]
    answers: list[bytes] = []

    def submit() -> None:
        answers.extend(post(server.repository, *message)[1] for message in messages)

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(messages) == sum(SUCCESS in answer for answer in answers)
    assert 3 * len(messages) == sum(b"XDSDuplicateUniqueIdInRegistry" in answer for answer in answers)
    found = dict(footprint(data).rows)
    assert (10, 10, 10) == (found["submission_set"], found["document_entry"], found["document"])
    assert 4 == len(footprint(data).content)


def _until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_closed(url: str) -> bool:
    try:
        post(url + "/", "text/plain", b"", timeout_s=1)
    except OSError:
        return True
    return False
