"""`demo`: a request and its report through registry and repository, on this machine."""

from __future__ import annotations

import hashlib
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter import __version__
from xds_adapter.app import REGISTRY_PATH, REPOSITORY_PATH, Installation
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.validate import validate
from xds_adapter.cli.common import one_command
from xds_adapter.cli.main import REFUSED
from xds_adapter.client import DocumentConsumer, DocumentSource
from xds_adapter.client.submission import submission_from_cda
from xds_adapter.config import Settings
from xds_adapter.datatypes import CX
from xds_adapter.model import DocumentEntry, Submission
from xds_adapter.server import BackgroundServer, listen

_MODELS = {kind.name: f"{kind.model} {kind.model_version}" for kind in KINDS}
_LONG_VALUE = re.compile(r"(?<=>)[A-Za-z0-9+/=\s]{2000,}(?=<)")


class _Steps:
    """Prints numbered steps and keeps the time of each."""

    def __init__(self) -> None:
        self._number = 0
        self._since = time.perf_counter()

    def done(self, what: str, *facts: str) -> None:
        self._number += 1
        now = time.perf_counter()
        elapsed, self._since = now - self._since, now
        shown = f"{elapsed:.1f} s" if elapsed >= 1 else f"{elapsed * 1000:.0f} ms"
        print(f"  {self._number}  {what:<32}{'   '.join([*facts, shown])}", flush=True)


def command(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running until Ctrl-C.")] = False,
    wire: Annotated[bool, typer.Option("--wire", help="Print the SOAP messages.")] = False,
) -> None:
    """Start registry and repository on a free port, exchange a request and its report, compare the bytes."""
    print(f"xds-adapter {__version__} - a teleradiology exchange on this machine\n")
    with tempfile.TemporaryDirectory(prefix="xds-adapter-demo-") as folder:
        steps = _Steps()
        with _running(Path(folder) / "data") as (server, installation):
            steps.done("registry and repository ready", server.url, "(data in a temporary folder)")
            identical = _exchange(server.url, installation, Path(folder), steps, _show if wire else None)
            print("\nEverything above went over HTTP as SOAP 1.2, documents as MTOM.")
            if keep:
                _wait(server.url)
            else:
                print("Look closer: xds-adapter demo --keep leaves the server running, --wire prints the messages.")
                print("Next: xds-adapter build imaging-report --example")
    if not identical:
        raise typer.Exit(REFUSED)


@contextmanager
def _running(data: Path) -> Iterator[tuple[BackgroundServer, Installation]]:
    installation = Installation(Settings(), data)
    application = installation.application()
    server = BackgroundServer(application, listen("127.0.0.1", 0))
    try:
        yield server, installation
    finally:
        server.close()
        application.close()
        installation.close()


def _exchange(
    url: str, installation: Installation, folder: Path, steps: _Steps, on_wire: Callable[[str, bytes], None] | None
) -> bool:
    registry, repository = url + REGISTRY_PATH, url + REPOSITORY_PATH
    with (
        DocumentSource(repository, on_wire=on_wire) as source,
        DocumentConsumer(registry, repository, on_wire=on_wire) as consumer,
    ):
        request = _built("imaging-request", folder, steps)
        patient = request.document_entries[0].patient_id or CX("")
        installation.registry.add_patients([patient.key])
        _submitted("request submitted", source, request, steps)
        found = consumer.find_documents(patient)
        steps.done("found by the radiologist", "ITI-18", "FindDocuments", f"{len(found)} of 1")
        report = _built("imaging-report", folder, steps)
        _submitted("report submitted", source, report, steps)
        entries = consumer.get_documents([report.document_entries[0].unique_id or ""])
        return _retrieved(consumer, entries, folder / "imaging-report.xml", steps)


def _built(kind: str, folder: Path, steps: _Steps) -> Submission:
    case: dict[str, Any] = example(kind)
    path = folder / f"{kind}.xml"
    path.write_bytes(build(kind, case))
    findings = validate(path)
    facts = [_MODELS[kind], f"{path.stat().st_size / 1000:.0f} kB", f"{len(findings)} findings"]
    if case.get("in_fulfillment_of"):
        facts.append(f"fulfils order {case['in_fulfillment_of'][0]['order_placer_number']['extension']}")
    steps.done(f"{kind.replace('-', ' ')} built", *facts)
    return submission_from_cda(path)


def _submitted(what: str, source: DocumentSource, submission: Submission, steps: _Steps) -> None:
    outcome = source.submit(submission)
    entry = submission.document_entries[0]
    steps.done(what, "ITI-41", outcome.status.word, entry.unique_id or "", f"sha1 {(entry.hash or '')[:8]}...")


def _retrieved(consumer: DocumentConsumer, entries: tuple[DocumentEntry, ...], path: Path, steps: _Steps) -> bool:
    with consumer.retrieve(entries) as documents:
        received = b"".join(documents[0].content.chunks())
    identical = hashlib.sha256(received).digest() == hashlib.sha256(path.read_bytes()).digest()
    steps.done("report retrieved", "ITI-43", "byte-identical" if identical else "DIFFERENT BYTES")
    return identical


def _show(way: str, envelope: bytes) -> None:
    print(f"\n--- {way}\n{_LONG_VALUE.sub('...', envelope.decode())}\n")


def _wait(url: str) -> None:
    print(
        f"\nThe server goes on until Ctrl-C:\n  registry    {url}{REGISTRY_PATH}\n  repository  {url}{REPOSITORY_PATH}"
    )
    sys.stdout.flush()
    signal.sigwait({signal.SIGINT, signal.SIGTERM})


app = one_command(command)
