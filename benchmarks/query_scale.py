"""Stored queries on 100,000 and on 1,000,000 entries: over HTTP, whole answers compared, beside the bare SQL.

For each size a registry is filled (50 documents a patient, scattered as they come in over the years, leaves as the
registry writes them), and three queries are asked of `serve`: FindDocuments of a patient, GetDocuments by uniqueId, and
FindDocumentsByReferenceId by an accession number. Each answer is compared with the stored leaves. The baseline is the
same rows fetched by the database's own driver, in turn with the queries. Prints medians, the ratio to the baseline, and
the growth from the first size to the last.

Run: python -m benchmarks.query_scale [--entries 100000 1000000] [--queries 200]
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
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.messages import submission
from benchmarks.serving import Server, serving
from xds_adapter.datatypes import CX, CXi
from xds_adapter.ebxml import encode_leaf, insert_status
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.model.change import changed
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, new_message_id, write_envelope
from xds_adapter.storage import Database, Row, row_of
from xds_adapter.storage.tables import SEPARATOR
from xds_adapter.transactions import iti18
from xds_adapter.vocabulary.ebrim import DocumentEntryType, ReferenceIdType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS, FIND_DOCUMENTS_BY_REFERENCE_ID, GET_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18

PER_PATIENT = 50
_BATCH = 2_000
_APPROVED = AvailabilityStatus.APPROVED


@dataclass(frozen=True)
class Entry:
    """The ids of one entry among `count`."""

    number: int
    count: int

    @property
    def entry_uuid(self) -> str:
        """Its entryUUID."""
        return f"urn:uuid:00000000-0000-7000-8000-{self.number:012x}"

    @property
    def unique_id(self) -> str:
        """Its uniqueId."""
        return f"1.2.250.1.999.8.{self.number + 1_000_000_000}"

    @property
    def patient_id(self) -> CX:
        """Its patient; the documents of one do not lie side by side."""
        return CX(f"SCALE-{self.number % (self.count // PER_PATIENT) + 10_000_000}^^^&1.2.250.1.999.1.1.100&ISO")

    @property
    def reference_id(self) -> CXi:
        """The accession number of its examination."""
        number = self.number + 1_000_000_000
        return CXi(f"ACN-{number}^^^&1.2.250.1.999.1.3.27&ISO^{ReferenceIdType.ACCESSION}")


def _rows(count: int) -> Iterator[Row]:
    """Entries that differ in their ids and times only, so that the leaf of one serves as the form of all."""
    first = Entry(0, count)
    entry = changed(
        submission(first.unique_id, "1.2.3", b"").document_entries[0],
        entry_uuid=first.entry_uuid,
        logical_id=first.entry_uuid,
        version="1",
        hash="da39a3ee5e6b4b0d3255bfef95601890afd80709",
        size=51_200,
        repository_unique_id="1.2.250.1.999.5",
        patient_id=first.patient_id,
        reference_id_list=(first.reference_id,),
    )
    row = row_of(entry, encode_leaf(entry))
    form = (first.entry_uuid, first.unique_id, first.patient_id.id_number, first.reference_id.id_number)
    for number in range(count):
        one = Entry(number, count)
        leaf = row.columns["leaf"]
        ids = (one.entry_uuid, one.unique_id, one.patient_id.id_number, one.reference_id.id_number)
        for former, text in zip(form, ids, strict=True):
            leaf = leaf.replace(former, text)
        changes = {
            "entry_uuid": one.entry_uuid,
            "logical_id": one.entry_uuid,
            "unique_id": one.unique_id,
            "patient_id": one.patient_id.key,
            "creation_time": f"20{number % 20 + 10}{number % 12 + 1:02}{number % 28 + 1:02}000000",
            "reference_id_list": f"{SEPARATOR}{one.reference_id.text}{SEPARATOR}",
            "leaf": leaf,
        }
        yield Row(row.kind, row.columns | changes)


def fill(data: Path, count: int) -> None:
    """Fill a data folder with `count` entries and their patients."""
    database = Database(data)
    rows = _rows(count)
    while batch := list(islice(rows, _BATCH)):
        database.write(lambda transaction, batch=batch: transaction.registry.insert(batch))  # type: ignore[misc]
    patients = {Entry(number, count).patient_id.key for number in range(count // PER_PATIENT)}
    database.write(lambda transaction: transaction.registry.add_patients(patients))
    database.close()


def _one(value: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot((value,)),)


def _many(value: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot((value,), listed=True),)


_OF_PATIENT = "SELECT leaf FROM document_entry WHERE patient_id = ? AND status = ? AND object_type = ? "


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


def _get(entry: Entry) -> StoredQuery:
    return StoredQuery(
        query_id=GET_DOCUMENTS.query_id, parameters={"$XDSDocumentEntryUniqueId": _many(entry.unique_id)}
    )


CASES = (
    Case(
        "FindDocuments",
        _find,
        _OF_PATIENT + "ORDER BY row_id",
        lambda e: (e.patient_id.key, _APPROVED, DocumentEntryType.STABLE),
    ),
    Case("GetDocuments", _get, "SELECT leaf FROM document_entry WHERE unique_id = ?", lambda e: (e.unique_id,)),
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


def _message(query: StoredQuery) -> bytes:
    xml = "".join(iti18.encode_request(query).xml)
    return write_envelope(xml, action=ITI_18.request_action, message_id=new_message_id(), to="http://127.0.0.1/xds")


def measure(server: Server, data: Path, case: Case, count: int, queries: int) -> tuple[float, float]:
    """Ask `queries` times; returns the medians of the whole exchange and of the bare SQL, in milliseconds."""
    numbers = random.Random(count)
    parts = urlsplit(server.registry)
    exchanges, bare = [], []
    with (
        closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as connection,
        closing(sqlite3.connect(data / "xds.sqlite3")) as database,
    ):
        for turn in range(queries + 20):
            entry = Entry(numbers.randrange(count), count)
            message = _message(case.ask(entry))
            started = time.perf_counter()
            connection.request("POST", parts.path, message, {"Content-Type": SIMPLE_CONTENT_TYPE})
            answer = connection.getresponse().read()
            answered = time.perf_counter()
            rows = database.execute(case.sql, case.values(entry)).fetchall()
            fetched = time.perf_counter()
            expected = "".join(insert_status(leaf, _APPROVED) for (leaf,) in rows).encode()
            if not rows or expected not in answer:
                raise SystemExit(f"{case.name}: an answer differs from the {len(rows)} stored objects")
            if turn >= 20:  # the first ones warm up
                exchanges.append((answered - started) * 1000)
                bare.append((fetched - answered) * 1000)
    return statistics.median(exchanges), statistics.median(bare)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    first: dict[str, float] = {}
    for count in options.entries:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            started = time.perf_counter()
            fill(data, count)
            size = (data / "xds.sqlite3").stat().st_size / (1 << 30)
            print(f"{count} entries, {size:.1f} GiB, filled in {time.perf_counter() - started:.0f} s", flush=True)
            with serving(data) as server:
                for case in CASES:
                    whole, bare = measure(server, data, case, count, options.queries)
                    growth = whole / first.setdefault(case.name, whole)
                    print(
                        f"{case.name:27} p50 {whole:6.2f} ms   bare SQL {bare:6.3f} ms"
                        f"   {whole / bare:5.1f} times the bare SQL   {growth:.2f} times the first size",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
