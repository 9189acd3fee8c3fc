"""The Document Consumer: finds documents (ITI-18) and retrieves them (ITI-43), verified.

Source: IHE ITI TF-2 3.18 and 3.43.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from xds_adapter.client.peer import SoapPeer
from xds_adapter.client.registry import RemoteRegistry
from xds_adapter.datatypes import CX, CXi
from xds_adapter.errors import ConfigError, IntegrityError
from xds_adapter.model import (
    DocumentEntry,
    DocumentRequest,
    Outcome,
    ParameterSlot,
    QueryResult,
    RetrievedDocument,
    StoredQuery,
)
from xds_adapter.soap import ReceivedMessage
from xds_adapter.transactions import iti43
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import (
    FIND_DOCUMENTS,
    FIND_DOCUMENTS_BY_REFERENCE_ID,
    GET_DOCUMENTS,
    GET_RELATED_DOCUMENTS,
)
from xds_adapter.vocabulary.transactions import ITI_43


class Retrieved(Sequence[RetrievedDocument]):
    """Retrieved documents; their temporary files go when it is closed. A context manager.

    Attributes:
        outcome: Success or PartialSuccess, with an error for each document that is missing.
    """

    def __init__(self, outcome: Outcome, documents: Sequence[RetrievedDocument], message: ReceivedMessage) -> None:
        self.outcome = outcome
        self._documents = tuple(documents)
        self._message = message

    def __getitem__(self, index: int) -> RetrievedDocument:  # type: ignore[override]
        return self._documents[index]

    def __len__(self) -> int:
        return len(self._documents)

    def __iter__(self) -> Iterator[RetrievedDocument]:
        return iter(self._documents)

    def close(self) -> None:
        """Remove the temporary files."""
        self._message.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class DocumentConsumer:
    """Asks one registry and retrieves from one repository. Thread-safe; a context manager.

    Args:
        registry: URL of the Document Registry; None when only retrieving.
        repository: URL of the Document Repository; None when only asking.
        timeout_s: Seconds to wait for a connection, and for the next bytes of an answer.
        on_wire: Shown each envelope, with ``sent`` or ``received``; for diagnosis.
    """

    def __init__(
        self,
        registry: str | None = None,
        repository: str | None = None,
        *,
        timeout_s: float = 60.0,
        on_wire: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._registry: RemoteRegistry | None = None
        self._repository: SoapPeer | None = None
        if registry:
            self._registry = RemoteRegistry(registry, timeout_s=timeout_s, on_wire=on_wire)
        if repository:
            self._repository = SoapPeer("DocumentRepository", repository, timeout_s=timeout_s, on_wire=on_wire)

    def query(self, query: StoredQuery) -> QueryResult:
        """Send a stored query.

        Raises:
            RemoteRefusal: The registry answered Failure.
            TransportFailed: No answer; a query may be sent again.
            RemoteFault: The peer answered, but not with a query response.
            ConfigError: No registry was given.
        """
        if self._registry is None:
            raise ConfigError("no registry was given")
        result = self._registry.query(query)
        result.outcome.raise_for_status(self._registry.url)
        return result

    def find_documents(
        self,
        patient_id: CX,
        *,
        status: Sequence[str] = (AvailabilityStatus.APPROVED,),
        type_codes: Sequence[str] = (),
        since: str | None = None,
    ) -> tuple[DocumentEntry, ...]:
        """Find the documents of a patient (FindDocuments).

        Args:
            patient_id: The patient.
            status: availabilityStatus URNs.
            type_codes: ``code^^scheme`` each; empty for any.
            since: DTM; only documents created then or later.

        Raises: As `query`.
        """
        parameters = {
            "$XDSDocumentEntryPatientId": (ParameterSlot((patient_id.text,)),),
            "$XDSDocumentEntryStatus": (ParameterSlot(tuple(status), listed=True),),
        }
        if type_codes:
            parameters["$XDSDocumentEntryTypeCode"] = (ParameterSlot(tuple(type_codes), listed=True),)
        if since is not None:
            parameters["$XDSDocumentEntryCreationTimeFrom"] = (ParameterSlot((since,)),)
        return self.query(StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters)).document_entries

    def find_documents_by_reference_id(
        self,
        patient_id: CX,
        reference_ids: Sequence[CXi],
        *,
        status: Sequence[str] = (AvailabilityStatus.APPROVED,),
    ) -> tuple[DocumentEntry, ...]:
        """Find the documents of a patient that carry one of some reference ids (FindDocumentsByReferenceId).

        Args:
            patient_id: The patient.
            reference_ids: Complete ids: an accession or order number with its issuer, a Study Instance UID.
            status: availabilityStatus URNs.

        Raises: As `query`.
        """
        parameters = {
            "$XDSDocumentEntryPatientId": (ParameterSlot((patient_id.text,)),),
            "$XDSDocumentEntryStatus": (ParameterSlot(tuple(status), listed=True),),
            "$XDSDocumentEntryReferenceIdList": (ParameterSlot(tuple(r.text for r in reference_ids), listed=True),),
        }
        query = StoredQuery(query_id=FIND_DOCUMENTS_BY_REFERENCE_ID.query_id, parameters=parameters)
        return self.query(query).document_entries

    def get_documents(self, unique_ids: Sequence[str]) -> tuple[DocumentEntry, ...]:
        """Get the entries of documents by uniqueId (GetDocuments).

        Raises: As `query`.
        """
        parameters = {"$XDSDocumentEntryUniqueId": (ParameterSlot(tuple(unique_ids), listed=True),)}
        return self.query(StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters=parameters)).document_entries

    def get_related_documents(self, entry_uuid: str, association_types: Sequence[str]) -> QueryResult:
        """Get the entries linked to one, whichever way the link points, with the links (GetRelatedDocuments).

        Args:
            entry_uuid: The entry.
            association_types: URNs of the kinds of link that count.

        Raises: As `query`.
        """
        parameters = {
            "$XDSDocumentEntryEntryUUID": (ParameterSlot((entry_uuid,)),),
            "$AssociationTypes": (ParameterSlot(tuple(association_types), listed=True),),
        }
        return self.query(StoredQuery(query_id=GET_RELATED_DOCUMENTS.query_id, parameters=parameters))

    def retrieve(self, entries: Sequence[DocumentEntry]) -> Retrieved:
        """Retrieve the documents of entries, each verified by the size and hash of its entry.

        Args:
            entries: With repositoryUniqueId and uniqueId.

        Raises:
            IntegrityError: A document differs from its entry.
            RemoteRefusal: No document was found.
            TransportFailed: No answer, or it broke off; a retrieve may be sent again.
            RemoteFault: The peer answered, but not with documents.
            ConfigError: No repository was given.

        Source: IHE ITI TF-2 3.43.4.
        """
        retrieved = self.retrieve_by_id([_request(entry) for entry in entries])
        expected = {entry.unique_id: entry for entry in entries}
        try:
            for document in retrieved:
                _verify(document, expected[document.document_unique_id])
        except BaseException:
            retrieved.close()
            raise
        return retrieved

    def retrieve_by_id(self, requests: Sequence[DocumentRequest]) -> Retrieved:
        """Retrieve documents by their ids, without metadata to verify them by.

        Raises: As `retrieve`, without IntegrityError.
        """
        if self._repository is None:
            raise ConfigError("no repository was given")
        envelope, message = self._repository.call(ITI_43, iti43.encode_request(requests))
        try:
            outcome, documents = iti43.decode_response(envelope.body, message.resolve)
            outcome.raise_for_status(self._repository.url)
        except BaseException:
            message.close()
            raise
        return Retrieved(outcome, documents, message)

    def close(self) -> None:
        """Close the connections."""
        for peer in (self._registry, self._repository):
            if peer is not None:
                peer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _request(entry: DocumentEntry) -> DocumentRequest:
    return DocumentRequest(
        repository_unique_id=entry.repository_unique_id or "",
        document_unique_id=entry.unique_id or "",
        home_community_id=entry.home_community_id,
    )


def _verify(document: RetrievedDocument, entry: DocumentEntry) -> None:
    if entry.size is not None and entry.size != document.content.size:
        raise IntegrityError(
            f"document {document.document_unique_id} has {document.content.size} bytes, its entry says {entry.size}"
        )
    if entry.hash is not None and entry.hash.lower() != document.content.sha1:
        raise IntegrityError(
            f"document {document.document_unique_id} has the hash {document.content.sha1}, its entry says {entry.hash}"
        )
