"""Stored queries on 100,000 and on 1,000,000 entries: over HTTP, whole answers compared, beside the bare SQL.

For each database and size a registry is filled (50 documents a patient, scattered as they come in over the years,
leaves as the registry writes them; PostgreSQL, a server of its own, then runs VACUUM ANALYZE), and these queries are
asked of `serve`: FindDocuments of a patient, GetDocuments by one uniqueId and by the 50 of a patient, and
FindDocumentsByReferenceId by an accession number. Each answer is compared with the stored leaves.

In turn with the queries the same rows are fetched by the database's own driver (the baseline), and GET /health/live is
asked on the same connection (the floor: what an exchange costs that does nothing). Prints the medians, the ratio to the
baseline, and the growth from the first size to the last.

Run: python -m benchmarks.query_scale [--database sqlite postgresql] [--entries 100000 1000000] [--queries 200]
"""

from __future__ import annotations

import argparse
import http.client
import random
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.scale_entries import PER_PATIENT, Entry
from benchmarks.scale_stores import STORES, Fetch
from benchmarks.serving import Server, serving
from xds_adapter.ebxml import insert_status
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, new_message_id, write_envelope
from xds_adapter.storage.tables import SEPARATOR
from xds_adapter.transactions import iti18
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID, GET_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18

_WARMING = 20
_APPROVED = AvailabilityStatus.APPROVED
_OF_PATIENT = "SELECT leaf FROM document_entry WHERE patient_id = ? AND status = ? AND object_type = ? "


def _one(value: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot((value,)),)


def _many(*values: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot(values, listed=True),)


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


def _patient(entry: Entry) -> tuple[str, ...]:
    return entry.patient_id.key, _APPROVED, DocumentEntryType.STABLE


CASES = (
    Case("FindDocuments", _find, _OF_PATIENT + "ORDER BY row_id", _patient),
    Case("GetDocuments", _get, "SELECT leaf FROM document_entry WHERE unique_id = ?", lambda e: (e.unique_id,)),
    Case(
        f"GetDocuments, {PER_PATIENT} at once",
        lambda e: _get(*e.of_patient),
        f"SELECT leaf FROM document_entry WHERE unique_id IN ({', '.join('?' * PER_PATIENT)}) ORDER BY row_id",
        lambda e: tuple(one.unique_id for one in e.of_patient),
    ),
    Case(
        "FindDocumentsByReferenceId",
        _find_by_reference,
        _OF_PATIENT + "AND instr(reference_id_list, ?) > 0 ORDER BY row_id",
        lambda e: (*_patient(e), f"{SEPARATOR}{e.reference_id.text}{SEPARATOR}"),
    ),
)


def _message(query: StoredQuery) -> bytes:
    xml = "".join(iti18.encode_request(query).xml)
    return write_envelope(xml, action=ITI_18.request_action, message_id=new_message_id(), to="http://127.0.0.1/xds")


@dataclass(frozen=True)
class Medians:
    """Milliseconds: of the whole exchange, of the bare SQL, of an exchange that does nothing."""

    whole: float
    bare: float
    floor: float


def measure(server: Server, fetch: Fetch, case: Case, count: int, queries: int) -> Medians:
    """Ask `queries` times, and compare each answer."""
    numbers = random.Random(count)
    parts = urlsplit(server.registry)
    taken = []
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection:
        for _ in range(queries + _WARMING):
            entry = Entry(numbers.randrange(count), count)
            message = _message(case.ask(entry))
            started = time.perf_counter()
            connection.request("POST", parts.path, message, {"Content-Type": SIMPLE_CONTENT_TYPE})
            answer = connection.getresponse().read()
            answered = time.perf_counter()
            rows = fetch(case.sql, case.values(entry))
            fetched = time.perf_counter()
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            taken.append((answered - started, fetched - answered, time.perf_counter() - fetched))
            objects = "".join(insert_status(leaf, _APPROVED) for (leaf,) in rows)
            if not rows or f"<rim:RegistryObjectList>{objects}</rim:RegistryObjectList>".encode() not in answer:
                raise SystemExit(f"{case.name}: an answer differs from the {len(rows)} stored objects")
    return Medians(*(statistics.median(times) * 1000 for times in zip(*taken[_WARMING:], strict=True)))


def run(kind: str, sizes: list[int], queries: int) -> None:
    """Measure one kind of database at all sizes, and print its table."""
    first: dict[str, float] = {}
    for count in sizes:
        started = time.perf_counter()
        with STORES[kind](count) as store, serving(store.data, *store.options) as server:
            seconds = time.perf_counter() - started
            print(f"{kind}: {count} entries, {store.size / (1 << 30):.1f} GiB, filled in {seconds:.0f} s", flush=True)
            for case in CASES:
                p50 = measure(server, store.fetch, case, count, queries)
                growth = p50.whole / first.setdefault(case.name, p50.whole)
                print(
                    f"{case.name:27} p50 {p50.whole:6.2f} ms   bare SQL {p50.bare:6.3f} ms   floor {p50.floor:5.2f} ms"
                    f"   {p50.whole / p50.bare:5.1f} times the bare SQL   {growth:.2f} times the first size",
                    flush=True,
                )


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", nargs="+", choices=sorted(STORES), default=list(STORES))
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    for kind in options.database:
        run(kind, options.entries, options.queries)


if __name__ == "__main__":
    main()
