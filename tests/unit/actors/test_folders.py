"""Folders that the registry keeps: lastUpdateTime in column and stored form, and who holds a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import (
    ENTRY_UUID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission_set,
    make_submission_with_folder,
)
from xds_adapter.actors import LeafCodec, folders
from xds_adapter.datatypes import DTM
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.model import Association, Folder, Submission
from xds_adapter.storage import Database, row_of
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

CODEC = LeafCodec(encode_leaf, decode_leaf)
SET = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f010"
FOLDER = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f011"
MEMBERSHIP = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f012"
NOW = DTM("20240306080910")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "data")
    yield database
    database.close()


def held() -> Submission:
    """A folder with one document, under UUIDs."""
    return make_submission_with_folder(
        submission_set=make_submission_set(entry_uuid=SET),
        document_entries=(make_document_entry(entry_uuid=ENTRY_UUID),),
        folders=(make_folder(entry_uuid=FOLDER),),
        associations=(
            make_association(
                entry_uuid=MEMBERSHIP, source_object=FOLDER, target_object=ENTRY_UUID, submission_set_status=None
            ),
        ),
    )


def insert(database: Database, submission: Submission) -> None:
    rows = [row_of(o, encode_leaf(o)) for o in submission.objects()]
    database.write(lambda transaction: transaction.registry.insert(rows))


def stored(database: Database) -> tuple[Folder, str, str]:
    """The folder as it is kept: its stored form, the column and the status."""
    with database.reading() as transaction:
        (found,) = transaction.registry.objects("Folder", [FOLDER])
        column = transaction.connection.exec_driver_sql("SELECT last_update_time FROM folder").scalar_one()
    folder = decode_leaf(found.leaf)
    assert isinstance(folder, Folder)
    return folder, column, found.status


@pytest.mark.parametrize("status", [AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED])
def test_touching_changes_the_time_in_both_places_and_nothing_else(
    database: Database, status: AvailabilityStatus
) -> None:
    insert(database, held())
    before, _, _ = stored(database)
    database.write(lambda transaction: transaction.registry.set_status("Folder", [FOLDER], status))
    database.write(lambda transaction: folders.touch_folders(transaction, CODEC, [FOLDER], NOW))
    assert (replace(before, last_update_time=NOW), NOW.text, status) == stored(database)


def test_touching_what_is_no_folder_has_no_effect(database: Database) -> None:
    insert(database, held())
    before = stored(database)
    database.write(lambda transaction: folders.touch_folders(transaction, CODEC, [ENTRY_UUID, SET], NOW))
    assert before == stored(database)


def holders(database: Database) -> list[str]:
    with database.reading() as transaction:
        return [known.entry_uuid for known in folders.folders_with(transaction, ENTRY_UUID)]


def test_the_folder_that_holds_a_document_is_found(database: Database) -> None:
    insert(database, held())
    assert [FOLDER] == holders(database)


@pytest.mark.parametrize(("kind", "entry_uuid"), [("Folder", FOLDER), ("Association", MEMBERSHIP)])
def test_a_deprecated_folder_or_membership_holds_nothing(database: Database, kind: str, entry_uuid: str) -> None:
    insert(database, held())
    deprecated = AvailabilityStatus.DEPRECATED
    database.write(lambda transaction: transaction.registry.set_status(kind, [entry_uuid], deprecated))
    assert [] == holders(database)


@pytest.mark.parametrize(
    "other",
    [
        make_association(entry_uuid=MEMBERSHIP, source_object=SET, target_object=ENTRY_UUID),
        make_association(entry_uuid=MEMBERSHIP, source_object=ENTRY_UUID, target_object=FOLDER),
        make_association(
            entry_uuid=MEMBERSHIP,
            association_type=AssociationType.SIGNS,
            source_object=FOLDER,
            target_object=ENTRY_UUID,
        ),
    ],
    ids=["a set", "the other way round", "another type"],
)
def test_another_association_is_no_membership(database: Database, other: Association) -> None:
    insert(database, replace(held(), associations=(other,)))
    assert [] == holders(database)


def test_a_placement_is_a_membership_and_its_link() -> None:
    made = folders.placed(FOLDER, ENTRY_UUID, SET)
    assert (FOLDER, ENTRY_UUID) == (made.membership.source_object, made.membership.target_object)
    assert (SET, made.membership.entry_uuid) == (made.link.source_object, made.link.target_object)
    assert made.membership.entry_uuid != made.link.entry_uuid
    assert None is made.link.submission_set_status
