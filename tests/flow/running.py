"""Registry and repository on a loopback port, raw requests to them, and what they keep in their data folder."""

from __future__ import annotations

import http.client
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.factories import PATIENT
from xds_adapter.app import REGISTRY_PATH, REPOSITORY_PATH, Installation
from xds_adapter.config import Settings
from xds_adapter.server import BackgroundServer, listen
from xds_adapter.soap import Envelope, Limits, MessageReceiver, ReceivedMessage, read_envelope, read_fault

Log = Callable[[str, Mapping[str, object]], None]

TABLES = ("submission_set", "document_entry", "folder", "association", "content", "document")


class Footprint(NamedTuple):
    """Everything that a data folder keeps of submissions: names of files, and the number of rows of each table."""

    content: tuple[str, ...]
    staging: tuple[str, ...]
    spool: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]


EMPTY = Footprint((), (), (), tuple((table, 0) for table in TABLES))


def _files(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.name for path in folder.rglob("*") if path.is_file()))


def footprint(data: Path) -> Footprint:
    """Read what a data folder keeps now."""
    with closing(sqlite3.connect(data / "xds.sqlite3")) as connection:
        # The table names are the constants above.
        rows = tuple((table, connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in TABLES)
    return Footprint(_files(data / "content"), _files(data / "staging"), _files(data / "spool"), rows)


def settled_footprint(data: Path, expected: Footprint) -> Footprint:
    """What a data folder keeps, once the temporary files of the last request are gone: it is answered before."""
    until = time.monotonic() + 5
    while (found := footprint(data)) != expected and time.monotonic() < until:
        time.sleep(0.01)
    return found


def rows(data: Path, statement: str) -> list[tuple[object, ...]]:
    """Ask the database of a data folder."""
    with closing(sqlite3.connect(data / "xds.sqlite3")) as connection:
        return connection.execute(statement).fetchall()


@dataclass(frozen=True)
class HttpAnswer:
    """An HTTP answer, and the SOAP message in it."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @cached_property
    def message(self) -> ReceivedMessage:
        receiver = MessageReceiver(self.content_type, limits=Limits(memory_bytes=1 << 30), folder=None)
        receiver.feed(self.content)
        return receiver.finish()

    @cached_property
    def envelope(self) -> Envelope:
        return read_envelope(self.message.envelope)

    @property
    def fault(self) -> tuple[str, str] | None:
        """Innermost code and reason, when it is a SOAP fault."""
        return read_fault(self.envelope.body)

    @property
    def status_word(self) -> str:
        """Last part of the status of the response, e.g. ``Success``."""
        return (_response(self.envelope).get("status") or "").rpartition(":")[2]

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Code, location and context of every error and warning."""
        found = self.envelope.body.iter("{urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0}RegistryError")
        return [(e.get("errorCode", ""), e.get("location", ""), e.get("codeContext", "")) for e in found]

    @property
    def codes(self) -> list[str]:
        """The error codes, in order."""
        return [code for code, _, _ in self.errors]


def _response(envelope: Envelope) -> Mapping[str, str]:
    for element in envelope.body.iter():
        if isinstance(element.tag, str) and element.get("status", "").startswith(("urn:oasis", "urn:ihe")):
            return {str(name): str(value) for name, value in element.attrib.items()}
    raise AssertionError("the answer holds no status")


def request(method: str, url: str, body: bytes | None = None, content_type: str | None = None) -> HttpAnswer:
    """Send one HTTP request on a connection of its own."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection:
        connection.request(method, target, body, {"Content-Type": content_type} if content_type else {})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return HttpAnswer(response.status, headers, response.read())


def post(url: str, content_type: str, body: bytes) -> HttpAnswer:
    """Post a message."""
    return request("POST", url, body, content_type)


@dataclass(frozen=True)
class Site:
    """A running server and its data folder."""

    url: str
    data: Path
    installation: Installation

    @property
    def registry(self) -> str:
        return self.url + REGISTRY_PATH

    @property
    def repository(self) -> str:
        return self.url + REPOSITORY_PATH


@contextmanager
def running(
    data: Path,
    settings: Settings | None = None,
    *,
    patients: Sequence[str] = (PATIENT.key,),
    port: int = 0,
    log: Log | None = None,
) -> Iterator[Site]:
    """Run registry and repository in this process.

    Args:
        data: The data folder.
        settings: The configuration; the default one when None.
        patients: Made known, by `CX.key`.
        port: 0 for a free one.
        log: Takes one line an exchange.
    """
    installation = Installation(settings or Settings(), data)
    try:
        installation.registry.add_patients(patients)
        application = installation.application(log)
        try:
            server = BackgroundServer(application, listen("127.0.0.1", port))
            try:
                yield Site(server.url, data, installation)
            finally:
                server.close()
        finally:
            application.close()
    finally:
        installation.close()
