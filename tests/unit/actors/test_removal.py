"""ITI-62 and ITI-86 as the actors carry them out: all or nothing, recorded, and no byte stays behind."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories import (
    PATIENT,
    REPOSITORY_UNIQUE_ID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
)
from tests.flow.submissions import numbered, unique_id
from xds_adapter.actors import (
    DocumentRegistry,
    DocumentRemoval,
    DocumentRepository,
    LeafCodec,
    LocalRegistration,
    MetadataRemoval,
)
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import (
    Association,
    DocumentRequest,
    Outcome,
    RegistryError,
    RetrievedDocument,
    Submission,
    finding,
)
from xds_adapter.soap import BytesContent
from xds_adapter.storage import BoundDocument, Database, Transaction, scrub

SMALL = b"a small report, marked 7b1f0c9e5d"
LARGE = b"a large report, marked 93ac41d7f2" * 9000
TABLES = ("document_entry", "submission_set", "folder", "association")
MIDDLE = b"a middling report, marked 55e0a8c1" * 3000
documents = pytest.mark.parametrize("content", [SMALL, MIDDLE, LARGE], ids=["small", "middle", "large"])
"""In a cell of a database page, in pages of the database, in a file."""


@dataclass(frozen=True)
class Held:
    """The actors over one data folder."""

    folder: Path
    database: Database
    registry: DocumentRegistry
    repository: DocumentRepository
    metadata: MetadataRemoval
    documents: DocumentRemoval

    @classmethod
    def over(cls, folder: Path, database: Database) -> Held:
        registry = DocumentRegistry(database, LeafCodec(encode_leaf, decode_leaf), unknown_patients=True)
        repository = DocumentRepository(
            database, LocalRegistration(registry, LeafCodec(encode_leaf, decode_leaf)), REPOSITORY_UNIQUE_ID
        )
        removal = DocumentRemoval(database, REPOSITORY_UNIQUE_ID)
        return cls(folder, database, registry, repository, MetadataRemoval(database), removal)

    def provide(self, number: int, content: bytes) -> Outcome:
        return self.repository.provide_and_register(numbered(number, content))

    def remove(self, *numbers: int) -> Outcome:
        return self.documents.remove_documents([request(number) for number in numbers])

    def retrieve(self, number: int) -> bytes | None:
        (found,) = self.repository.find([request(number)])
        return b"".join(found.content.chunks()) if isinstance(found, RetrievedDocument) else None

    def count(self, table: str) -> int:
        with self.database.reading() as transaction:
            count: int = transaction.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            return count

    def counts(self) -> list[int]:
        return [self.count(table) for table in TABLES]

    def removals(self) -> list[tuple[str, str, str | None, str]]:
        with self.database.reading() as transaction:
            rows = transaction.connection.exec_driver_sql(
                'SELECT kind, removed_id, sha1, "transaction" FROM removal ORDER BY row_id'
            )
            return [tuple(row) for row in rows]

    def traces(self, content: bytes) -> list[str]:
        """The files of the data folder that hold a part of a document."""
        return [path.name for path in self.folder.rglob("*") if path.is_file() and content[:32] in path.read_bytes()]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    database = Database(tmp_path / "data", exclusive=True)
    yield Held.over(tmp_path / "data", database)
    database.close()


def request(number: int, repository: str = REPOSITORY_UNIQUE_ID) -> DocumentRequest:
    return DocumentRequest(repository_unique_id=repository, document_unique_id=unique_id(number))


def rules(outcome: Outcome) -> list[str]:
    return [error.rule for error in outcome.errors]


# ITI-62


def uuid(number: int) -> str:
    return f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad{number:05}"


SET, ENTRY, FOLDER, SS_DE, SS_FD, FD_DE, SS_HM = (uuid(number) for number in range(7))


def with_folder() -> Submission:
    def link(entry_uuid: str, source: str, target: str, status: str | None = None) -> Association:
        return make_association(
            entry_uuid=entry_uuid, source_object=source, target_object=target, submission_set_status=status
        )

    return make_submission(
        submission_set=make_submission_set(entry_uuid=SET),
        document_entries=(make_document_entry(entry_uuid=ENTRY),),
        folders=(make_folder(entry_uuid=FOLDER),),
        associations=(
            link(SS_DE, SET, ENTRY, "Original"),
            link(SS_FD, SET, FOLDER),
            link(FD_DE, FOLDER, ENTRY),
            link(SS_HM, SET, FD_DE),
        ),
    )


def test_objects_of_every_kind_go_at_once_and_are_recorded(held: Held) -> None:
    assert held.registry.register(with_folder()).is_success
    assert held.metadata.remove_metadata([SET, ENTRY, FOLDER, SS_DE, SS_FD, FD_DE, SS_HM, SET]).is_success
    assert [0, 0, 0, 0] == held.counts()
    kinds = {SET: "SubmissionSet", ENTRY: "DocumentEntry", FOLDER: "Folder"}
    wanted = {(kinds.get(one, "Association"), one, None, "ITI-62") for one in (uuid(n) for n in range(7))}
    assert (7, wanted) == (len(held.removals()), set(held.removals()))


def test_a_membership_goes_with_its_link_and_folder_and_entry_stay(held: Held) -> None:
    assert held.registry.register(with_folder()).is_success
    assert held.metadata.remove_metadata([FD_DE, SS_HM]).is_success
    assert [1, 1, 1, 2] == held.counts()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([uuid(99)], ["RM-002"]),
        ([SET], ["RM-003"] * 3),
        ([SS_DE, SS_FD, SS_HM, FD_DE, ENTRY, FOLDER], ["RM-004"]),
        ([SS_HM], ["RM-004"]),
        ([FD_DE], ["RM-003"]),
        ([uuid(99), ENTRY], ["RM-002", "RM-003", "RM-003"]),
    ],
    ids=["unknown", "a set with members", "all but the set", "a link", "a linked membership", "two faults"],
)
def test_a_refused_removal_changes_nothing(held: Held, named: list[str], expected: list[str]) -> None:
    assert held.registry.register(with_folder()).is_success
    assert expected == rules(held.metadata.remove_metadata(named))
    assert ([1, 1, 1, 4], []) == (held.counts(), held.removals())


def test_what_the_decoder_found_is_answered_with_the_rest(held: Held) -> None:
    assert held.registry.register(with_folder()).is_success
    form = [finding("RM-001", "is wrong")]
    assert ["RM-001", "RM-002"] == rules(held.metadata.remove_metadata([uuid(99)], form))
    everything = [uuid(number) for number in range(7)]
    assert ["RM-001"] == rules(held.metadata.remove_metadata(everything, form))
    assert [1, 1, 1, 4] == held.counts()


def test_a_removed_unique_id_can_be_submitted_again(held: Held) -> None:
    everything = [uuid(number) for number in range(7)]
    for _ in range(2):
        assert held.registry.register(with_folder()).is_success
        assert held.metadata.remove_metadata(everything).is_success
    assert 14 == len(held.removals())


def test_a_list_longer_than_a_statement_takes_is_removed(held: Held) -> None:
    count = 1200
    entries = [make_document_entry(entry_uuid=uuid(1000 + n), unique_id=f"1.2.250.1.999.2.{n}") for n in range(count)]
    links = [
        make_association(entry_uuid=uuid(5000 + n), source_object=SET, target_object=entry.entry_uuid)
        for n, entry in enumerate(entries)
    ]
    submission = make_submission(
        submission_set=make_submission_set(entry_uuid=SET),
        document_entries=tuple(entries),
        associations=tuple(links),
    )
    assert held.registry.register(submission).is_success
    named = [o.entry_uuid or "" for o in submission.objects()]
    assert ["RM-004"] == rules(held.metadata.remove_metadata(set(named) - {SET}))
    assert held.metadata.remove_metadata(named).is_success
    assert ([0, 0, 0, 0], 2 * count + 1) == (held.counts(), len(held.removals()))


def test_removed_metadata_leave_no_trace(held: Held) -> None:
    assert held.registry.register(with_folder()).is_success
    assert [] != held.traces(PATIENT.id_number.encode())
    assert held.metadata.remove_metadata([uuid(number) for number in range(7)]).is_success
    assert [] == held.traces(PATIENT.id_number.encode())


# ITI-86


@documents
def test_a_removed_document_leaves_no_trace_and_its_metadata_stay(held: Held, content: bytes) -> None:
    assert held.provide(1, content).is_success
    assert [] != held.traces(content)
    assert held.remove(1, 1).is_success
    assert ([], None, 1) == (held.traces(content), held.retrieve(1), held.count("document_entry"))
    sha1 = BytesContent(content).sha1
    assert [("Document", unique_id(1), sha1, "ITI-86")] == held.removals()
    assert ([0, 0], 0) == ([held.count("document"), held.count("content")], held.count("setting"))


@documents
def test_a_document_among_many_leaves_no_trace(held: Held, content: bytes) -> None:
    """Pages are split and merged around it."""
    for number in range(1, 60):
        assert held.provide(number, b"other %d " % number * (number * 40)).is_success
        if number % 20 == 0:
            assert held.provide(number + 100, content + b"%d" % number).is_success
    assert held.remove(*range(5, 55), 120, 140).is_success
    assert ([], b"other 3 " * 120) == (held.traces(content), held.retrieve(3))


@documents
def test_bytes_that_another_document_has_as_well_stay(held: Held, content: bytes) -> None:
    assert held.provide(1, content).is_success
    assert held.provide(2, content).is_success
    assert held.remove(1).is_success
    assert (None, content) == (held.retrieve(1), held.retrieve(2))
    assert held.remove(2).is_success
    assert [] == held.traces(content)


def test_bytes_that_wait_for_a_registration_stay(held: Held) -> None:
    assert held.provide(1, LARGE).is_success
    staged = held.database.contents.stage(BytesContent(LARGE))
    pending = BoundDocument(document_unique_id=unique_id(2), mime_type="text/xml", staged=staged)
    held.database.write(lambda transaction: transaction.documents.add_pending([pending], "1.2"))
    held.database.contents.discard(staged)
    assert held.remove(1).is_success
    assert LARGE == held.retrieve(2)


def test_a_document_whose_registration_is_open_cannot_be_removed(held: Held) -> None:
    staged = held.database.contents.stage(BytesContent(SMALL))
    pending = BoundDocument(document_unique_id=unique_id(1), mime_type="text/xml", staged=staged)
    held.database.write(lambda transaction: transaction.documents.add_pending([pending], "1.2"))
    outcome = held.remove(1)
    assert [("RM-007", "XDSRemoveDocumentsError")] == [(e.rule, e.code) for e in outcome.errors]
    assert SMALL == held.retrieve(1)


def test_one_fault_keeps_every_document_of_the_request(held: Held) -> None:
    assert held.provide(1, SMALL).is_success
    outcome = held.documents.remove_documents([request(1), request(2), request(1, "1.2.3"), request(2)])
    expected = [("RM-006", "XDSDocumentUniqueIdError"), ("RM-005", "XDSUnknownRepositoryId")]
    assert expected == [(error.rule, error.code) for error in outcome.errors]
    assert (SMALL, []) == (held.retrieve(1), held.removals())


def test_a_removed_document_is_said_to_be_removed(held: Held) -> None:
    assert held.provide(1, SMALL).is_success
    assert held.remove(1).is_success
    for number, words in ((1, "was removed from this repository"), (2, "is not stored in this repository")):
        (error,) = held.repository.find([request(number)])
        assert isinstance(error, RegistryError)
        assert ("XDSDocumentUniqueIdError", True) == (error.code, words in error.code_context)
    assert ["RM-006"] == rules(held.remove(1))


@documents
def test_a_removed_document_may_be_provided_again(held: Held, content: bytes) -> None:
    """With the same bytes: its entry, which stays in the registry, still has their hash."""
    assert held.provide(1, content).is_success
    assert held.remove(1).is_success
    again = numbered(1, content, set_number=2)
    assert held.repository.provide_and_register(again).is_success
    assert content == held.retrieve(1)
    assert held.remove(1).is_success
    other = numbered(1, b"other", set_number=3)
    assert ["XDSNonIdenticalHash"] == [e.code for e in held.repository.provide_and_register(other).errors]
    assert [] == held.traces(content)


@documents
def test_removal_and_a_new_submission_of_the_same_bytes_do_not_disturb_each_other(held: Held, content: bytes) -> None:
    rounds = 25
    assert held.provide(0, content).is_success
    failures: list[str] = []

    def provide() -> None:
        for number in range(1, rounds):
            if not held.provide(number, content).is_success or held.retrieve(number) != content:
                failures.append(f"provided {number}")
            provided.release()

    provided = threading.Semaphore(1)
    thread = threading.Thread(target=provide)
    thread.start()
    for number in range(rounds - 1):
        provided.acquire()
        if not held.remove(number).is_success:
            failures.append(f"removed {number}")
    thread.join()
    assert ([], content) == (failures, held.retrieve(rounds - 1))
    assert held.remove(rounds - 1).is_success
    assert [] == held.traces(content)


def test_a_reader_of_an_older_state_delays_the_scrubbing_only(held: Held) -> None:
    assert held.provide(1, SMALL).is_success
    with held.database.reading() as transaction:
        assert transaction.documents.find(unique_id(1)) is not None
        held.database.write(lambda transaction: transaction.documents.unbind(unique_id(1)))
        assert not held.database.scrub(wait_s=0)
        assert [] != held.traces(SMALL)
    assert held.database.scrub()
    assert [] == held.traces(SMALL)


def test_what_a_reader_delayed_is_done_without_further_requests(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "_LATER_S", 0.02)
    assert held.provide(1, SMALL).is_success
    with held.database.reading() as transaction:
        assert transaction.documents.find(unique_id(1)) is not None
        held.database.write(lambda transaction: transaction.documents.unbind(unique_id(1)))
        assert not held.database.scrub(wait_s=0)
    for _ in range(500):
        if not held.traces(SMALL):
            break
        threading.Event().wait(0.02)
    assert [] == held.traces(SMALL)


@documents
def test_a_removal_that_a_crash_cut_short_is_finished_at_the_next_start(tmp_path: Path, content: bytes) -> None:
    database = Database(tmp_path / "data", exclusive=True)
    held = Held.over(tmp_path / "data", database)
    assert held.provide(1, content).is_success
    orphans = database.write(lambda transaction: transaction.documents.unbind(unique_id(1)))
    assert (1, orphans) == (len(orphans), _noted(database))
    # The process dies here: neither is the file removed nor the log emptied.
    crashed = shutil.copytree(tmp_path / "data", tmp_path / "crashed")
    database.close()
    again = Database(crashed, exclusive=True)
    assert ([], []) == (Held.over(crashed, again).traces(content), _noted(again))
    again.close()


def _noted(database: Database) -> list[bytes]:
    with database.reading() as transaction:
        return transaction.documents.noted()


def test_a_disk_that_keeps_the_file_does_not_undo_the_removal(
    held: Held, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_: Iterable[bytes]) -> None:
        raise StorageUnavailable("the disk is out of order")

    assert held.provide(1, LARGE).is_success
    monkeypatch.setattr(held.database, "collect", failing)
    monkeypatch.setattr(held.database, "scrub", lambda: failing([]))
    assert held.remove(1).is_success
    assert ["the files of removed documents remain", "the database's log keeps removed content"] == [
        record.getMessage().partition(" until the next start")[0] for record in caplog.records
    ]
    assert (None, 1) == (held.retrieve(1), len(_noted(held.database)))


def test_a_log_that_cannot_be_emptied_fails_no_commit(
    held: Held, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scrub, "_PATIENCE_MS", "of no number (")
    assert not held.database.scrub(wait_s=0)
    monkeypatch.undo()
    assert "cannot be emptied now" in caplog.text
    assert held.database.scrub()


def test_nothing_is_removed_when_the_record_cannot_be_written(held: Held) -> None:
    assert held.provide(1, SMALL).is_success

    def drop(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql("DROP TABLE removal")

    held.database.write(drop)
    with pytest.raises(StorageUnavailable):
        held.remove(1)
    assert SMALL == held.retrieve(1)
