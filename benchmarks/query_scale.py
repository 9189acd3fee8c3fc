"""Stored queries on 100,000 and on 1,000,000 entries: over HTTP, whole answers compared, beside the bare SQL.

For each database and size a registry is filled, and four queries are asked of `serve`: FindDocuments of a patient with
50 documents, GetDocuments by one uniqueId and by the 50 of a patient, and FindDocumentsByReferenceId by an accession
number. Each answer is compared with the stored leaves. The baseline is the same rows fetched by the database's own
driver, in turn with the queries. Prints medians, the ratio to the baseline, and the growth from the first size to the
last; beside them what an HTTP request costs that does nothing (`/health/live`).

Run: python -m benchmarks.query_scale [--database sqlite postgresql] [--entries 100000 1000000] [--queries 200]
"""

from __future__ import annotations

import argparse
import http.client
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.many_entries import PER_PATIENT, Entry, fill
from benchmarks.serving import serving
from tests.postgresql import Cluster
from xds_adapter.ebxml import insert_status
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, new_message_id, write_envelope
from xds_adapter.storage.tables import SEPARATOR
from xds_adapter.transactions import iti18
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID, GET_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18

_APPROVED = AvailabilityStatus.APPROVED
_WARM_UP = 20


def _one(value: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot((value,)),)


def _many(*values: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot(values, listed=True),)


_OF_PATIENT = "SELECT leaf FROM document_entry WHERE patient_id = ? AND status = ? AND object_type = ? "
_BY_UNIQUE_ID = "SELECT leaf FROM document_entry WHERE unique_id "


@dataclass(frozen=True)
class Case:
    """One query: how it is asked, and the SQL that fetches the same rows."""

    name: str
    ask: Callable[[Entry], StoredQuery]
    sql: str
    values: Callable[[Entry], tuple[str, ...]]


def _find(entry: Entry) -> StoredQuery:
    parameters = {
        "$XDSDocumentEntryPatientId": _one(entry.patient_id.text),
        "$XDSDocumentEntryStatus": _many(_APPROVED),
    }
    return StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters)


def _find_by_reference(entry: Entry) -> StoredQuery:
    parameters = {**_find(entry).parameters, "$XDSDocumentEntryReferenceIdList": _many(entry.reference_id.text)}
    return StoredQuery(query_id=FIND_DOCUMENTS_BY_REFERENCE_ID.query_id, parameters=parameters)


def _get(*entries: Entry) -> StoredQuery:
    unique_ids = _many(*(entry.unique_id for entry in entries))
    return StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters={"$XDSDocumentEntryUniqueId": unique_ids})


CASES = (
    Case(
        "FindDocuments",
        _find,
        _OF_PATIENT + "ORDER BY row_id",
        lambda e: (e.patient_id.key, _APPROVED, DocumentEntryType.STABLE),
    ),
    Case("GetDocuments, 1", _get, _BY_UNIQUE_ID + "= ?", lambda e: (e.unique_id,)),
    Case(
        f"GetDocuments, {PER_PATIENT}",
        lambda e: _get(*e.of_patient),
        _BY_UNIQUE_ID + f"IN ({', '.join('?' * PER_PATIENT)}) ORDER BY row_id",
        lambda e: tuple(other.unique_id for other in e.of_patient),
    ),
    Case(
        "FindDocumentsByReferenceId",
        _find_by_reference,
        _OF_PATIENT + "AND instr(reference_id_list, ?) > 0 ORDER BY row_id",
        lambda e: (
            e.patient_id.key,
            _APPROVED,
            DocumentEntryType.STABLE,
            f"{SEPARATOR}{e.reference_id.text}{SEPARATOR}",
        ),
    ),
)

Fetch = Callable[[str, tuple[str, ...]], list[tuple[Any, ...]]]
"""Runs SQL on the database's own driver and returns all rows."""


@dataclass(frozen=True)
class Filled:
    """A registry that was filled, its server, and the way past it."""

    registry: str
    fetch: Fetch
    gibibytes: float


@contextmanager
def _sqlite(folder: Path, count: int) -> Iterator[Filled]:
    data = folder / "data"
    fill(data, count)
    file = data / "xds.sqlite3"
    with serving(data) as server, closing(sqlite3.connect(file)) as connection:
        yield Filled(
            server.registry, lambda sql, values: connection.execute(sql, values).fetchall(), file.stat().st_size / 2**30
        )


@contextmanager
def _postgresql(folder: Path, count: int) -> Iterator[Filled]:
    with closing(Cluster()) as cluster:
        url = cluster.new_database()
        fill(folder / "data", count, url)
        config = folder / "site.toml"
        config.write_text(f'[registry]\ndatabase = "{url}"\n')
        with (
            psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection,
            serving(folder / "data", "--config", str(config)) as server,
        ):
            # The server's housekeeping does this by itself, at a moment of its own.
            connection.execute("VACUUM ANALYZE")
            (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)

            def fetch(sql: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
                text = sql.replace("?", "%s").replace("instr(", "strpos(")
                return connection.execute(text.encode(), values).fetchall()

            yield Filled(server.registry, fetch, size / 2**30)


DATABASES = {"sqlite": _sqlite, "postgresql": _postgresql}


def _message(query: StoredQuery) -> bytes:
    xml = "".join(iti18.encode_request(query).xml)
    return write_envelope(xml, action=ITI_18.request_action, message_id=new_message_id(), to="http://127.0.0.1/xds")


def measure(filled: Filled, case: Case, count: int, queries: int) -> tuple[float, float]:
    """Ask `queries` times; returns the medians of the whole exchange and of the bare SQL, in milliseconds."""
    numbers = random.Random(count)
    parts = urlsplit(filled.registry)
    exchanges, bare = [], []
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection:
        for turn in range(queries + _WARM_UP):
            entry = Entry(numbers.randrange(count), count)
            message, values = _message(case.ask(entry)), case.values(entry)
            started = time.perf_counter()
            connection.request("POST", parts.path, message, {"Content-Type": SIMPLE_CONTENT_TYPE})
            answer = connection.getresponse().read()
            answered = time.perf_counter()
            rows = filled.fetch(case.sql, values)
            fetched = time.perf_counter()
            expected = "".join(insert_status(leaf, _APPROVED) for (leaf,) in rows).encode()
            if not rows or expected not in answer:
                raise SystemExit(f"{case.name}: an answer differs from the {len(rows)} stored objects")
            if turn >= _WARM_UP:
                exchanges.append((answered - started) * 1000)
                bare.append((fetched - answered) * 1000)
    return statistics.median(exchanges), statistics.median(bare)


def http_alone(filled: Filled, requests: int) -> float:
    """The median of a request that does nothing, in milliseconds."""
    parts, taken = urlsplit(filled.registry), []
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection:
        for _ in range(requests):
            started = time.perf_counter()
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def _report(filled: Filled, count: int, queries: int, first: dict[str, float]) -> None:
    for case in CASES:
        whole, bare = measure(filled, case, count, queries)
        growth = whole / first.setdefault(case.name, whole)
        print(
            f"{case.name:27} p50 {whole:6.2f} ms   bare SQL {bare:6.3f} ms"
            f"   {whole / bare:5.1f} times the bare SQL   {growth:.2f} times the first size",
            flush=True,
        )


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    for name in options.database:
        first: dict[str, float] = {}
        for count in options.entries:
            started = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder, DATABASES[name](Path(folder), count) as filled:
                taken = time.perf_counter() - started
                print(f"{name}, {count} entries, {filled.gibibytes:.1f} GiB, filled in {taken:.0f} s", flush=True)
                print(f"{'HTTP alone':27} p50 {http_alone(filled, options.queries):6.2f} ms", flush=True)
                _report(filled, count, options.queries, first)


if __name__ == "__main__":
    main()
