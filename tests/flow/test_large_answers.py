"""An answer of many objects is sent whole while the server's memory stays flat."""

from __future__ import annotations

from pathlib import Path

from benchmarks.serving import add_patient, post, serving
from tests.factories import PATIENT, make_document_entry
from tests.flow.submissions import plain
from xds_adapter.ebxml import encode_leaf
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.storage import Database, row_of
from xds_adapter.transactions import iti18
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS
from xds_adapter.vocabulary.transactions import ITI_18

MANY = 8_000
MIB = 1 << 20


def resident(pid: int) -> int:
    """Peak of the resident set, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel tells no peak")


def fill(data: Path) -> None:
    database = Database(data)
    entries = (
        make_document_entry(entry_uuid=f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-{number:012x}", unique_id=f"1.2.3.{number}")
        for number in range(MANY)
    )
    rows = [row_of(entry, encode_leaf(entry)) for entry in entries]
    database.write(lambda transaction: transaction.registry.insert(rows))
    database.close()


def test_a_large_answer_needs_little_memory(tmp_path: Path) -> None:
    data = tmp_path / "data"
    add_patient(data, PATIENT.text)
    fill(data)
    parameters = {
        "$XDSDocumentEntryPatientId": (ParameterSlot((PATIENT.text,)),),
        "$XDSDocumentEntryStatus": (ParameterSlot((AvailabilityStatus.APPROVED,), listed=True),),
    }
    query = plain(iti18.encode_request(StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters)), ITI_18)
    with serving(data) as server:
        before = resident(server.process.pid)
        status, answer = post(server.registry, *query)
        grown = resident(server.process.pid) - before
    assert (200, MANY) == (status, answer.count(b"<rim:ExtrinsicObject "))
    assert [] == list((data / "spool").rglob("*.part"))
    assert grown < 32 * MIB < len(answer), f"an answer of {len(answer) / MIB:.0f} MiB: server +{grown / MIB:.1f} MiB"
