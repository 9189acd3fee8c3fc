"""ITI-61 as the registry takes it: on-demand entries, whose uniqueId is no stable document's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, PATIENT, make_document_entry, make_submission, make_submission_set
from xds_adapter.actors import DocumentRegistry, LeafCodec
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.model import DocumentEntry, ParameterSlot, StoredQuery, Submission
from xds_adapter.rules import REGISTER_ON_DEMAND
from xds_adapter.storage import Database
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS

ON_DEMAND = DocumentEntryType.ON_DEMAND


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DocumentRegistry]:
    database = Database(tmp_path / "data")
    registry = DocumentRegistry(database, LeafCodec(encode_leaf, decode_leaf))
    registry.add_patients([PATIENT.key])
    yield registry
    database.close()


def submission(number: int, **changes: Any) -> Submission:
    given = {"object_type": ON_DEMAND, "creation_time": None, "hash": None, "size": None} | changes
    return make_submission(
        submission_set=make_submission_set(unique_id=f"1.2.250.1.999.30.{number}"),
        document_entries=(make_document_entry(**given),),
    )


def find(registry: DocumentRegistry, *types: str) -> list[DocumentEntry]:
    parameters = {
        "$XDSDocumentEntryPatientId": (ParameterSlot((PATIENT.text,)),),
        "$XDSDocumentEntryStatus": (ParameterSlot((AvailabilityStatus.APPROVED,), listed=True),),
    }
    if types:
        parameters["$XDSDocumentEntryType"] = (ParameterSlot(types, listed=True),)
    query = StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters)
    _, objects = registry.query(query, (), list)
    found = [decode_leaf(stored.leaf) for stored in objects or ()]
    return [entry for entry in found if isinstance(entry, DocumentEntry)]


def test_an_on_demand_entry_is_registered_and_found_when_its_type_is_asked_for(registry: DocumentRegistry) -> None:
    assert registry.register(submission(1), profile=REGISTER_ON_DEMAND).is_success
    assert [] == find(registry)
    (entry,) = find(registry, ON_DEMAND)
    assert (DOCUMENT_UNIQUE_ID, ON_DEMAND, None, None, None, "1", entry.entry_uuid) == (
        entry.unique_id,
        entry.object_type,
        entry.creation_time,
        entry.hash,
        entry.size,
        entry.version,
        entry.logical_id,
    )


def test_a_second_on_demand_entry_may_have_the_same_unique_id(registry: DocumentRegistry) -> None:
    for number in (1, 2):
        assert registry.register(submission(number), profile=REGISTER_ON_DEMAND).is_success
    assert 2 == len(find(registry, ON_DEMAND))


def test_a_unique_id_is_stable_or_on_demand(registry: DocumentRegistry) -> None:
    stable = replace(submission(1), document_entries=(make_document_entry(),))
    assert registry.register(stable).is_success
    outcome = registry.register(submission(2), profile=REGISTER_ON_DEMAND)
    assert [("OD-004", "XDSDuplicateUniqueIdInRegistry")] == [(e.rule, e.code) for e in outcome.errors]
    assert 1 == len(find(registry, *DocumentEntryType))


def test_each_transaction_refuses_the_entries_of_the_other(registry: DocumentRegistry) -> None:
    assert "META-027" in [error.rule for error in registry.register(submission(1)).errors]
    stable = replace(submission(1), document_entries=(make_document_entry(),))
    outcome = registry.register(stable, profile=REGISTER_ON_DEMAND)
    assert ["OD-001", "OD-003", "OD-003", "OD-003"] == [error.rule for error in outcome.errors]
