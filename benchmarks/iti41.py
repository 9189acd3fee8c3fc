"""ITI-41 of a 50 kB document over HTTP, 16 connections, durable, against the bare baseline of the same run.

The server runs on one core, the load on another, baseline and product in turn. Prints the rate, the server's CPU time a
request and the ratios, medians of the rounds.

Run: python -m benchmarks.iti41 [--rounds 5] [--seconds 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.load import Load, post, run_load
from benchmarks.messages import PATIENT, SAMPLE_UNIQUE_IDS, provide_and_register

_TICKS = os.sysconf("SC_CLK_TCK")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def _server(command: list[str]) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        os.sched_setaffinity(process.pid, {0})
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit(f"the server did not start: {command}")
        yield line.split()[1], process.pid
    finally:
        process.terminate()
        process.wait(15)


def _requests(path: str, *, size: int) -> Callable[[], bytes]:
    content_type, body = provide_and_register(b"x" * size)
    template = post(path, content_type, body)
    numbers = count(1)

    def make() -> bytes:
        request = template
        number = next(numbers)
        for place, unique_id in enumerate(SAMPLE_UNIQUE_IDS):
            request = request.replace(unique_id, b"%s.%d" % (unique_id[:-11], 1_000_000_000 + number * 10 + place))
        # Documents differ, so that each is stored: the last bytes carry the number.
        return request.replace(b"xxxxxxxxxxxx", b"%012d" % number, 1)

    return make


def _rounds(
    options: argparse.Namespace, base: tuple[str, int], full: tuple[str, int]
) -> list[tuple[Load, float, Load, float]]:
    base_request = _requests("/base", size=options.size)
    full_request = _requests("/xds/repository", size=options.size)
    found = []
    for number in range(options.rounds + 1):
        row: list[Load | float] = []
        for (url, pid), request, good in (
            (base, base_request, lambda body: body == b"stored"),
            (full, full_request, lambda body: b"ResponseStatusType:Success" in body),
        ):
            before = _cpu_seconds(pid)
            load = run_load(url, request, good, connections=options.connections, seconds=options.seconds)
            if load.failures:
                raise SystemExit(f"{load.failures} of {load.requests} requests failed at {url}")
            row += [load, (_cpu_seconds(pid) - before) / load.requests * 1e6]
        if number:  # the first round warms up
            found.append((row[0], row[1], row[2], row[3]))
    return found  # type: ignore[return-value]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--size", type=int, default=51_200, help="bytes of the document")
    options = parser.parse_args()
    program = Path(sys.executable).with_name("xds-adapter")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        subprocess.run([program, "patient", "add", PATIENT, "--data", data], check=True, stdout=subprocess.DEVNULL)
        os.sched_setaffinity(0, {os.cpu_count() - 1 if os.cpu_count() else 0})  # type: ignore[operator]
        with (
            _server([sys.executable, "-m", "benchmarks.baseline_server", folder]) as base,
            _server([str(program), "serve", "--data", str(data), "--port", "0"]) as full,
        ):
            rows = _rounds(options, base, full)
    _print(options, rows)


def _print(options: argparse.Namespace, rows: list[tuple[Load, float, Load, float]]) -> None:
    print(
        f"ITI-41, {options.size} bytes, {options.connections} connections,"
        f" {options.rounds} rounds of {options.seconds} s"
    )
    for name, load, cpu in (("baseline", 0, 1), ("product", 2, 3)):
        rates = [row[load].rate for row in rows]  # type: ignore[union-attr]
        cpus = [row[cpu] for row in rows]
        p99 = [row[load].p99_ms for row in rows]  # type: ignore[union-attr]
        print(
            f"{name:9} {statistics.median(rates):8.0f} requests/s ({min(rates):.0f} to {max(rates):.0f})"
            f"   {statistics.median(cpus):6.0f} us CPU a request   p99 {statistics.median(p99):.1f} ms"  # type: ignore[type-var]
        )
    ratios = [row[2].rate / row[0].rate for row in rows]
    print(f"ratio     {statistics.median(ratios):8.1%} of the baseline's rate ({min(ratios):.1%} to {max(ratios):.1%})")


if __name__ == "__main__":
    main()
