"""The Document Administrator corrects what a running registry holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.factories import PATIENT, make_submission_set
from tests.flow.running import TABLES, Site, rows, running
from tests.flow.submissions import numbered, unique_id
from xds_adapter import DocumentAdministrator, DocumentConsumer, DocumentSource, RemoteRefusal, StoredQuery
from xds_adapter.client.registry import RemoteRegistry
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentEntry, DocumentRequest, ParameterSlot, SubmissionSet
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


def test_a_submission_is_removed_whole_or_not_at_all(site: Site, administrator: DocumentAdministrator) -> None:
    uuids = [str(uuid) for table in TABLES[:4] for (uuid,) in rows(site.data, f"SELECT entry_uuid FROM {table}")]
    with pytest.raises(RemoteRefusal, match="ReferencesExistException"):
        administrator.remove_metadata(uuids[:1])
    assert 1 == len(documents(site))
    assert administrator.remove_metadata(uuids).is_success
    assert [] == documents(site)


def test_documents_are_removed_and_cannot_be_retrieved(site: Site) -> None:
    with (
        DocumentAdministrator(site.registry, site.repository) as administrator,
        DocumentSource(site.repository) as source,
        DocumentConsumer(site.registry, site.repository) as consumer,
    ):
        source.submit(numbered(1, CONTENT))
        (entry,) = documents(site)
        with consumer.retrieve([entry]) as retrieved:
            assert 1 == len(retrieved)
        gone = DocumentRequest(repository_unique_id=entry.repository_unique_id or "", document_unique_id=unique_id(1))
        assert administrator.remove_documents([gone]).is_success
        with pytest.raises(RemoteRefusal, match="XDSDocumentUniqueIdError"):
            consumer.retrieve([entry])
        assert [entry] == documents(site)


def test_documents_are_removed_from_a_known_repository_only(administrator: DocumentAdministrator) -> None:
    with pytest.raises(ConfigError, match="no repository was given"):
        administrator.remove_documents([DocumentRequest(repository_unique_id="1.2.3", document_unique_id=unique_id(1))])
