"""Each rule on a submission and its documents: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, make_document_entry, make_submission
from tests.rule_cases import Case, found
from xds_adapter.model import DocumentEntry, Submission, SubmittedDocument
from xds_adapter.rules import check_documents
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary.ebrim import DocumentEntryType

CONTENT = BytesContent(b"a report")
SHA1 = CONTENT.sha1
ENTRY = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"


def entry(**changes: Any) -> DocumentEntry:
    return make_document_entry(**({"hash": SHA1, "size": 8} | changes))


def provided(*document_ids: str, entries: tuple[DocumentEntry, ...] = (entry(),)) -> Submission:
    documents = tuple(SubmittedDocument(document_id=document_id, content=CONTENT) for document_id in document_ids)
    return make_submission(document_entries=entries, documents=documents)


VALID = provided("Document01")
SECOND = entry(entry_uuid="Document02", unique_id="1.2.3")
CASES = [
    Case(
        rule="REPO-001",
        name="no document",
        right=VALID,
        wrong=provided(),
        code="XDSMissingDocument",
        object_id=ENTRY,
    ),
    Case(
        rule="REPO-001",
        name="a second entry",
        right=provided("Document01", "Document02", entries=(entry(), SECOND)),
        wrong=provided("Document01", entries=(entry(), SECOND)),
        code="XDSMissingDocument",
        object_id="DocumentEntry 1.2.3",
    ),
    Case(
        rule="REPO-001",
        name="an entry without id",
        right=VALID,
        wrong=provided(entries=(entry(entry_uuid=None),)),
        code="XDSMissingDocument",
        object_id=ENTRY,
    ),
    Case(
        rule="REPO-002",
        name="no entry",
        right=VALID,
        wrong=provided("Document01", "Document02"),
        code="XDSMissingDocumentMetadata",
        object_id="Document Document02",
    ),
    Case(
        rule="REPO-002",
        name="two documents of one id",
        right=VALID,
        wrong=provided("Document01", "Document01"),
        code="XDSMissingDocumentMetadata",
        object_id="Document Document01",
    ),
    Case(
        rule="REPO-003",
        name="hash",
        right=provided("Document01", entries=(entry(hash=SHA1.upper()),)),
        wrong=provided("Document01", entries=(entry(hash="0" * 40),)),
        code="XDSRepositoryMetadataError",
        object_id=ENTRY,
        attribute="hash",
        value="0" * 40,
    ),
    Case(
        rule="REPO-004",
        name="size",
        right=VALID,
        wrong=provided("Document01", entries=(entry(size=0),)),
        code="XDSRepositoryMetadataError",
        object_id=ENTRY,
        attribute="size",
        value="0",
    ),
    Case(
        rule="REPO-005",
        name="uniqueId",
        right=provided("Document01", "Document02", entries=(entry(), SECOND)),
        wrong=provided(
            "Document01",
            "Document02",
            entries=(entry(), entry(entry_uuid="Document02")),
        ),
        code="XDSRepositoryDuplicateUniqueIdInMessage",
        attribute="uniqueId",
        value=DOCUMENT_UNIQUE_ID,
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == found(check_documents(case.right))


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == found(check_documents(case.wrong))


def test_hash_and_size_may_be_left_to_the_repository() -> None:
    assert [] == found(check_documents(provided("Document01", entries=(entry(hash=None, size=None),))))


def test_an_on_demand_entry_has_no_document() -> None:
    on_demand = entry(object_type=DocumentEntryType.ON_DEMAND)
    assert [] == found(check_documents(provided(entries=(on_demand,))))


def test_entries_without_a_unique_id_are_not_equal() -> None:
    entries = (entry(unique_id=None), entry(entry_uuid="Document02", unique_id=None))
    assert [] == found(check_documents(provided("Document01", "Document02", entries=entries)))
