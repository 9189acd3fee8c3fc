"""What a registration does beside storing its own objects: deprecation, and folders that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import (
    LOCAL_PATIENT,
    PATIENT,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
)
from xds_adapter.actors import DocumentRegistry, LeafCodec
from xds_adapter.actors.folders import touch_folders
from xds_adapter.datatypes import DTM
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.model import Association, Folder, KnownObject, Outcome, Submission
from xds_adapter.storage import Database
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

APPROVED, DEPRECATED = AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED
LONG_AGO = DTM("20010203040506")
RPLC, APND = AssociationType.RPLC, AssociationType.APND


def uuid(number: int) -> str:
    """The entryUUID of document, folder or set `number`."""
    return f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0{number:04d}"


def link(source: str, target: str, kind: str = AssociationType.HAS_MEMBER, **changes: Any) -> Association:
    given = {"entry_uuid": f"{source[-4:]} holds {target}", "submission_set_status": None} | changes
    return make_association(source_object=source, target_object=target, association_type=kind, **given)


class Site:
    """A registry whose documents, folders and sets are called by numbers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.registry = DocumentRegistry(database, LeafCodec(encode_leaf, decode_leaf))
        self.registry.add_patients([PATIENT.key, LOCAL_PATIENT.key])
        self._sets = 900

    def submission(
        self, *documents: int, folders: tuple[int, ...] = (), links: tuple[Association, ...] = ()
    ) -> Submission:
        self._sets += 1
        of_set = uuid(self._sets)
        entries = tuple(make_document_entry(entry_uuid=uuid(n), unique_id=f"1.2.250.1.{n}") for n in documents)
        made = tuple(make_folder(entry_uuid=uuid(n), unique_id=f"1.2.250.2.{n}") for n in folders)
        own = [link(of_set, e.entry_uuid or "", submission_set_status="Original") for e in entries]
        own += [link(of_set, f.entry_uuid or "") for f in made]
        own += [
            link(of_set, one.entry_uuid or "") for one in links if one.association_type == AssociationType.HAS_MEMBER
        ]
        return make_submission(
            submission_set=make_submission_set(entry_uuid=of_set, unique_id=f"1.2.250.3.{self._sets}"),
            document_entries=entries,
            folders=made,
            associations=(*own, *links),
        )

    def submit(self, *documents: int, folders: tuple[int, ...] = (), links: tuple[Association, ...] = ()) -> Outcome:
        return self.registry.register(self.submission(*documents, folders=folders, links=links))

    def accept(self, *documents: int, folders: tuple[int, ...] = (), links: tuple[Association, ...] = ()) -> None:
        outcome = self.submit(*documents, folders=folders, links=links)
        assert () == outcome.errors

    def statuses(self, *documents: int) -> list[str]:
        return [self.known(number).status.rpartition(":")[2] for number in documents]

    def known(self, number: int) -> KnownObject:
        with self.database.reading() as transaction:
            found = transaction.registry.known(uuid(number))
        assert found is not None
        return found

    def members(self, folder: int) -> list[str]:
        """The documents of a folder, by the memberships that start there."""
        with self.database.reading() as transaction:
            touching = transaction.registry.touching(uuid(folder))
        return [a.target_object for a in touching if a.source_object == uuid(folder) and a.status == APPROVED]

    def links_to_membership(self, folder: int, document: int) -> list[str]:
        """Who holds the memberships of a document in a folder."""
        with self.database.reading() as transaction:
            found = transaction.registry.touching(uuid(folder))
            memberships = [a for a in found if (a.source_object, a.target_object) == (uuid(folder), uuid(document))]
            holders = [transaction.registry.touching(membership.entry_uuid) for membership in memberships]
        return [one.source_object for held in holders for one in held]

    def time_of(self, folder: int) -> DTM | None:
        """The lastUpdateTime of a folder's stored form; it must be that of its column."""
        with self.database.reading() as transaction:
            (stored,) = transaction.registry.objects("Folder", [uuid(folder)])
            sql = f"SELECT last_update_time FROM folder WHERE entry_uuid = '{uuid(folder)}'"
            column = transaction.connection.exec_driver_sql(sql).scalar_one()
        leaf = decode_leaf(stored.leaf)
        assert isinstance(leaf, Folder)
        assert leaf.last_update_time == DTM(column)
        return leaf.last_update_time

    def age(self, folder: int) -> None:
        """Let the folder have been changed long ago."""
        codec = LeafCodec(encode_leaf, decode_leaf)
        self.database.write(lambda transaction: touch_folders(transaction, codec, [uuid(folder)], LONG_AGO))

    def set_status(self, kind: str, entry_uuid: str, status: AvailabilityStatus) -> None:
        self.database.write(lambda transaction: transaction.registry.set_status(kind, [entry_uuid], status))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    database = Database(tmp_path / "data")
    yield Site(database)
    database.close()


def rules(outcome: Outcome) -> list[tuple[str, str]]:
    return [(error.rule, error.code) for error in outcome.errors]


def test_a_new_object_is_approved_version_one_and_its_own_series(site: Site) -> None:
    submission = site.submission(1, folders=(2,))
    entry = replace(
        submission.document_entries[0], logical_id=uuid(77), version="7", availability_status=DEPRECATED.value
    )
    assert site.registry.register(replace(submission, document_entries=(entry,))).is_success
    for number in (1, 2):
        found = site.known(number)
        assert (APPROVED, uuid(number), 1) == (found.status, found.logical_id, found.version)
    with site.database.reading() as transaction:
        (stored,) = transaction.registry.objects("DocumentEntry", [uuid(1)])
    leaf = decode_leaf(stored.leaf)
    assert (uuid(1), "1", None) == (leaf.logical_id, leaf.version, leaf.availability_status)


@pytest.mark.parametrize("kind", [RPLC, AssociationType.XFRM_RPLC])
def test_a_replaced_document_is_deprecated_with_all_that_depends_on_it(site: Site, kind: AssociationType) -> None:
    site.accept(1)
    site.accept(2, links=(link(uuid(2), uuid(1), APND),))
    site.accept(3, links=(link(uuid(3), uuid(2), AssociationType.XFRM),))
    site.accept(4, links=(link(uuid(4), uuid(1), AssociationType.SIGNS),))
    site.accept(5, links=(link(uuid(5), uuid(1), kind),))
    assert ["Deprecated", "Deprecated", "Deprecated", "Approved", "Approved"] == site.statuses(1, 2, 3, 4, 5)


@pytest.mark.parametrize("kind", [APND, AssociationType.XFRM, AssociationType.SIGNS])
def test_other_relationships_change_no_status(site: Site, kind: AssociationType) -> None:
    site.accept(1)
    site.accept(2, links=(link(uuid(2), uuid(1), kind),))
    assert ["Approved", "Approved"] == site.statuses(1, 2)


def test_dependences_in_a_circle_end(site: Site) -> None:
    site.accept(1, 2, links=(link(uuid(1), uuid(2), APND), link(uuid(2), uuid(1), AssociationType.XFRM)))
    site.accept(3, links=(link(uuid(3), uuid(1), RPLC),))
    assert ["Deprecated", "Deprecated", "Approved"] == site.statuses(1, 2, 3)


def test_what_depended_by_a_deprecated_association_stays(site: Site) -> None:
    site.accept(1)
    site.accept(2, links=(link(uuid(2), uuid(1), APND, entry_uuid=uuid(500)),))
    site.set_status("Association", uuid(500), DEPRECATED)
    site.accept(3, links=(link(uuid(3), uuid(1), RPLC),))
    assert ["Deprecated", "Approved", "Approved"] == site.statuses(1, 2, 3)


def test_a_replacement_that_is_an_addendum_at_the_same_time_stays_in_force(site: Site) -> None:
    site.accept(1)
    site.accept(2, links=(link(uuid(2), uuid(1), RPLC), link(uuid(2), uuid(1), APND, entry_uuid="Addendum")))
    assert ["Deprecated", "Approved"] == site.statuses(1, 2)


def test_a_deprecated_document_takes_no_relationship(site: Site) -> None:
    site.accept(1)
    site.accept(2, links=(link(uuid(2), uuid(1), RPLC),))
    for kind in (RPLC, APND, AssociationType.XFRM, AssociationType.SIGNS):
        outcome = site.submit(3, links=(link(uuid(3), uuid(1), kind),))
        assert [("REG-007", "XDSRegistryDeprecatedDocumentError")] == rules(outcome)
    assert ["Deprecated", "Approved"] == site.statuses(1, 2)


def in_folder(site: Site, *, folder: int = 10, document: int = 1) -> None:
    site.accept(document, folders=(folder,), links=(link(uuid(folder), uuid(document)),))
    site.age(folder)


def test_a_new_folder_gets_the_time_of_its_registration(site: Site) -> None:
    before = DTM.now()
    site.accept(1, folders=(10,), links=(link(uuid(10), uuid(1)),))
    time = site.time_of(10)
    assert time is not None
    assert before.text <= time.text <= DTM.now().text


def test_a_replacement_goes_into_every_folder_of_what_it_replaces(site: Site) -> None:
    in_folder(site)
    site.accept(folders=(11,), links=(link(uuid(11), uuid(1)),))
    site.age(11)
    site.accept(2, links=(link(uuid(2), uuid(1), RPLC),))
    for folder in (10, 11):
        assert [uuid(1), uuid(2)] == site.members(folder)
        assert [uuid(site._sets)] == site.links_to_membership(folder, 2)
        assert LONG_AGO != site.time_of(folder)


def test_the_registry_writes_both_associations_complete(site: Site) -> None:
    in_folder(site)
    site.accept(2, links=(link(uuid(2), uuid(1), RPLC),))
    with site.database.reading() as transaction:
        made = transaction.registry.touching(uuid(2))
        (membership,) = [a for a in made if a.source_object == uuid(10)]
        (stored,) = transaction.registry.objects("Association", [membership.entry_uuid])
    leaf = decode_leaf(stored.leaf)
    assert (membership.entry_uuid, membership.entry_uuid, "1") == (leaf.entry_uuid, leaf.logical_id, leaf.version)
    assert APPROVED == stored.status


def test_a_deprecated_folder_or_membership_is_not_followed(site: Site) -> None:
    in_folder(site)
    site.accept(folders=(11,), links=(link(uuid(11), uuid(1), entry_uuid=uuid(500)),))
    site.set_status("Folder", uuid(10), DEPRECATED)
    site.set_status("Association", uuid(500), DEPRECATED)
    site.accept(2, links=(link(uuid(2), uuid(1), RPLC),))
    assert [uuid(1)] == site.members(10)
    assert [] == site.members(11)
    assert LONG_AGO == site.time_of(10)


def test_a_replacement_that_says_itself_where_it_goes_is_not_put_there_twice(site: Site) -> None:
    in_folder(site)
    site.accept(2, links=(link(uuid(2), uuid(1), RPLC), link(uuid(10), uuid(2))))
    assert [uuid(1), uuid(2)] == site.members(10)


def test_addenda_do_not_follow_into_the_folder(site: Site) -> None:
    in_folder(site)
    site.accept(2, links=(link(uuid(2), uuid(1), APND),))
    assert [uuid(1)] == site.members(10)
    assert LONG_AGO == site.time_of(10)


def test_a_new_or_a_registered_document_put_into_a_folder_changes_its_time(site: Site) -> None:
    in_folder(site)
    site.accept(2, links=(link(uuid(10), uuid(2)),))
    assert LONG_AGO != site.time_of(10)
    site.age(10)
    site.accept(3)
    site.accept(links=(link(uuid(10), uuid(3)),))
    assert LONG_AGO != site.time_of(10)
    assert [uuid(1), uuid(2), uuid(3)] == site.members(10)


def test_a_refused_submission_touches_nothing(site: Site) -> None:
    in_folder(site)
    wrong = site.submission(2, links=(link(uuid(2), uuid(1), RPLC), link(uuid(10), uuid(2))))
    outcome = site.registry.register(replace(wrong, document_entries=(replace(wrong.document_entries[0], size=None),)))
    assert [("META-020", "XDSRegistryMetadataError")] == rules(outcome)
    assert (LONG_AGO, ["Approved"], [uuid(1)]) == (site.time_of(10), site.statuses(1), site.members(10))


@pytest.mark.parametrize(("kind", "number"), [("Folder", 10), ("DocumentEntry", 3)])
def test_neither_folder_nor_document_of_a_new_membership_is_deprecated(site: Site, kind: str, number: int) -> None:
    in_folder(site)
    site.accept(3)
    site.set_status(kind, uuid(number), DEPRECATED)
    outcome = site.submit(links=(link(uuid(10), uuid(3)),))
    assert [("REG-007", "XDSRegistryDeprecatedDocumentError")] == rules(outcome)


def of_another_patient(submission: Submission) -> Submission:
    assert submission.submission_set is not None
    return replace(
        submission,
        submission_set=replace(submission.submission_set, patient_id=LOCAL_PATIENT),
        document_entries=tuple(replace(e, patient_id=LOCAL_PATIENT) for e in submission.document_entries),
        folders=tuple(replace(f, patient_id=LOCAL_PATIENT) for f in submission.folders),
    )


def test_no_document_goes_into_another_patients_folder_or_replaces_another_patients_document(site: Site) -> None:
    in_folder(site)
    for links in ((link(uuid(10), uuid(2)),), (link(uuid(2), uuid(1), RPLC),)):
        outcome = site.registry.register(of_another_patient(site.submission(2, links=links)))
        assert [("REG-008", "XDSPatientIdDoesNotMatch")] == rules(outcome)
    assert LONG_AGO == site.time_of(10)


def test_a_replacement_does_not_follow_into_another_patients_folder(site: Site) -> None:
    in_folder(site)
    sql = f"UPDATE folder SET patient_id = '{LOCAL_PATIENT.key}'"
    site.database.write(lambda transaction: transaction.connection.exec_driver_sql(sql))
    outcome = site.submit(2, links=(link(uuid(2), uuid(1), RPLC),))
    assert [("REG-008", "XDSPatientIdDoesNotMatch")] == rules(outcome)
    assert ["Approved"] == site.statuses(1)


def test_a_reference_to_another_patients_document_is_allowed(site: Site) -> None:
    site.accept(1)
    submission = site.submission()
    assert submission.submission_set is not None
    held = link(submission.submission_set.entry_uuid or "", uuid(1), submission_set_status="Reference")
    assert site.registry.register(of_another_patient(replace(submission, associations=(held,)))).is_success
