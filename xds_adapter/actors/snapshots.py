"""On-demand entries and their snapshots as the registry knows them, and the submission of a new snapshot.

A snapshot is a stable entry, tied to its on-demand entry by IsSnapshotOf; a new one replaces (RPLC) those before.

Source: IHE ITI TF-2 3.43.4.1.3; ITI TF-3 4.2.2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xds_adapter.datatypes import DTM, new_oid
from xds_adapter.model import (
    Association,
    DocumentContent,
    DocumentEntry,
    ParameterSlot,
    QueryResult,
    StoredQuery,
    Submission,
    SubmissionSet,
    SubmittedDocument,
)
from xds_adapter.model.change import changed
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import (
    GET_DOCUMENTS,
    GET_RELATED_DOCUMENTS,
    GET_SUBMISSION_SETS,
    StoredQueryForm,
)

_ENTRY, _SET = "Document01", "SubmissionSet01"
_GIVEN_BY_REGISTRY = {"logical_id": None, "version": None, "availability_status": None, "home_community_id": None}


class OnDemandEntries:
    """Asks a registry.

    Args:
        query: Sends a stored query; what it raises passes through.
        repository_unique_id: Only entries of this repository count.
    """

    def __init__(self, query: Callable[[StoredQuery], QueryResult], repository_unique_id: str) -> None:
        self._query = query
        self._repository_unique_id = repository_unique_id

    def with_unique_id(self, unique_id: str) -> list[DocumentEntry]:
        """The on-demand entries with a uniqueId, oldest first, whatever their status.

        Raises:
            RemoteRefusal: The registry answered Failure.
        """
        result = self._ask(GET_DOCUMENTS, {"$XDSDocumentEntryUniqueId": ParameterSlot((unique_id,), listed=True)})
        return [entry for entry in result.document_entries if self._is_ours(entry, DocumentEntryType.ON_DEMAND)]

    def snapshots(self, entry: DocumentEntry) -> list[DocumentEntry]:
        """The snapshots of an on-demand entry that are in force.

        Raises:
            RemoteRefusal: The registry answered Failure.
        """
        parameters = {
            "$XDSDocumentEntryEntryUUID": ParameterSlot((entry.entry_uuid or "",)),
            "$AssociationTypes": ParameterSlot((AssociationType.IS_SNAPSHOT_OF,), listed=True),
            "$XDSDocumentEntryType": ParameterSlot(tuple(DocumentEntryType), listed=True),
        }
        result = self._ask(GET_RELATED_DOCUMENTS, parameters)
        sources = {a.source_object for a in result.associations if a.target_object == entry.entry_uuid}
        return [
            other
            for other in result.document_entries
            if other.entry_uuid in sources
            and other.availability_status == AvailabilityStatus.APPROVED
            and self._is_ours(other, DocumentEntryType.STABLE)
        ]

    def submission_set(self, entry: DocumentEntry) -> SubmissionSet | None:
        """The set by which an entry was registered.

        Raises:
            RemoteRefusal: The registry answered Failure.
        """
        result = self._ask(GET_SUBMISSION_SETS, {"$uuid": ParameterSlot((entry.entry_uuid or "",), listed=True)})
        return result.submission_sets[0] if result.submission_sets else None

    def _ask(self, form: StoredQueryForm, parameters: dict[str, ParameterSlot]) -> QueryResult:
        slots = {name: (slot,) for name, slot in parameters.items()}
        result = self._query(StoredQuery(query_id=form.query_id, parameters=slots))
        result.outcome.raise_for_status("the registry")
        return result

    def _is_ours(self, entry: DocumentEntry, object_type: DocumentEntryType) -> bool:
        return entry.object_type == object_type and entry.repository_unique_id == self._repository_unique_id


def snapshot_submission(
    entry: DocumentEntry,
    submission_set: SubmissionSet,
    content: DocumentContent,
    *,
    new_unique_id: str,
    former: Sequence[DocumentEntry],
) -> Submission:
    """Make the submission of a new snapshot.

    Args:
        entry: The on-demand entry, whose metadata hold for the snapshot too.
        submission_set: The set by which it was registered; who submitted it answers for the snapshot.
        content: The document.
        new_unique_id: Its uniqueId.
        former: The snapshots in force, to be replaced.
    """
    now = DTM.now()
    snapshot = changed(
        entry,
        **_GIVEN_BY_REGISTRY,
        entry_uuid=_ENTRY,
        object_type=DocumentEntryType.STABLE,
        creation_time=now,
        hash=content.sha1,
        size=content.size,
        unique_id=new_unique_id,
    )
    own_set = changed(
        submission_set,
        **_GIVEN_BY_REGISTRY,
        entry_uuid=_SET,
        unique_id=new_oid(),
        submission_time=now,
        patient_id=entry.patient_id,
        intended_recipient=(),
    )
    links = enumerate(_links(entry, former), 1)
    return Submission(
        submission_set=own_set,
        document_entries=(snapshot,),
        associations=tuple(changed(link, entry_uuid=f"as{number:02}") for number, link in links),
        documents=(SubmittedDocument(document_id=_ENTRY, content=content),),
    )


def _links(entry: DocumentEntry, former: Sequence[DocumentEntry]) -> Iterator[Association]:
    yield Association(source_object=_SET, target_object=_ENTRY, submission_set_status="Original")
    yield _link(AssociationType.IS_SNAPSHOT_OF, entry)
    for snapshot in former:
        yield _link(AssociationType.RPLC, snapshot)


def _link(kind: AssociationType, target: DocumentEntry) -> Association:
    return Association(association_type=kind, source_object=_ENTRY, target_object=target.entry_uuid)
