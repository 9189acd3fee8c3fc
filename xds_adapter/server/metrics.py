"""What the server tells a monitor at GET /metrics, in the text format of Prometheus.

Each exchange is recorded once, when it is over, in the event loop: there is one thread that writes and reads these
numbers, so they need no lock. Labels have few values, all from our own tables: nothing of a message is among them.

Written here, since the usual client library takes longer to import than the server to start.

Source: Prometheus, Exposition formats, text-based format version 0.0.4.
"""

from __future__ import annotations

import os
import resource
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xds_adapter.vocabulary.error_codes import XdsErrorCode

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Upper bounds of the buckets, in seconds."""

NO_TRANSACTION = "none"
OTHER_CODE = "other"
_CODES = frozenset(XdsErrorCode)
_OUTCOMES = frozenset({"Success", "PartialSuccess", "Failure", "fault"})

Labels = tuple[str, ...]
Gauge = tuple[str, str, Callable[[], float]]
"""Name, meaning and present value."""

_STARTED = time.time()
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Measured:
    """One exchange that is over.

    Attributes:
        transaction: Its number, e.g. ``ITI-41``; None: the message did not get so far.
        outcome: Last word of the status, ``fault``, or empty when nobody waited for an answer.
        codes: The error codes of its answer.
        started: When its first octets were awaited, by `time.perf_counter`.
        ends: Which stage ended when; what runs twice stands twice.
        received: Octets of the request body.
        sent: Octets of the answer's body.
    """

    transaction: str | None
    outcome: str
    codes: frozenset[str]
    started: float
    ends: list[tuple[str, float]]
    received: int
    sent: int


class Histogram:
    """Counts of durations, by labels."""

    def __init__(self) -> None:
        self._rows: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, labels: Labels, seconds: float) -> None:
        """Count one duration."""
        row = self._rows.get(labels)
        if row is None:
            row = self._rows[labels] = [0] * (len(BOUNDS) + 1)
            self._sums[labels] = 0.0
        row[bisect_left(BOUNDS, seconds)] += 1
        self._sums[labels] += seconds

    def lines(self, name: str, names: Labels) -> Iterator[str]:
        """Write the samples."""
        for labels, row in sorted(self._rows.items()):
            total = 0
            for bound, number in zip((*map(repr, BOUNDS), "+Inf"), row, strict=True):
                total += number
                yield f"{name}_bucket{_braces((*names, 'le'), (*labels, bound))} {total}"
            yield f"{name}_sum{_braces(names, labels)} {self._sums[labels]!r}"
            yield f"{name}_count{_braces(names, labels)} {total}"


class Metrics:
    """The numbers of one server process.

    Args:
        gauges: What is asked for when somebody looks; one that fails is left out.
    """

    def __init__(self, gauges: Iterable[Gauge] = ()) -> None:
        self._gauges = tuple(gauges)
        self._exchanges: Counter[Labels] = Counter()
        self._errors: Counter[Labels] = Counter()
        self._received: Counter[Labels] = Counter()
        self._sent: Counter[Labels] = Counter()
        self._seconds = Histogram()
        self._stages = Histogram()
        self.open_exchanges = 0
        self.broken = 0
        self.connections: Callable[[], int] = int

    def record(self, measured: Measured) -> None:
        """Count an exchange."""
        transaction = measured.transaction or NO_TRANSACTION
        outcome = measured.outcome if measured.outcome in _OUTCOMES else "unanswered"
        self._exchanges[transaction, outcome] += 1
        self._received[transaction,] += measured.received
        self._sent[transaction,] += measured.sent
        before = measured.started
        for stage, ended in measured.ends:
            self._stages.observe((transaction, stage), ended - before)
            before = ended
        self._seconds.observe((transaction,), before - measured.started)
        # A registry elsewhere may answer with codes of its own.
        for code in {code if code in _CODES else OTHER_CODE for code in measured.codes}:
            self._errors[transaction, code] += 1

    def gauges(self) -> list[tuple[str, str, float]]:
        """Ask for the present values; some of it waits for a disk, so this belongs in a thread."""
        found: list[tuple[str, str, float]] = []
        for name, meaning, ask in self._gauges:
            try:
                found.append((name, meaning, ask()))
            except OSError:
                continue
        return found + list(_process())

    def text(self, gauges: Iterable[tuple[str, str, float]]) -> str:
        """Write everything.

        Args:
            gauges: What `gauges` returned.
        """
        lines: list[str] = []
        for name, meaning, counts, names in self._counters():
            lines += [*_head(name, meaning, "counter"), *_counted(name, names, counts)]
        for name, meaning, histogram, names in self._histograms():
            lines += [*_head(name, meaning, "histogram"), *histogram.lines(name, names)]
        own = (
            ("xds_adapter_open_connections", "HTTP connections that are open.", float(self.connections())),
            ("xds_adapter_open_exchanges", "SOAP messages being received, processed or answered.", self.open_exchanges),
        )
        for name, meaning, value in (*own, *gauges):
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [*_head(name, meaning, kind), f"{name} {float(value)!r}"]
        return "\n".join(lines) + "\n"

    def _counters(self) -> Iterator[tuple[str, str, Mapping[Labels, int], Labels]]:
        transaction: Labels = ("transaction",)
        by_outcome, by_code = (*transaction, "outcome"), (*transaction, "error_code")
        yield "xds_adapter_exchanges_total", "SOAP exchanges that are over.", self._exchanges, by_outcome
        yield "xds_adapter_errors_total", "Exchanges whose answer holds this error code.", self._errors, by_code
        yield "xds_adapter_received_bytes_total", "Octets of request bodies.", self._received, transaction
        yield "xds_adapter_sent_bytes_total", "Octets of answers.", self._sent, transaction
        broken: dict[Labels, int] = {(): self.broken}
        yield "xds_adapter_broken_uploads_total", "Clients that went away before their message was whole.", broken, ()

    def _histograms(self) -> Iterator[tuple[str, str, Histogram, Labels]]:
        yield (
            "xds_adapter_exchange_seconds",
            "From the first octet awaited to the last one handed over.",
            self._seconds,
            ("transaction",),
        )
        yield "xds_adapter_stage_seconds", "Where that time went.", self._stages, ("transaction", "stage")


def _head(name: str, meaning: str, kind: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"


def _counted(name: str, names: Labels, counts: Mapping[Labels, int]) -> Iterator[str]:
    for labels, number in sorted(counts.items()):
        yield f"{name}{_braces(names, labels)} {number}"


def _braces(names: Labels, values: Labels) -> str:
    # The values are words of our own tables: nothing in them needs escaping.
    inner = ",".join(f'{name}="{value}"' for name, value in zip(names, values, strict=True))
    return f"{{{inner}}}" if inner else ""


def _process() -> Iterator[tuple[str, str, float]]:
    """What every Prometheus client tells of its process, under the usual names."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield "process_cpu_seconds_total", "Processor time used, in seconds.", used.ru_utime + used.ru_stime
    yield "process_start_time_seconds", "When the process started, in seconds since 1970.", _STARTED
    own = Path("/proc/self")
    if own.exists():
        pages = int((own / "statm").read_text().split()[1])
        yield "process_resident_memory_bytes", "Resident memory, in octets.", pages * _PAGE
        yield "process_open_fds", "Open file descriptors.", len(os.listdir(own / "fd"))
