"""What an accepted update leaves in the registry, and that a refused one leaves nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    ENTRY_UUID,
    FOLDER_UNIQUE_ID,
    LOCAL_PATIENT,
    PATIENT,
    SECOND_ENTRY_UUID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
    make_submission_with_folder,
)
from xds_adapter.actors import DocumentRegistry, LeafCodec, MetadataUpdate
from xds_adapter.datatypes import DTM, Coded
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.model import (
    Association,
    DocumentEntry,
    Folder,
    Outcome,
    RegistryObject,
    Slot,
    Submission,
    finding,
)
from xds_adapter.storage import Database
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentAvailability
from xds_adapter.vocabulary.status import AvailabilityStatus

APPROVED, DEPRECATED = AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED
CODEC = LeafCodec(encode_leaf, decode_leaf)
FOLDER = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f020"
MEMBERSHIP = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f021"
APPENDED = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f022"
NEW_ENTRY = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f023"
UPDATE_SET = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f024"
SECOND_UNIQUE_ID = "1.2.250.1.999.2.2"
KEPT = Slot("urn:x:reason", ("follow-up",))
LONG_AGO = DTM("20200101000000")


class Kept:
    """A registry with a folder that holds one entry, and a second entry appended to the first."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.database = Database(data)
        self.registry = DocumentRegistry(self.database, CODEC)
        self.metadata_update = MetadataUpdate(self.database, CODEC)
        self.registry.add_patients([PATIENT.key, LOCAL_PATIENT.key])
        complete = make_submission_with_folder(
            document_entries=(make_document_entry(entry_uuid=ENTRY_UUID),),
            folders=(make_folder(entry_uuid=FOLDER),),
        )
        uuids = {"Document01": ENTRY_UUID, "Folder01": FOLDER, "Association03": MEMBERSHIP}
        self.register(replace(complete, associations=tuple(_renamed(a, uuids) for a in complete.associations)))
        appended = make_association(
            entry_uuid=APPENDED,
            association_type=AssociationType.APND,
            source_object=SECOND_ENTRY_UUID,
            target_object=ENTRY_UUID,
            submission_set_status=None,
            documentation=Coded("1", "1.2.3", "Addendum"),
            extra_slots=(KEPT,),
        )
        second = make_document_entry(entry_uuid=SECOND_ENTRY_UUID, unique_id=SECOND_UNIQUE_ID)
        self.register(
            make_submission(
                submission_set=make_submission_set(unique_id="1.2.250.1.999.3.2"),
                document_entries=(second,),
                associations=(make_association(target_object=SECOND_ENTRY_UUID), appended),
            )
        )
        self.execute(f"UPDATE folder SET last_update_time = '{LONG_AGO.text}'")

    def register(self, submission: Submission) -> None:
        assert Outcome.of(()) == self.registry.register(submission)

    def update(self, submission: Submission, *, restricted: bool = False) -> list[str]:
        """Submit and return the rules that were broken."""
        take = self.metadata_update.restricted_update if restricted else self.metadata_update.update
        return [error.rule for error in take(submission).errors]

    def execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self.data / "xds.sqlite3")) as connection, connection:
            connection.execute(statement)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "xds.sqlite3")) as connection:
            return connection.execute(statement).fetchall()

    def versions(self, logical_id: str) -> list[tuple[int, str]]:
        """Version and status of a series, oldest first."""
        kind = "folder" if logical_id == FOLDER else "document_entry"
        found = self.rows(f"SELECT version, status FROM {kind} WHERE logical_id = '{logical_id}' ORDER BY version")
        return [(version, AvailabilityStatus(status).word) for version, status in found]

    def latest(self, logical_id: str) -> Any:
        """The latest version, as it is kept."""
        kind = "folder" if logical_id == FOLDER else "document_entry"
        order = "ORDER BY version DESC LIMIT 1"
        ((leaf,),) = self.rows(f"SELECT leaf FROM {kind} WHERE logical_id = '{logical_id}' {order}")
        return decode_leaf(leaf)

    def associations(self, *types: str) -> list[tuple[Association, str]]:
        """The associations of the given types and their status, oldest first."""
        found = [(decode_leaf(leaf), status) for leaf, status in self.rows("SELECT leaf, status FROM association")]
        return [(a, s) for a, s in found if isinstance(a, Association) and a.association_type in types]

    def memberships(self) -> set[tuple[str | None, str | None, str]]:
        """Folder, entry and status of what lies in folders."""
        folders = {entry_uuid for (entry_uuid,) in self.rows("SELECT entry_uuid FROM folder")}
        found = self.associations(AssociationType.HAS_MEMBER)
        return {
            (a.source_object, a.target_object, AvailabilityStatus(s).word)
            for a, s in found
            if a.source_object in folders
        }

    def everything(self) -> list[tuple[Any, ...]]:
        """All rows of all objects."""
        return [
            (table, *row)
            for table in ("submission_set", "document_entry", "folder", "association")
            for row in self.rows(f"SELECT * FROM {table}")
        ]


def _renamed(association: Association, uuids: dict[str, str]) -> Association:
    ends = ("entry_uuid", "source_object", "target_object")
    changes = {name: uuids[value] for name in ends if (value := getattr(association, name)) in uuids}
    return replace(association, **changes)  # type: ignore[arg-type]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "data")
    yield kept
    kept.database.close()


def submission(*objects: RegistryObject, number: int = 100, **set_changes: Any) -> Submission:
    return Submission(
        submission_set=make_submission_set(**{"unique_id": f"1.2.250.1.999.3.{number}"} | set_changes),
        document_entries=tuple(o for o in objects if isinstance(o, DocumentEntry)),
        folders=tuple(o for o in objects if isinstance(o, Folder)),
        associations=tuple(o for o in objects if isinstance(o, Association)),
    )


def link(**changes: Any) -> Association:
    return make_association(**{"previous_version": "1", **changes})


def folder_link(**changes: Any) -> Association:
    given = {"entry_uuid": "Association09", "target_object": "Folder01", "submission_set_status": None}
    return link(**{**given, **changes})


def change(target: str, *, to: AvailabilityStatus = DEPRECATED, number: int = 2) -> Association:
    return make_association(
        entry_uuid=f"Association{number:02}",
        association_type=AssociationType.UPDATE_AVAILABILITY_STATUS,
        target_object=target,
        submission_set_status=None,
        original_status=APPROVED if to is DEPRECATED else DEPRECATED,
        new_status=to,
    )


def submitted(source: str, target: str, kind: str = AssociationType.HAS_MEMBER) -> tuple[Association, Association]:
    return (
        make_association(
            entry_uuid="Association04",
            association_type=AssociationType.SUBMIT_ASSOCIATION,
            target_object="Association03",
            submission_set_status=None,
        ),
        make_association(
            entry_uuid="Association03",
            association_type=kind,
            source_object=source,
            target_object=target,
            submission_set_status=None,
        ),
    )


def new_entry(**changes: Any) -> DocumentEntry:
    return make_document_entry(**{"logical_id": ENTRY_UUID, "title": "Corrigé", **changes})


def new_folder(**changes: Any) -> Folder:
    return make_folder(**{"logical_id": FOLDER, "title": "Autre titre", **changes})


def test_a_new_version_follows_the_former_one(kept: Kept) -> None:
    assert [] == kept.update(submission(new_entry(), link()))
    assert [(1, "Deprecated"), (2, "Approved")] == kept.versions(ENTRY_UUID)
    latest = kept.latest(ENTRY_UUID)
    assert (ENTRY_UUID, "2", "Corrigé") == (latest.logical_id, latest.version, latest.title)
    assert latest.entry_uuid.startswith("urn:uuid:")
    assert ENTRY_UUID != latest.entry_uuid


def test_a_submitted_uuid_stays(kept: Kept) -> None:
    assert [] == kept.update(submission(new_entry(entry_uuid=NEW_ENTRY), link(target_object=NEW_ENTRY)))
    assert NEW_ENTRY == kept.latest(ENTRY_UUID).entry_uuid


def test_everything_but_what_identifies_the_document_may_change(kept: Kept) -> None:
    changes: dict[str, Any] = {
        "hash": "0" * 40,
        "size": 1,
        "repository_unique_id": "1.2.3.4",
        "document_availability": DocumentAvailability.OFFLINE,
        "comments": None,
    }
    assert [] == kept.update(submission(new_entry(**changes), link()))
    latest = kept.latest(ENTRY_UUID)
    assert changes == {name: getattr(latest, name) for name in changes}
    columns = "hash, size, repository_unique_id"
    assert ("0" * 40, 1, "1.2.3.4") in kept.rows(f"SELECT {columns} FROM document_entry WHERE version = 2")


def test_the_set_and_its_link_are_kept_with_previous_version(kept: Kept) -> None:
    update = submission(new_entry(), link(association_propagation="no"), entry_uuid=UPDATE_SET)
    assert [] == kept.update(
        replace(update, associations=tuple(replace(a, source_object=UPDATE_SET) for a in update.associations))
    )
    (found,) = [a for a, _ in kept.associations(AssociationType.HAS_MEMBER) if a.source_object == UPDATE_SET]
    assert (kept.latest(ENTRY_UUID).entry_uuid, "Original", "1", "no", "1") == (
        found.target_object,
        found.submission_set_status,
        found.previous_version,
        found.association_propagation,
        found.version,
    )


def test_associations_of_an_entry_are_carried_over(kept: Kept) -> None:
    assert [] == kept.update(submission(new_entry(), link()))
    new = kept.latest(ENTRY_UUID).entry_uuid
    assert {(FOLDER, ENTRY_UUID, "Approved"), (FOLDER, new, "Approved")} == kept.memberships()
    (old, _), (copy, status) = kept.associations(AssociationType.APND)
    assert (SECOND_ENTRY_UUID, new, APPROVED) == (copy.source_object, copy.target_object, status)
    assert (old.documentation, (KEPT,)) == (copy.documentation, copy.extra_slots)
    assert len({old.entry_uuid, copy.entry_uuid}) == 2


def test_a_membership_carried_over_belongs_to_the_set_of_the_update(kept: Kept) -> None:
    kept.update(submission(new_entry(), link(source_object=UPDATE_SET), entry_uuid=UPDATE_SET))
    new = kept.latest(ENTRY_UUID).entry_uuid
    held = kept.associations(AssociationType.HAS_MEMBER)
    (membership,) = [a for a, _ in held if a.source_object == FOLDER and a.target_object == new]
    assert {new, membership.entry_uuid} == {a.target_object for a, _ in held if a.source_object == UPDATE_SET}


def test_a_folder_that_gets_a_new_version_of_a_document_has_changed(kept: Kept) -> None:
    kept.update(submission(new_entry(), link()))
    assert kept.latest(FOLDER).last_update_time.text > LONG_AGO.text
    assert [] == kept.rows(f"SELECT 1 FROM folder WHERE last_update_time = '{LONG_AGO.text}'")
    assert [(1, "Approved")] == kept.versions(FOLDER)


def test_nothing_is_carried_over_when_the_sender_says_so(kept: Kept) -> None:
    assert [] == kept.update(submission(new_entry(), link(association_propagation="no")))
    assert {(FOLDER, ENTRY_UUID, "Approved")} == kept.memberships()
    assert 1 == len(kept.associations(AssociationType.APND))
    assert [(LONG_AGO.text,)] == kept.rows("SELECT last_update_time FROM folder")


def test_what_is_deprecated_is_not_carried_over(kept: Kept) -> None:
    kept.execute(f"UPDATE association SET status = '{DEPRECATED}' WHERE entry_uuid = '{MEMBERSHIP}'")
    assert [] == kept.update(submission(new_entry(), link()))
    assert {(FOLDER, ENTRY_UUID, "Deprecated")} == kept.memberships()


def test_a_new_version_of_a_folder_holds_what_the_former_one_held(kept: Kept) -> None:
    assert [] == kept.update(submission(new_folder(), folder_link()))
    assert [(1, "Deprecated"), (2, "Approved")] == kept.versions(FOLDER)
    latest = kept.latest(FOLDER)
    assert ("Autre titre", FOLDER, "2") == (latest.title, latest.logical_id, latest.version)
    assert {(FOLDER, ENTRY_UUID, "Approved"), (latest.entry_uuid, ENTRY_UUID, "Approved")} == kept.memberships()
    assert latest.last_update_time.text > LONG_AGO.text


def test_a_new_version_of_a_folder_may_be_empty(kept: Kept) -> None:
    assert [] == kept.update(submission(new_folder(), folder_link(association_propagation="no")))
    assert {(FOLDER, ENTRY_UUID, "Approved")} == kept.memberships()


def test_folder_and_document_updated_together_stay_together(kept: Kept) -> None:
    assert [] == kept.update(submission(new_folder(), folder_link(), new_entry(), link()))
    new = (kept.latest(FOLDER).entry_uuid, kept.latest(ENTRY_UUID).entry_uuid, "Approved")
    assert {(FOLDER, ENTRY_UUID, "Approved"), new} == kept.memberships()


def test_a_document_moves_to_another_patient(kept: Kept) -> None:
    moved = new_entry(patient_id=LOCAL_PATIENT)
    apart = link(association_propagation="no")
    assert [] == kept.update(submission(moved, apart, patient_id=LOCAL_PATIENT))
    expected = [(1, PATIENT.key), (2, LOCAL_PATIENT.key)]
    columns = "SELECT version, patient_id FROM document_entry"
    assert expected == kept.rows(f"{columns} WHERE logical_id = '{ENTRY_UUID}' ORDER BY version")


@pytest.mark.parametrize("target", [ENTRY_UUID, FOLDER, MEMBERSHIP, APPENDED])
def test_a_status_changes_and_changes_back(kept: Kept, target: str) -> None:
    tables = {ENTRY_UUID: "document_entry", FOLDER: "folder"}
    statement = f"SELECT status FROM {tables.get(target, 'association')} WHERE entry_uuid = '{target}'"
    assert [] == kept.update(submission(change(target)))
    assert [(DEPRECATED,)] == kept.rows(statement)
    assert [] == kept.update(submission(change(target, to=APPROVED), number=101))
    assert [(APPROVED,)] == kept.rows(statement)
    assert [] == kept.associations(AssociationType.UPDATE_AVAILABILITY_STATUS)
    assert 2 == len(
        kept.rows("SELECT 1 FROM submission_set WHERE unique_id IN ('1.2.250.1.999.3.100', '1.2.250.1.999.3.101')")
    )


def test_a_new_version_may_be_deprecated_in_the_same_request(kept: Kept) -> None:
    assert [] == kept.update(submission(new_entry(), link(), change("Document01")))
    assert [(1, "Deprecated"), (2, "Deprecated")] == kept.versions(ENTRY_UUID)


def test_a_document_is_put_into_a_folder_afterwards(kept: Kept) -> None:
    associations = submitted(FOLDER, SECOND_ENTRY_UUID)
    update = submission(
        *(replace(a, source_object=UPDATE_SET) if a.source_object == "SubmissionSet01" else a for a in associations),
        entry_uuid=UPDATE_SET,
    )
    assert [] == kept.update(update)
    assert {(FOLDER, ENTRY_UUID, "Approved"), (FOLDER, SECOND_ENTRY_UUID, "Approved")} == kept.memberships()
    held = kept.associations(AssociationType.HAS_MEMBER)
    (membership,) = [a for a, _ in held if a.target_object == SECOND_ENTRY_UUID and a.source_object == FOLDER]
    assert [membership.entry_uuid] == [a.target_object for a, _ in held if a.source_object == UPDATE_SET]
    assert [] == kept.associations(AssociationType.SUBMIT_ASSOCIATION)
    assert kept.latest(FOLDER).last_update_time.text > LONG_AGO.text


def test_a_given_link_of_a_new_membership_is_the_only_one(kept: Kept) -> None:
    given = make_association(entry_uuid="Association05", target_object="Association03", submission_set_status=None)
    before = len(kept.associations(AssociationType.HAS_MEMBER))
    assert [] == kept.update(submission(*submitted(FOLDER, SECOND_ENTRY_UUID), given))
    assert before + 2 == len(kept.associations(AssociationType.HAS_MEMBER))


def test_several_associations_are_added_at_once(kept: Kept) -> None:
    signed = [
        replace(
            a, entry_uuid=f"{a.entry_uuid}s", target_object=f"{a.target_object}s" if number == 0 else a.target_object
        )
        for number, a in enumerate(submitted(ENTRY_UUID, SECOND_ENTRY_UUID, AssociationType.SIGNS))
    ]
    kept.execute(f"UPDATE association SET status = '{DEPRECATED}' WHERE entry_uuid = '{MEMBERSHIP}'")
    again = [
        replace(
            a, entry_uuid=f"{a.entry_uuid}m", target_object=f"{a.target_object}m" if number == 0 else a.target_object
        )
        for number, a in enumerate(submitted(FOLDER, ENTRY_UUID))
    ]
    assert [] == kept.update(submission(*submitted(FOLDER, SECOND_ENTRY_UUID), *signed, *again))
    assert 1 == len(kept.associations(AssociationType.SIGNS))
    assert {(FOLDER, ENTRY_UUID, "Deprecated"), (FOLDER, ENTRY_UUID, "Approved")} <= kept.memberships()
    assert (FOLDER, SECOND_ENTRY_UUID, "Approved") in kept.memberships()


def test_a_relationship_is_added_afterwards(kept: Kept) -> None:
    before = len(kept.rows("SELECT 1 FROM association"))
    assert [] == kept.update(submission(*submitted(ENTRY_UUID, SECOND_ENTRY_UUID, AssociationType.SIGNS)))
    ((found, status),) = kept.associations(AssociationType.SIGNS)
    assert (ENTRY_UUID, SECOND_ENTRY_UUID, APPROVED) == (found.source_object, found.target_object, status)
    assert before + 1 == len(kept.rows("SELECT 1 FROM association"))
    assert [(LONG_AGO.text,)] == kept.rows("SELECT last_update_time FROM folder")


def test_a_new_association_may_be_deprecated_in_the_same_request(kept: Kept) -> None:
    assert [] == kept.update(submission(*submitted(FOLDER, SECOND_ENTRY_UUID), change("Association03")))
    assert (FOLDER, SECOND_ENTRY_UUID, "Deprecated") in kept.memberships()


def test_a_new_version_is_linked_by_hand(kept: Kept) -> None:
    by_hand = submitted(FOLDER, "Document01")
    assert [] == kept.update(submission(new_entry(), link(association_propagation="no"), *by_hand))
    assert (FOLDER, kept.latest(ENTRY_UUID).entry_uuid, "Approved") in kept.memberships()


def test_a_restricted_update_takes_over_the_status(kept: Kept) -> None:
    kept.update(submission(change(ENTRY_UUID)))
    assert [] == kept.update(submission(new_entry(), link(), number=101), restricted=True)
    assert [(1, "Deprecated"), (2, "Deprecated")] == kept.versions(ENTRY_UUID)
    assert (FOLDER, kept.latest(ENTRY_UUID).entry_uuid, "Approved") in kept.memberships()


def test_a_restricted_update_of_an_approved_entry_is_approved(kept: Kept) -> None:
    assert [] == kept.update(submission(new_entry(), link()), restricted=True)
    assert [(1, "Deprecated"), (2, "Approved")] == kept.versions(ENTRY_UUID)


def _refused(kept: Kept) -> Iterable[tuple[list[str], Submission, bool]]:
    deprecated = submission(new_entry(), link(), change(SECOND_ENTRY_UUID), change(NEW_ENTRY, number=5))
    yield ["MU-019"], deprecated, False
    yield ["MU-012"], submission(new_entry(), link(previous_version="2")), False
    yield ["MU-003"], submission(make_document_entry(), make_association(previous_version="1")), False
    yield ["MU-001"], submission(), False
    yield ["MU-029"] * 2, submission(new_entry(patient_id=LOCAL_PATIENT), link(), patient_id=LOCAL_PATIENT), False
    yield ["MU-026"], submission(*submitted(FOLDER, "Document01"), _moved(), _apart(), patient_id=LOCAL_PATIENT), False
    yield ["MU-027"], submission(*submitted(FOLDER, ENTRY_UUID)), False
    yield ["MU-023"], submission(*submitted(NEW_ENTRY, ENTRY_UUID)), False
    yield ["MU-018"], submission(new_entry(), link(), change(ENTRY_UUID)), False
    yield ["MU-040"], submission(new_folder(), folder_link()), True
    yield ["MU-043", "MU-029", "MU-029"], submission(_moved(), link(), patient_id=LOCAL_PATIENT), True
    same_set = submission(new_entry(), link(), unique_id="1.2.250.1.999.3.2")
    yield ["REG-002"], same_set, False
    registered = submission(new_entry(entry_uuid=SECOND_ENTRY_UUID), link(target_object=SECOND_ENTRY_UUID))
    yield ["REG-005"], registered, False


def _moved() -> DocumentEntry:
    return new_entry(patient_id=LOCAL_PATIENT)


def _apart() -> Association:
    return link(association_propagation="no")


def test_a_refused_update_changes_nothing(kept: Kept) -> None:
    before = kept.everything()
    for expected, wrong, restricted in _refused(kept):
        assert expected == kept.update(wrong, restricted=restricted)
        assert before == kept.everything()


def test_faults_of_form_content_and_state_come_together(kept: Kept) -> None:
    form = [finding("META-003", "is unknown", object_id="x", attribute="colour")]
    wrong = submission(new_entry(class_code=None), link(previous_version="3"))
    outcome = kept.metadata_update.update(wrong, form)
    assert ["META-003", "META-020", "MU-012"] == [error.rule for error in outcome.errors]


def test_an_answer_holds_no_more_findings_than_a_sender_can_use(kept: Kept) -> None:
    strays = (make_association(entry_uuid=f"A{n}", source_object=f"S{n}") for n in range(2000))
    outcome = kept.metadata_update.update(submission(*strays))
    assert (1001, "META-070") == (len(outcome.errors), outcome.errors[-1].rule)


def test_an_unknown_patient_may_be_accepted(tmp_path: Path) -> None:
    database = Database(tmp_path / "open")
    try:
        registry = DocumentRegistry(database, CODEC, unknown_patients=True)
        assert registry.register(
            make_submission(
                document_entries=(make_document_entry(entry_uuid=ENTRY_UUID),),
                associations=(make_association(target_object=ENTRY_UUID),),
            )
        ).is_success
        update = submission(new_entry(), link())
        assert not MetadataUpdate(database, CODEC).update(update).is_success
        assert MetadataUpdate(database, CODEC, unknown_patients=True).update(update).is_success
    finally:
        database.close()


def test_a_later_update_names_the_version_before_it(kept: Kept) -> None:
    for number in range(1, 5):
        update = submission(new_entry(title=str(number)), link(previous_version=str(number)), number=100 + number)
        assert [] == kept.update(update)
        assert ["MU-012"] == kept.update(
            replace(update, submission_set=make_submission_set(unique_id="1.2.250.1.999.3.99"))
        )
    assert [(n, "Deprecated") for n in range(1, 5)] + [(5, "Approved")] == kept.versions(ENTRY_UUID)
    assert 5 == len([place for place in kept.memberships() if place[0] == FOLDER])


def test_the_names_of_what_is_kept_are_the_documents_own(kept: Kept) -> None:
    kept.update(submission(new_entry(), link(), new_folder(), folder_link()))
    unique_ids = {unique_id for (unique_id,) in kept.rows("SELECT unique_id FROM document_entry")}
    assert {DOCUMENT_UNIQUE_ID, SECOND_UNIQUE_ID} == unique_ids
    assert [(FOLDER_UNIQUE_ID,)] * 2 == kept.rows("SELECT unique_id FROM folder")
