"""The identity feed in domain terms: which identifiers count, what a merge changes, and what it is refused for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.factories import (
    LOCAL_PATIENT,
    make_document_entry,
    make_submission,
    make_submission_set,
    make_submission_with_folder,
)
from tests.flow.submissions import numbered
from xds_adapter.actors import DocumentRegistry, LeafCodec, PatientIdentityFeed, patient_identity
from xds_adapter.datatypes import CX, HD
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import (
    DocumentEntry,
    Folder,
    IdentityChange,
    IdentityMessage,
    Outcome,
    ParameterSlot,
    Refusal,
    StoredQuery,
    Submission,
    SubmissionSet,
)
from xds_adapter.rules import AffinityDomain
from xds_adapter.storage import Database, StoredObject, patients
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.identity_feed import CAUSES, FeedEvent, RefusalCause
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS, GET_DOCUMENTS

OURS, FOREIGN = "1.2.250.1.999.40", "1.2.250.1.999.41"
A, B, C, D = (CX.of(name, OURS) for name in ("PAT-A", "PAT-B", "PAT-C", "PAT-D"))
DOMAIN = AffinityDomain(assigning_authorities=frozenset({OURS}))
NUMBERS = count(1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "data")
    yield database
    database.close()


@dataclass
class Bench:
    """A registry and its feed."""

    database: Database
    feed: PatientIdentityFeed
    registry: DocumentRegistry

    def send(self, *changes: IdentityChange, key: str = "", content: str = "") -> list[tuple[RefusalCause, int]]:
        """Send one message and return what it is refused for."""
        refusals: list[tuple[RefusalCause, int]] = []

        def answer(found: Sequence[Refusal]) -> str:
            refusals.extend((refusal.cause, refusal.position) for refusal in found)
            return "refused" if found else "accepted"

        message = IdentityMessage(
            message_key=key or f"message {next(NUMBERS)}",
            content_hash=sha256(content.encode()).hexdigest(),
            changes=changes,
        )
        made = self.feed.receive(message, answer)
        assert ("accepted" if made.accepted else "refused") == made.text
        return refusals

    def known(self) -> set[str]:
        with self.database.reading() as transaction:
            return transaction.registry.known_patients(p.key for p in (A, B, C, D))

    def register(self, number: int, patient_id: CX) -> Outcome:
        return self.registry.register(numbered(number, b"x", patient_id=patient_id, **FILLED))

    def found(self, patient_id: CX) -> list[DocumentEntry]:
        approved, deprecated = AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED
        parameters = {
            "$XDSDocumentEntryPatientId": (ParameterSlot((patient_id.text,)),),
            "$XDSDocumentEntryStatus": (ParameterSlot((approved, deprecated), listed=True),),
        }
        query = StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters)
        outcome, objects = self.registry.query(query, (), list)
        assert outcome.is_success
        return [entry for o in objects or () if isinstance(entry := decoded(o), DocumentEntry)]


def decoded(stored: StoredObject) -> object:
    return decode_leaf(stored.leaf)


FILLED: dict[str, Any] = {"hash": "da39a3ee5e6b4b0d3255bfef95601890afd80709", "size": 1}
LEAF = LeafCodec(encode_leaf, decode_leaf)


def bench_of(database: Database, **options: object) -> Bench:
    unknown = bool(options.pop("unknown_patients", False))
    given: dict[str, object] = {"domain": lambda: DOMAIN} | options
    return Bench(
        database,
        PatientIdentityFeed(database, LEAF, unknown_patients=unknown, **given),  # type: ignore[arg-type]
        DocumentRegistry(database, LEAF, unknown_patients=unknown),
    )


@pytest.fixture
def bench(database: Database) -> Bench:
    """Where A, B and C are known."""
    made = bench_of(database)
    made.send(*(added(p) for p in (A, B, C)))
    return made


def added(*patient_ids: CX) -> IdentityChange:
    return IdentityChange(event=FeedEvent.ADD, patient_ids=patient_ids)


def revised(*patient_ids: CX) -> IdentityChange:
    return IdentityChange(event=FeedEvent.REVISE, patient_ids=patient_ids)


def merged(subsumed: CX, surviving: CX) -> IdentityChange:
    return IdentityChange(event=FeedEvent.MERGE, patient_ids=(surviving,), subsumed_ids=(subsumed,))


def keys(*patient_ids: CX) -> set[str]:
    return {patient_id.key for patient_id in patient_ids}


def test_identifiers_of_the_domain_become_known(database: Database) -> None:
    bench = bench_of(database)
    assert [] == bench.send(added(CX.of("PAT-A", FOREIGN), A))
    assert [] == bench.send(revised(B))
    assert keys(A, B) == bench.known()
    with database.reading() as transaction:
        assert set() == transaction.registry.known_patients([CX.of("PAT-A", FOREIGN).key])


def test_without_a_configured_authority_all_count(database: Database) -> None:
    bench = bench_of(database, domain=AffinityDomain)
    foreign = (CX.of("1", FOREIGN), CX.of("2", FOREIGN), CX("PAT-B^^^NS"), CX("PAT-C"), CX(f"PAT-D^^^&{OURS}&DNS"))
    assert [] == bench.send(added(A, *foreign))
    assert keys(A) == bench.known()
    with database.reading() as transaction:
        assert keys(*foreign[:2]) == transaction.registry.known_patients(keys(*foreign))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("PAT-A", True),
        ("PAT-A^^^", True),
        ("PAT-A^^^HOSPITAL", True),
        ("PAT-A^^^CLINIC", False),
        (f"PAT-A^^^CLINIC&{OURS}&ISO", True),
        (f"PAT-A^^^&{OURS}", True),
        (f"PAT-A^^^HOSPITAL&{FOREIGN}&ISO", False),
        (f"PAT-A^^^&{OURS}&DNS", False),
        (f"^^^&{OURS}&ISO", False),
    ],
)
def test_an_identifier_without_oid_gets_that_of_the_configured_authority(
    database: Database, text: str, counts: bool
) -> None:
    bench = bench_of(database, domain=AffinityDomain, assigning_authority=HD(f"HOSPITAL&{OURS}&ISO"))
    assert [] == bench.send(added(CX(text)))
    assert (keys(A) if counts else set()) == bench.known()


def test_the_only_authority_of_the_domain_is_that_of_identifiers_that_name_none(database: Database) -> None:
    bench = bench_of(database)
    assert [] == bench.send(added(CX("PAT-A")), added(CX("PAT-B^^^NS")))
    assert keys(A) == bench.known()


def test_several_authorities_give_an_identifier_none(database: Database) -> None:
    bench = bench_of(database, domain=lambda: AffinityDomain(assigning_authorities=frozenset({OURS, FOREIGN})))
    assert [] == bench.send(added(CX("PAT-A"), B, CX.of("PAT-B", FOREIGN)))
    assert keys(B) == bench.known()


def test_two_identifiers_of_the_domain_are_refused(bench: Bench) -> None:
    assert [(RefusalCause.SEVERAL_IDENTIFIERS, 1)] == bench.send(added(D, CX.of("PAT-E", OURS)))
    assert [] == bench.send(added(D, D))


def test_all_patients_of_a_message_are_taken_or_none(bench: Bench) -> None:
    bench.send(merged(B, C))
    assert [(RefusalCause.ADDED_MERGED_BEFORE, 2)] == bench.send(added(D), added(B))
    assert keys(A, C) == bench.known()


def test_a_known_identifier_may_be_added_again(bench: Bench) -> None:
    assert [] == bench.send(added(A))
    assert keys(A, B, C) == bench.known()


def test_a_merged_identifier_cannot_be_added_again_and_a_revision_of_it_changes_nothing(bench: Bench) -> None:
    bench.send(merged(A, B))
    assert [(RefusalCause.ADDED_MERGED_BEFORE, 1)] == bench.send(added(A))
    assert [] == bench.send(revised(A))
    assert keys(B, C) == bench.known()


def test_a_merge_moves_what_is_registered_and_nothing_else_of_it(bench: Bench) -> None:
    assert bench.register(1, A).is_success
    assert bench.register(2, B).is_success
    (before,) = bench.found(A)
    assert [] == bench.send(merged(A, B))
    assert [] == bench.found(A)
    first, second = sorted(bench.found(B), key=lambda entry: entry.unique_id or "")
    assert replace(before, patient_id=B) == first
    assert (LOCAL_PATIENT, B) == (first.source_patient_id, second.patient_id)


def test_a_merge_moves_sets_and_folders_and_keeps_their_status(bench: Bench) -> None:
    submission = _of(A, make_submission_with_folder())
    assert bench.registry.register(submission).is_success
    entry = submission.document_entries[0]
    newer = numbered(7, b"x", patient_id=A, **FILLED)
    bench.registry.register(_replacing(newer, _entry_uuid(bench, entry.unique_id or "")))
    assert [] == bench.send(merged(A, B))
    with bench.database.reading() as transaction:
        for kind, statuses in (
            ("DocumentEntry", [AvailabilityStatus.DEPRECATED, AvailabilityStatus.APPROVED]),
            ("SubmissionSet", [AvailabilityStatus.APPROVED, AvailabilityStatus.APPROVED]),
            ("Folder", [AvailabilityStatus.APPROVED]),
        ):
            assert [] == transaction.patients.owned(kind, A.key, 10)
            moved = transaction.patients.owned(kind, B.key, 10)
            assert sorted(statuses) == sorted(stored.status for stored in moved)
            objects = [decoded(stored) for stored in moved]
            assert {B} == {o.patient_id for o in objects if isinstance(o, DocumentEntry | SubmissionSet | Folder)}


def _of(patient_id: CX, submission: Submission) -> Submission:
    assert submission.submission_set is not None
    return replace(
        submission,
        submission_set=replace(submission.submission_set, patient_id=patient_id),
        document_entries=tuple(replace(entry, patient_id=patient_id) for entry in submission.document_entries),
        folders=tuple(replace(folder, patient_id=patient_id) for folder in submission.folders),
    )


def _entry_uuid(bench: Bench, unique_id: str) -> str:
    slot = ParameterSlot((unique_id,), listed=True)
    query = StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters={"$XDSDocumentEntryUniqueId": (slot,)})
    _, objects = bench.registry.query(query, (), list)
    assert objects is not None
    (stored,) = objects
    return stored.entry_uuid


def _replacing(submission: Submission, target: str) -> Submission:
    (member,) = submission.associations
    link = replace(
        member,
        entry_uuid="Replacement01",
        association_type=AssociationType.RPLC,
        source_object="Document01",
        target_object=target,
        submission_set_status=None,
    )
    return replace(submission, associations=(member, link))


def test_merges_chain_and_everything_answers_under_the_last(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_identity, "_BATCH", 2)
    for number in range(1, 6):
        assert bench.register(number, A).is_success
    assert bench.register(6, B).is_success
    assert [] == bench.send(merged(A, B))
    assert [] == bench.send(merged(B, C))
    assert ([], [], 6) == (bench.found(A), bench.found(B), len(bench.found(C)))
    assert keys(C) == bench.known()
    for old in (A, B):
        (error,) = bench.register(9, old).errors
        assert ("PIF-001", "XDSUnknownPatientId") == (error.rule, error.code)
    assert bench.register(9, C).is_success


def test_a_chain_may_come_in_one_message(bench: Bench) -> None:
    assert bench.register(1, A).is_success
    assert [] == bench.send(merged(A, B), merged(B, C))
    assert 1 == len(bench.found(C))


def test_relationships_compare_after_the_merge(bench: Bench) -> None:
    assert bench.register(1, A).is_success
    target = bench.found(A)[0]
    replacement = _replacing(numbered(2, b"x", patient_id=B, **FILLED), target.entry_uuid or "")
    (error,) = bench.registry.register(replacement).errors
    assert "XDSPatientIdDoesNotMatch" == error.code
    bench.send(merged(A, B))
    assert bench.registry.register(replacement).is_success
    assert {"1.2.250.1.999.20.1", "1.2.250.1.999.20.2"} == {entry.unique_id for entry in bench.found(B)}


REFUSED: list[tuple[str, IdentityChange, RefusalCause]] = [
    ("other authority below", merged(CX.of("PAT-A", FOREIGN), B), RefusalCause.SUBSUMED_OF_OTHER_DOMAIN),
    ("other authority above", merged(A, CX.of("PAT-B", FOREIGN)), RefusalCause.SURVIVING_OF_OTHER_DOMAIN),
    ("itself", merged(A, A), RefusalCause.SAME_IDENTIFIER),
    ("subsumed twice", merged(C, A), RefusalCause.SUBSUMED_MERGED_BEFORE),
    ("into a subsumed one", merged(A, C), RefusalCause.SURVIVING_MERGED_BEFORE),
    ("unknown below", merged(CX.of("PAT-X", OURS), B), RefusalCause.SUBSUMED_UNKNOWN),
    ("unknown above", merged(A, CX.of("PAT-X", OURS)), RefusalCause.SURVIVING_UNKNOWN),
    ("two below", replace(merged(A, B), subsumed_ids=(A, D)), RefusalCause.SEVERAL_SUBSUMED),
    ("two above", replace(merged(A, B), patient_ids=(B, D)), RefusalCause.SEVERAL_IDENTIFIERS),
]


@pytest.mark.parametrize(("change", "cause"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_refused_merge_changes_nothing(bench: Bench, change: IdentityChange, cause: RefusalCause) -> None:
    bench.send(added(D))
    bench.send(merged(C, B))
    assert bench.register(1, A).is_success
    assert [(cause, 1)] == bench.send(change)
    assert keys(A, B, D) == bench.known()
    assert 1 == len(bench.found(A))


def test_every_cause_but_that_of_an_addition_is_one_of_a_merge() -> None:
    assert set(RefusalCause) == {row[2] for row in REFUSED} | {RefusalCause.ADDED_MERGED_BEFORE}
    assert set(RefusalCause) == set(CAUSES)


def test_both_sides_of_a_merge_are_named_when_both_are_wrong(bench: Bench) -> None:
    expected = [(RefusalCause.SUBSUMED_UNKNOWN, 1), (RefusalCause.SURVIVING_UNKNOWN, 1)]
    assert expected == bench.send(merged(CX.of("X", OURS), CX.of("Y", OURS)))


def test_identifiers_of_other_domains_in_a_merge_are_ignored(bench: Bench) -> None:
    others = (CX.of("1", FOREIGN), CX.of("2", FOREIGN))
    change = replace(merged(A, B), patient_ids=(others[0], B), subsumed_ids=(*others, A))
    assert [] == bench.send(change)
    assert keys(B, C) == bench.known()


def test_without_a_configured_authority_a_merge_stays_within_one(database: Database) -> None:
    bench = bench_of(database, domain=AffinityDomain)
    foreign = CX.of("PAT-A", FOREIGN)
    bench.send(added(A), added(B), added(foreign))
    assert [(RefusalCause.SURVIVING_OF_OTHER_DOMAIN, 1)] == bench.send(merged(foreign, B))
    assert [] == bench.send(replace(merged(A, B), patient_ids=(CX.of("1", FOREIGN), CX.of("2", FOREIGN), B)))
    assert keys(B) == bench.known()


def test_where_unknown_patients_are_accepted_they_may_be_merged(database: Database) -> None:
    bench = bench_of(database, unknown_patients=True)
    assert bench.register(1, A).is_success
    assert [] == bench.send(merged(A, B))
    assert ([], 1) == (bench.found(A), len(bench.found(B)))
    (error,) = bench.register(2, A).errors
    assert "PIF-001" == error.rule
    assert [(RefusalCause.SUBSUMED_MERGED_BEFORE, 1)] == bench.send(merged(A, C))


def test_a_repeated_message_has_one_effect_and_one_answer(bench: Bench) -> None:
    assert [] == bench.send(merged(A, B), key="m1", content="x")
    assert [] == bench.send(merged(A, B), key="m1", content="x")
    assert [(RefusalCause.SUBSUMED_MERGED_BEFORE, 1)] == bench.send(merged(A, B), key="m2", content="x")


def test_a_message_is_known_again_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        database = Database(tmp_path / "data")
        try:
            assert [] == bench_of(database).send(added(A), added(B), merged(A, B), key="m1")
        finally:
            database.close()


def test_another_message_under_a_used_number_is_a_message_of_its_own(bench: Bench) -> None:
    assert [] == bench.send(merged(A, B), key="m1", content="x")
    assert [] == bench.send(merged(B, C), key="m1", content="y")
    assert keys(C) == bench.known()


def test_a_refused_message_is_refused_in_the_same_words_until_what_it_lacked_has_come(bench: Bench) -> None:
    refused = [(RefusalCause.SURVIVING_UNKNOWN, 1)]
    assert refused == bench.send(merged(A, D), key="m1")
    assert [] == bench.send(merged(A, D), key="m1")  # The kept answer: nothing new is written.
    assert keys(A, B, C) == bench.known()
    bench.send(added(D))
    assert [] == bench.send(merged(A, D), key="m1")
    assert keys(B, C, D) == bench.known()


def test_old_answers_are_forgotten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patients, "_KEPT", 10)
    monkeypatch.setattr(patients, "_CLEARED_EVERY", 5)
    for number in range(40):
        bench.send(added(A), key=f"m{number}")
    with bench.database.reading() as transaction:
        kept = [n for n in range(40) if transaction.patients.answer_to(f"m{n}", sha256(b"").hexdigest())]
    assert 10 <= len(kept) <= 15
    assert 39 == kept[-1]


def test_a_store_that_fails_in_the_middle_of_a_merge_leaves_nothing_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 4):
        assert bench.register(number, A).is_success
    calls = count(1)
    encode = LEAF.encode

    def failing(value: object) -> str:
        if next(calls) == 4:
            raise StorageUnavailable("the disk is full")
        return encode(value)  # type: ignore[arg-type]

    broken = PatientIdentityFeed(bench.database, LeafCodec(failing, decode_leaf), domain=lambda: DOMAIN)
    message = IdentityMessage(message_key="m", content_hash="", changes=(merged(A, B),))
    with pytest.raises(StorageUnavailable):
        broken.receive(message, lambda _: "never")
    assert (3, []) == (len(bench.found(A)), bench.found(B))
    assert keys(A, B, C) == bench.known()
    assert [] == bench.send(merged(A, B), key="m")


def test_a_merge_and_a_submission_at_the_same_moment_leave_either_order(bench: Bench) -> None:
    """Each submission is wholly before the merge, and moved, or wholly after it, and refused."""
    patients_of_rounds = [(CX.of(f"OLD-{n}", OURS), CX.of(f"NEW-{n}", OURS)) for n in range(12)]
    bench.send(*(added(p) for pair in patients_of_rounds for p in pair))
    for number, (old, new) in enumerate(patients_of_rounds):
        submit = [partial(bench.register, 100 + 10 * number + which, old) for which in range(3)]
        *outcomes, refusals = _at_once([*submit, partial(bench.send, merged(old, new))])
        assert [] == refusals
        accepted = [outcome for outcome in outcomes if outcome.is_success]
        assert {"PIF-001"} >= {error.rule for outcome in outcomes for error in outcome.errors}
        assert ([], len(accepted)) == (bench.found(old), len(bench.found(new)))
        with bench.database.reading() as transaction:
            assert [] == transaction.patients.owned("SubmissionSet", old.key, 1)


def _at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_a_refusal_is_logged_by_its_cause_alone(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="xds_adapter.actors"):
        bench.send(merged(CX.of("SECRET-7", OURS), B))
    assert "subsumed-unknown" in caplog.text
    assert "SECRET-7" not in caplog.text


def test_a_set_and_its_entry_of_two_patients_move_each_with_its_own(bench: Bench) -> None:
    """A SubmissionSet may refer to an entry of another patient; the merge of one leaves the other alone."""
    assert bench.register(1, A).is_success
    target = bench.found(A)[0].entry_uuid or ""
    (member,) = make_submission().associations
    own = replace(member, entry_uuid="Association09", target_object=target, submission_set_status="Reference")
    referring = replace(
        make_submission(),
        submission_set=make_submission_set(unique_id="1.2.250.1.999.3.9", patient_id=C),
        document_entries=(make_document_entry(unique_id="1.2.250.1.999.2.9", patient_id=C),),
        associations=(member, own),
    )
    assert bench.registry.register(referring).is_success
    assert [] == bench.send(merged(C, B))
    assert (1, 1) == (len(bench.found(A)), len(bench.found(B)))
