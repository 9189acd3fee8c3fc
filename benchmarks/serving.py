"""The real server as a process of its own, on a free port of this machine, and requests to it."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from xds_adapter.datatypes import CX
from xds_adapter.storage import Database

PROGRAM = Path(sys.executable).with_name("xds-adapter")


@dataclass(frozen=True, slots=True)
class Server:
    """A running `serve`."""

    process: subprocess.Popen[str]
    url: str

    @property
    def registry(self) -> str:
        """Endpoint of its Document Registry."""
        return f"{self.url}/xds/registry"

    @property
    def repository(self) -> str:
        """Endpoint of its Document Repository."""
        return f"{self.url}/xds/repository"


def start(data: Path, *options: str) -> Server:
    """Start `serve` on a data folder and wait until it is ready.

    Raises:
        RuntimeError: It stopped before.
    """
    command = [str(PROGRAM), "serve", "--data", str(data), "--port", "0", *options]
    with (data.parent / f"{data.name}.log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("ready "):
        process.wait(10)
        process.stdout.close()
        raise RuntimeError(f"the server did not start: {command}")
    return Server(process, line.split()[1])


def stop(server: Server, *, kill: bool = False) -> int:
    """End a server that `start` has started, by SIGTERM or SIGKILL, and return its exit code."""
    if kill:
        server.process.kill()
    else:
        server.process.terminate()
    code = server.process.wait(30)
    if server.process.stdout is not None:
        server.process.stdout.close()
    return code


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    """Run `serve` for the length of a block."""
    server = start(data, *options)
    try:
        yield server
    finally:
        stop(server)


def add_patient(data: Path, patient_id: str) -> None:
    """Make a patient known in a data folder."""
    database = Database(data)
    try:
        database.write(lambda transaction: transaction.registry.add_patients([CX(patient_id).key]))
    finally:
        database.close()


def post(url: str, content_type: str, body: bytes, *, timeout_s: float = 60) -> tuple[int, bytes]:
    """Post a message on a connection of its own; returns status and body of the answer."""
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)) as connection:
        connection.request("POST", parts.path, body, {"Content-Type": content_type})
        response = connection.getresponse()
        return response.status, response.read()
