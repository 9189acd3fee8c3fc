"""What the actors do when disk or database fail at the worst moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import PATIENT, make_document_entry
from tests.flow.submissions import numbered, unique_id
from xds_adapter.actors import DocumentRegistry, DocumentRepository, LeafCodec, LocalRegistration, RemoteRegistration
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.errors import ConnectionLost, RemoteFault, StorageUnavailable
from xds_adapter.model import Outcome, QueryResult, StoredQuery, Submission, finding
from xds_adapter.storage import Database

REPOSITORY = "1.2.250.1.999.5"
LARGE = b"L" * 200_000


class FakeRegistry:
    """Answers as told."""

    def __init__(self) -> None:
        self.outcome = Outcome.of(())
        self.registered: list[Submission] = []
        self.answers: list[Exception] = []
        self.asked = 0

    def register(self, submission: Submission) -> Outcome:
        if self.outcome.is_success:
            self.registered.append(submission)
        if self.answers:
            raise self.answers.pop(0)
        return self.outcome

    def query(self, query: StoredQuery) -> QueryResult:
        self.asked += 1
        if self.answers:
            raise self.answers.pop(0)
        (slots,) = query.parameters.values()
        entries = tuple(e for s in self.registered for e in s.document_entries if e.unique_id in slots[0].values)
        return QueryResult(outcome=self.outcome, document_entries=entries)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "data")
    yield database
    database.close()


def remote(database: Database) -> tuple[FakeRegistry, RemoteRegistration, DocumentRepository]:
    registry = FakeRegistry()
    registration = RemoteRegistration(registry, database, REPOSITORY, grace_s=0)
    return registry, registration, DocumentRepository(database, registration, REPOSITORY)


def pending(database: Database) -> list[str]:
    with database.reading() as transaction:
        return [document.document_unique_id for document in transaction.documents.pending()]


def failing(*_: object) -> None:
    raise StorageUnavailable("the disk is full")


def test_documents_staged_before_one_that_fails_are_discarded(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, repository = remote(database)
    submission = numbered(1, LARGE)
    (document,) = submission.documents
    two = Submission(
        submission_set=submission.submission_set,
        document_entries=(*submission.document_entries, make_document_entry(entry_uuid="D2", hash=None, size=None)),
        documents=(document, type(document)(document_id="D2", content=document.content)),
    )
    stage, count = database.contents.stage, iter(range(9))
    monkeypatch.setattr(database.contents, "stage", lambda content: failing() if next(count) else stage(content))
    with pytest.raises(StorageUnavailable, match="disk is full"):
        repository.provide_and_register(two)
    assert [] == list((tmp_path / "data" / "staging").iterdir())


@pytest.mark.parametrize("decided", [Outcome.of(()), Outcome.of([finding("REG-001", "is unknown")])])
def test_a_decision_that_cannot_be_noted_stands_and_is_noted_later(
    database: Database, monkeypatch: pytest.MonkeyPatch, decided: Outcome
) -> None:
    registry, registration, repository = remote(database)
    registry.outcome = decided
    monkeypatch.setattr(registration, "_bind", failing)
    monkeypatch.setattr(registration, "_drop", failing)
    assert decided == repository.provide_and_register(numbered(1, LARGE))
    assert [unique_id(1)] == pending(database)
    monkeypatch.undo()
    registry.outcome = Outcome.of(())
    assert (0, []) == (registration.settle(), pending(database))
    with database.reading() as transaction:
        assert decided.is_success == (transaction.documents.bound_content(unique_id(1)) is not None)


def test_a_registry_that_refuses_to_be_asked_leaves_the_outcome_open(database: Database) -> None:
    registry, registration, repository = remote(database)
    registry.answers = [ConnectionLost("broke"), RemoteFault("fault")]
    assert "REPO-006" == repository.provide_and_register(numbered(1, LARGE)).errors[0].rule
    assert 1 == registration.settle()
    registry.outcome = Outcome.of([finding("SQ-001", "is unknown")])
    assert (1, [unique_id(1)]) == (registration.settle(), pending(database))


def test_a_registry_that_is_away_is_asked_once_a_round(database: Database) -> None:
    registry, registration, repository = remote(database)
    for number in range(3):
        registry.answers = [ConnectionLost("broke")]
        repository.provide_and_register(numbered(number, b"x"))
    registry.answers = [ConnectionLost("broke", sent=False)]
    registry.asked = 0
    assert (3, 1) == (registration.settle(), registry.asked)
    assert 0 == registration.settle()


def test_what_is_stored_under_a_unique_id_decides_although_no_entry_names_it(database: Database) -> None:
    """A document may be bound whose entry another registry holds: its bytes are not replaced."""
    _, _, elsewhere = remote(database)
    assert elsewhere.provide_and_register(numbered(1, LARGE)).is_success
    registry = DocumentRegistry(database, LeafCodec(encode_leaf, decode_leaf))
    registry.add_patients([PATIENT.key])
    here = DocumentRepository(database, LocalRegistration(registry, LeafCodec(encode_leaf, decode_leaf)), REPOSITORY)
    outcome = here.provide_and_register(numbered(1, b"other"))
    assert [("REG-003", f"DocumentEntry {unique_id(1)}", "uniqueId")] == [
        (error.rule, error.object_id, error.attribute) for error in outcome.errors
    ]
    assert here.provide_and_register(numbered(1, LARGE)).is_success


def test_two_judges_at_once_do_no_harm(database: Database) -> None:
    registry, registration, repository = remote(database)
    for number in range(20):
        registry.answers = [ConnectionLost("broke")]
        repository.provide_and_register(numbered(number, b"x" * number))
    threads = [threading.Thread(target=registration.settle) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == pending(database)
    with database.reading() as transaction:
        assert all(transaction.documents.bound_content(unique_id(number)) for number in range(20))
