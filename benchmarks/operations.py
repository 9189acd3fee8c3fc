"""What an operator waits for: start, check, backup and restore of a data folder that holds many documents.

Run: python -m benchmarks.operations [--documents 100000] [--rounds 5]

Each document has its entry, its binding and its bytes; one in ten is a file. Peak memory is that of the command; times
are those of the clock, and beside them the processor time, which other load does not change as much.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.scale_entries import rows
from benchmarks.serving import PROGRAM, start, stop
from xds_adapter.storage import Database
from xds_adapter.storage.tables import CONTENT, DOCUMENT, DOCUMENT_ENTRY

READY_S = 1.0
_FILE_EVERY = 10
_OCTETS = 2000


def fill(data: Path, count: int) -> None:
    """Make a data folder of `count` documents; nothing is lost when it fails, so nothing is synced."""
    database = Database(data)
    own = database.setting("repository.unique_id", lambda: "1.2.250.1.999.7")
    database.close()
    with closing(sqlite3.connect(data / "xds.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        batch: list[tuple[dict[str, Any], ...]] = []
        for number, row in enumerate(rows(count)):
            batch.append(_document(data, number, row.columns | {"repository_unique_id": own}))
            if len(batch) == 1000:
                _insert(connection, batch)
        _insert(connection, batch)
        connection.commit()


def _document(data: Path, number: int, entry: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    octets = b"%08d" % number * (_OCTETS // 8)
    sha256, sha1 = hashlib.sha256(octets), hashlib.sha1(octets, usedforsecurity=False).hexdigest()
    is_file = number % _FILE_EVERY == 0
    if is_file:
        (data / "content" / sha256.hexdigest()[:2] / sha256.hexdigest()).write_bytes(octets)
    content = {"content_id": sha256.digest(), "size": len(octets), "body": None if is_file else octets}
    binding = {"document_unique_id": entry["unique_id"], "content_id": sha256.digest(), "sha1": sha1}
    binding |= {"mime_type": "text/plain", "state": "bound", "since": 0, "submission_id": "1.2.3"}
    return entry | {"hash": sha1, "size": len(octets)}, content, binding


def _insert(connection: sqlite3.Connection, batch: list[tuple[dict[str, Any], ...]]) -> None:
    for table, members in zip((DOCUMENT_ENTRY, CONTENT, DOCUMENT), zip(*batch, strict=True), strict=False):
        names = [column.name for column in table.c if column.name != "row_id"]
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"
        connection.executemany(statement, [[member.get(name) for name in names] for member in members])
    batch.clear()


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _starts(data: Path, rounds: int) -> Iterator[tuple[float, float]]:
    for _ in range(rounds):
        began = time.perf_counter()
        server = start(data)
        ready = time.perf_counter() - began
        used = _processor_s(server.process.pid)
        stop(server)
        yield ready, used


def _command(words: Sequence[str]) -> str:
    began = time.perf_counter()
    process = subprocess.Popen([str(PROGRAM), *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read().strip().rpartition("\n")[2]
    process.stdout.close()
    _, status, used = os.wait4(process.pid, 0)
    # It has been waited for here.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {process.returncode}: {said}")
    elapsed, busy = time.perf_counter() - began, used.ru_utime + used.ru_stime
    return f"{elapsed:7.2f} s  {busy:7.2f} s of processor  {used.ru_maxrss / 1024:5.0f} MB  {said}"


def main(show: Callable[[str], None] = print) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, backup, restored = (str(Path(folder) / name) for name in ("data", "backup", "restored"))
        fill(Path(data), options.documents)
        size = (Path(data) / "xds.sqlite3").stat().st_size / 1e6
        show(f"{options.documents:,} documents, database of {size:,.0f} MB")
        ready, used = zip(*_starts(Path(data), options.rounds), strict=True)
        words = (
            f"ready after {statistics.median(ready):.2f} s ({min(ready):.2f} to {max(ready):.2f}; aim {READY_S:.0f} s)"
        )
        show(f"serve: {words}, {statistics.median(used):.2f} s of processor ({min(used):.2f} to {max(used):.2f})")
        show(f"fsck             {_command(['fsck', '--data', data])}")
        show(f"fsck --scrub     {_command(['fsck', '--data', data, '--scrub'])}")
        show(f"backup           {_command(['backup', backup, '--data', data])}")
        show(f"backup, again    {_command(['backup', backup, '--data', data])}")
        show(f"restore          {_command(['restore', backup, '--data', restored])}")


if __name__ == "__main__":
    main()
