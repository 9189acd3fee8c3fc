"""The entries of `query_scale`: which ids each has, and its row as the registry writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.messages import submission
from xds_adapter.datatypes import CX, CXi
from xds_adapter.ebxml import encode_leaf
from xds_adapter.model.change import changed
from xds_adapter.storage import Row, row_of
from xds_adapter.storage.tables import SEPARATOR
from xds_adapter.vocabulary.ebrim import ReferenceIdType

PER_PATIENT = 50
"""Documents of one patient."""


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
    def of_patient(self) -> tuple[Entry, ...]:
        """All entries of its patient, oldest first."""
        patients = self.count // PER_PATIENT
        return tuple(Entry(number, self.count) for number in range(self.number % patients, self.count, patients))

    @property
    def reference_id(self) -> CXi:
        """The accession number of its examination."""
        number = self.number + 1_000_000_000
        return CXi(f"ACN-{number}^^^&1.2.250.1.999.1.3.27&ISO^{ReferenceIdType.ACCESSION}")


def rows(count: int) -> Iterator[Row]:
    """Yield the rows of `count` entries: they differ in their ids and times only, so one leaf is the form of all."""
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


def patients(count: int) -> set[str]:
    """The patients of `count` entries, by `CX.key`."""
    return {Entry(number, count).patient_id.key for number in range(count // PER_PATIENT)}
