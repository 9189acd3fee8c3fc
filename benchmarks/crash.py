"""Kill the server in the middle of a load, again and again: is everything acknowledged still there, once and whole?

Each round: `serve` is started on the same data folder, several threads submit, and when enough has been acknowledged
the process gets SIGKILL. After the next start every acknowledged document must be found exactly once and come back
with its bytes; what was not answered is sent again unchanged and must end in Success or in
XDSDuplicateUniqueIdInRegistry, with one entry.

Run: python -m benchmarks.crash [--kills 30] [--threads 4] [--acknowledged 60]
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.messages import PATIENT, inline, mtom, submission
from benchmarks.serving import Server, add_patient, post, start, stop
from xds_adapter.client import DocumentConsumer
from xds_adapter.errors import XdsAdapterError

SIZES = (0, 500, 20_000, 120_000, 140_000, 400_000, 1_500_000)
"""Documents in the database and documents as files, small and large messages."""

_BATCH = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission: its number, its message and the hash of its document."""

    number: int
    message: tuple[str, bytes]
    sha1: str
    size: int

    @property
    def unique_id(self) -> str:
        """UniqueId of its document."""
        return f"1.2.250.1.999.7.1.{self.number}"


def make(number: int) -> Sent:
    """Make the submission of a number; it is the same each time."""
    size = SIZES[number % len(SIZES)]
    content = random.Random(number).randbytes(size)
    submitted = submission(f"1.2.250.1.999.7.1.{number}", f"1.2.250.1.999.7.2.{number}", content)
    message = (inline if number % 5 == 0 else mtom)(submitted)
    return Sent(number, message, hashlib.sha1(content).hexdigest(), size)


@dataclass(slots=True)
class Report:
    """What several kills showed."""

    kills: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    kept_unanswered: int = 0
    restart_s: float = 0.0
    faults: list[str] = field(default_factory=list)


class _Load:
    """Threads that submit until the server is gone."""

    def __init__(self, url: str, first: int, threads: int, wanted: int) -> None:
        self.acknowledged: list[Sent] = []
        self.unanswered: list[Sent] = []
        self.refused: list[str] = []
        self.enough = threading.Event()
        self._url, self._wanted, self._next = url, wanted, first
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._submit) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def next_number(self) -> int:
        """The first number that was not used."""
        return self._next

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _take(self) -> Sent:
        with self._guard:
            number, self._next = self._next, self._next + 1
        return make(number)

    def _submit(self) -> None:
        while True:
            sent = self._take()
            try:
                status, answer = post(self._url, *sent.message)
            except (OSError, http.client.HTTPException):
                self.unanswered.append(sent)
                return
            if status != 200 or b"ResponseStatusType:Success" not in answer:
                self.refused.append(f"{sent.unique_id} was refused: HTTP {status}, {answer[:300]!r}")
                return
            self.acknowledged.append(sent)
            if len(self.acknowledged) >= self._wanted:
                self.enough.set()


def crash(data: Path, *, kills: int, threads: int = 4, acknowledged: int = 60) -> Report:
    """Run the rounds.

    Args:
        data: The data folder.
        kills: Rounds.
        threads: That submit at the same time.
        acknowledged: After so many answers a round the server is killed.
    """
    add_patient(data, PATIENT)
    report = Report()
    everything: list[Sent] = []
    number = 0
    for _ in range(kills):
        server = start(data)
        load = _Load(server.repository, number, threads, acknowledged)
        load.enough.wait(60)
        stop(server, kill=True)
        load.join()
        number = load.next_number
        report.kills += 1
        report.acknowledged += len(load.acknowledged)
        report.unanswered += len(load.unanswered)
        report.faults += load.refused
        everything += load.acknowledged
        everything += _after_restart(data, load, report)
    server = start(data)
    report.faults += _missing(server, everything)
    stop(server)
    report.faults += _left_over(data)
    return report


def _after_restart(data: Path, load: _Load, report: Report) -> list[Sent]:
    """Check a round on the restarted server; returns what was sent again."""
    started = time.perf_counter()
    server = start(data)
    report.restart_s = max(report.restart_s, time.perf_counter() - started)
    try:
        report.faults += _left_over(data)
        report.faults += _missing(server, load.acknowledged)
        for sent in load.unanswered:
            _, answer = post(server.repository, *sent.message)
            duplicate = b"XDSDuplicateUniqueIdInRegistry" in answer
            report.kept_unanswered += duplicate
            if not duplicate and b"ResponseStatusType:Success" not in answer:
                report.faults.append(f"{sent.unique_id} sent again: {answer[:300]!r}")
        report.faults += _missing(server, load.unanswered)
    finally:
        stop(server)
    return load.unanswered


def _batches(sent: list[Sent]) -> Iterable[list[Sent]]:
    return (sent[start : start + _BATCH] for start in range(0, len(sent), _BATCH))


def _missing(server: Server, sent: list[Sent]) -> list[str]:
    """Say which documents are not found exactly once, or not retrieved with their bytes."""
    faults: list[str] = []
    with DocumentConsumer(server.registry, server.repository) as consumer:
        for batch in _batches(sent):
            entries = consumer.get_documents([one.unique_id for one in batch])
            found = [entry.unique_id for entry in entries]
            faults += [f"{s.unique_id} has {n} entries" for s in batch if (n := found.count(s.unique_id)) != 1]
            try:
                with consumer.retrieve(entries) as documents:
                    hashes = {d.document_unique_id: (d.content.sha1, d.content.size) for d in documents}
            except XdsAdapterError as error:
                faults.append(str(error))
                continue
            faults += [f"{s.unique_id} differs" for s in batch if hashes.get(s.unique_id) != (s.sha1, s.size)]
    return faults


def _left_over(data: Path) -> list[str]:
    return [f"{path.name} is left in {folder}" for folder in ("staging", "spool") for path in (data / folder).iterdir()]


def main() -> int:
    """Run and print what was found; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--acknowledged", type=int, default=60, help="answers a round before the kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = crash(
            Path(folder) / "data", kills=options.kills, threads=options.threads, acknowledged=options.acknowledged
        )
    print(
        f"{report.kills} kills; {report.acknowledged} submissions acknowledged, {report.unanswered} not answered,"
        f" of which {report.kept_unanswered} had been stored; longest restart {report.restart_s:.1f} s"
    )
    print(f"{len(report.faults)} faults")
    for fault in report.faults[:20]:
        print(f"  {fault}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
