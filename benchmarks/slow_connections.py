"""Many connections that send one byte a second, and what ordinary queries and the server's memory notice of them.

``python -m benchmarks.slow_connections [CONNECTIONS]`` starts a server of its own and prints the figures.
"""

from __future__ import annotations

import http.client
import resource
import socket
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.messages import PATIENT
from benchmarks.serving import Server, add_patient, serving
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, new_message_id, write_envelope
from xds_adapter.transactions import iti18
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18

_HEAD = b"POST /xds/repository HTTP/1.1\r\nHost: a\r\n"
_BODY_TO_COME = _HEAD + b"Content-Type: application/soap+xml\r\nContent-Length: 100000\r\n\r\n"
_QUERY_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it.

    Attributes:
        cut_s: Seconds after which each slow connection was cut; those that were not are missing.
        answered: How many of them got an HTTP status.
        quiet_p95_ms: Of queries before, on an otherwise idle server.
        p95_ms: Of queries while the slow connections were open.
        queries: How many of these there were.
        failed: Queries that were not answered.
        grown_bytes: Growth of the server's resident set, at its peak.
    """

    cut_s: list[float]
    answered: int
    quiet_p95_ms: float
    p95_ms: float
    queries: int
    failed: int
    grown_bytes: int


def query() -> tuple[str, bytes]:
    """Content-Type and body of a request: FindDocuments of a patient without documents."""
    parameters = {
        "$XDSDocumentEntryPatientId": (ParameterSlot((PATIENT,)),),
        "$XDSDocumentEntryStatus": (ParameterSlot((AvailabilityStatus.APPROVED,), listed=True),),
    }
    body = iti18.encode_request(StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters))
    to = "http://127.0.0.1/xds/registry"
    envelope = write_envelope("".join(body.xml), action=ITI_18.request_action, message_id=new_message_id(), to=to)
    return SIMPLE_CONTENT_TYPE, envelope


def _resident(pid: int) -> int:
    """Peak of the resident set, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


class _Queries:
    """Asks at a steady pace until it is told to stop."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._stop = threading.Event()
        self.times: list[float] = []
        self.failed = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        content_type, envelope = query()
        with closing(http.client.HTTPConnection(*self._address, timeout=30)) as connection:
            while not self._stop.wait(_QUERY_PAUSE_S):
                began = time.perf_counter()
                connection.request("POST", "/xds/registry", envelope, {"Content-Type": content_type})
                answer = connection.getresponse()
                self.failed += b"Success" not in answer.read() or answer.status != 200
                self.times.append(time.perf_counter() - began)

    def stop(self) -> float:
        """Stop, and return the 95th percentile in milliseconds."""
        self._stop.set()
        self._thread.join()
        return sorted(self.times)[int(len(self.times) * 0.95)] * 1000


class _Slow:
    """Connections of which every other one is slow at its head, the rest at their body."""

    def __init__(self, address: tuple[str, int], number: int) -> None:
        self.open: dict[socket.socket, float] = {}
        self.cut_s: list[float] = []
        self.answered = 0
        for place in range(number):
            connection = socket.create_connection(address, 30)
            connection.sendall(_BODY_TO_COME if place % 2 else _HEAD + b"X-Slow: ")
            connection.settimeout(0)
            self.open[connection] = time.monotonic()

    def send_one_byte_each(self) -> None:
        """Send, and note who has been cut."""
        for connection, began in tuple(self.open.items()):
            try:
                answer = connection.recv(4096)
            except BlockingIOError:
                if self._sends(connection):
                    continue
                answer = b""
            except ConnectionError:
                answer = b""
            self.answered += answer.startswith(b"HTTP/1.1 408 ")
            self.cut_s.append(time.monotonic() - began)
            del self.open[connection]
            connection.close()

    @staticmethod
    def _sends(connection: socket.socket) -> bool:
        try:
            return connection.send(b"x") == 1
        except ConnectionError:
            return False

    def close(self) -> None:
        """Close what is still open."""
        for connection in self.open:
            connection.close()


def measure(server: Server, connections: int, *, limit_s: float, pause_s: float = 1.0) -> Figures:
    """Open slow connections to a server and watch them until all are cut.

    Args:
        server: Knows `PATIENT`.
        connections: How many.
        limit_s: When to give up.
        pause_s: Seconds between two bytes of a connection.
    """
    parts = urlsplit(server.url)
    address = (parts.hostname or "", parts.port or 80)
    before = _Queries(address)
    time.sleep(min(1.0, limit_s / 4))
    quiet = before.stop()
    memory = _resident(server.process.pid)
    queries = _Queries(address)
    slow = _Slow(address, connections)
    try:
        until = time.monotonic() + limit_s
        while slow.open and time.monotonic() < until:
            time.sleep(pause_s)
            slow.send_one_byte_each()
    finally:
        slow.close()
        p95 = queries.stop()
    grown = _resident(server.process.pid) - memory
    return Figures(slow.cut_s, slow.answered, quiet, p95, len(queries.times), queries.failed, grown)


def main() -> None:
    """Measure with the settings that a server has by itself, and print."""
    connections = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, connections + 500), most))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        add_patient(data, PATIENT)
        with serving(data) as server:
            got = measure(server, connections, limit_s=40)
    cut = sorted(got.cut_s)
    print(f"slow connections         {connections}, cut {len(cut)}, of them with HTTP 408 {got.answered}")
    print(f"cut after                {cut[0]:.1f} to {cut[-1]:.1f} s" if cut else "cut after                never")
    print(f"queries meanwhile        {got.queries}, failed {got.failed}")
    print(f"p95 of queries           {got.p95_ms:.1f} ms; before {got.quiet_p95_ms:.1f} ms")
    print(f"memory of the server     +{got.grown_bytes / (1 << 20):.1f} MiB")


if __name__ == "__main__":
    main()
