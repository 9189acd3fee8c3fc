"""The Document Administrator corrects what a running registry holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.factories import PATIENT, make_submission_set
from tests.flow.running import Site, running
from tests.flow.submissions import numbered, unique_id
from xds_adapter import DocumentAdministrator, DocumentSource, RemoteRefusal, StoredQuery
from xds_adapter.client.registry import RemoteRegistry
from xds_adapter.model import DocumentEntry, ParameterSlot, SubmissionSet
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS

CONTENT = b"<ClinicalDocument/>"


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site") / "data") as site:
        yield site


@pytest.fixture
def administrator(site: Site) -> Iterator[DocumentAdministrator]:
    with DocumentAdministrator(site.registry) as administrator:
        with DocumentSource(site.repository) as source:
            source.submit(numbered(1, CONTENT))
        yield administrator


def described(number: int) -> SubmissionSet:
    return make_submission_set(unique_id=f"1.2.250.1.999.31.{number}")


def documents(site: Site) -> list[DocumentEntry]:
    """All versions of the document, oldest first."""
    parameters = {
        "$XDSDocumentEntryUniqueId": (ParameterSlot((unique_id(1),), listed=True),),
        "$MetadataLevel": (ParameterSlot(("2",)),),
    }
    query = StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters=parameters)
    registry = RemoteRegistry(site.registry)
    try:
        return list(registry.query(query).document_entries)
    finally:
        registry.close()


def test_an_entry_found_is_changed_and_sent_back(site: Site, administrator: DocumentAdministrator) -> None:
    (found,) = documents(site)
    outcome = administrator.update_document_entry(replace(found, title="Corrigé"), described(1))
    assert outcome.is_success
    former, latest = documents(site)
    expected = replace(
        found,
        title="Corrigé",
        version="2",
        entry_uuid=latest.entry_uuid,
        availability_status=AvailabilityStatus.APPROVED,
    )
    assert expected == latest
    assert (AvailabilityStatus.DEPRECATED, "1") == (former.availability_status, former.version)
    assert administrator.update_document_entry(replace(latest, title="Encore"), described(2)).is_success
    assert ["1", "2", "3"] == [entry.version for entry in documents(site)]


def test_a_version_that_has_moved_on_is_not_overwritten(site: Site, administrator: DocumentAdministrator) -> None:
    (found,) = documents(site)
    administrator.update_document_entry(found, described(1), propagate_associations=False)
    with pytest.raises(RemoteRefusal, match="XDSMetadataVersionError"):
        administrator.update_document_entry(found, described(2))
    assert 2 == len(documents(site))


def test_an_entry_is_deprecated_and_approved_again(site: Site, administrator: DocumentAdministrator) -> None:
    (found,) = documents(site)
    statuses = (AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED)
    for number, (original, new) in enumerate((statuses, statuses[::-1])):
        administrator.update_availability_status(found.entry_uuid or "", described(number), original=original, new=new)
        assert [new] == [entry.availability_status for entry in documents(site)]


def test_an_entry_that_no_registry_gave_cannot_be_updated(administrator: DocumentAdministrator) -> None:
    with pytest.raises(ValueError, match="logicalID and version"):
        administrator.update_document_entry(DocumentEntry(patient_id=PATIENT), described(1))
