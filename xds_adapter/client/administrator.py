"""The Document Administrator: corrects and removes what a registry and a repository hold (ITI-57, ITI-62, ITI-86).

Source: IHE ITI supplements XDS Metadata Update, 3.57, and Remove Metadata and Documents, 3.62 and 3.86.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from xds_adapter.client.peer import SoapPeer
from xds_adapter.errors import ConfigError
from xds_adapter.model import Association, DocumentEntry, DocumentRequest, Outcome, Submission, SubmissionSet
from xds_adapter.transactions import Body, iti57, iti62, iti86
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.transactions import ITI_57, ITI_62, ITI_86, Transaction


class DocumentAdministrator:
    """Corrects the metadata of one registry and removes it, and documents. Thread-safe; a context manager.

    Args:
        registry: URL of the Document Registry.
        repository: URL of the Document Repository that documents are removed from.
        timeout_s: Seconds to wait for a connection, and for the next bytes of the answer.
        on_wire: Shown each envelope, with ``sent`` or ``received``; for diagnosis.

    Example::

        with DocumentAdministrator("https://xds.region.example/registry") as administrator:
            administrator.update_document_entry(replace(found, title="Scanner thoracique"), submission_set)
    """

    def __init__(
        self,
        registry: str,
        repository: str | None = None,
        *,
        timeout_s: float = 60.0,
        on_wire: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._registry = SoapPeer("DocumentRegistry", registry, timeout_s=timeout_s, on_wire=on_wire)
        self._repository: SoapPeer | None = None
        if repository:
            self._repository = SoapPeer("DocumentRepository", repository, timeout_s=timeout_s, on_wire=on_wire)

    def update_document_entry(
        self, entry: DocumentEntry, submission_set: SubmissionSet, *, propagate_associations: bool = True
    ) -> Outcome:
        """Submit a new version of a registered entry.

        Args:
            entry: The latest version as a query returned it, with its logicalID and version, and attributes changed.
            submission_set: Describes this submission; its uniqueId is new.
            propagate_associations: Let the new version take the place of the former one in folders and relationships.

        Returns:
            Success, possibly with warnings.

        Raises:
            ValueError: The entry has no logicalID or no version.
            RemoteRefusal: Nothing was changed; carries every RegistryError.
            TransportFailed: No answer; unless its `sent` is False the outcome is unknown. Sent again after a success,
                the update is refused, because the version has moved on.
            RemoteFault: The peer answered with a SOAP fault, or with no SOAP at all.

        Source: IHE ITI supplement XDS Metadata Update, 3.57.4.1.3.3.1.
        """
        if entry.logical_id is None or entry.version is None:
            raise ValueError("an update needs the entry's logicalID and version, as a query returns them")
        new = replace(entry, entry_uuid="Document01", version=None, availability_status=None)
        link = Association(
            entry_uuid="Association01",
            source_object="SubmissionSet01",
            target_object="Document01",
            submission_set_status="Original",
            previous_version=entry.version,
            association_propagation="yes" if propagate_associations else "no",
        )
        return self._update(submission_set, entries=(new,), association=link)

    def update_availability_status(
        self, entry_uuid: str, submission_set: SubmissionSet, *, original: str, new: str
    ) -> Outcome:
        """Change the availabilityStatus of an entry, a folder or an association.

        Args:
            entry_uuid: The object; of an entry or folder the latest version.
            submission_set: Describes this submission; its uniqueId is new.
            original: The status it has, see `AvailabilityStatus`.
            new: The status it gets.

        Returns:
            Success, possibly with warnings.

        Raises:
            RemoteRefusal: Nothing was changed; carries every RegistryError.
            TransportFailed: No answer; unless its `sent` is False the outcome is unknown.
            RemoteFault: The peer answered with a SOAP fault, or with no SOAP at all.

        Source: IHE ITI supplement XDS Metadata Update, 3.57.4.1.3.3.2.
        """
        change = Association(
            entry_uuid="Association01",
            association_type=AssociationType.UPDATE_AVAILABILITY_STATUS,
            source_object="SubmissionSet01",
            target_object=entry_uuid,
            original_status=original,
            new_status=new,
        )
        return self._update(submission_set, association=change)

    def _update(
        self, submission_set: SubmissionSet, *, entries: tuple[DocumentEntry, ...] = (), association: Association
    ) -> Outcome:
        submission = Submission(
            submission_set=replace(submission_set, entry_uuid="SubmissionSet01"),
            document_entries=entries,
            associations=(association,),
        )
        return self._call(self._registry, ITI_57, iti57.encode_request(submission))

    def remove_metadata(self, entry_uuids: Sequence[str]) -> Outcome:
        """Remove objects from the registry, for good: all of them or none.

        Args:
            entry_uuids: Entries, folders, SubmissionSets and associations; whatever refers to one of them goes with it
                or keeps all of them.

        Returns:
            Success, possibly with warnings.

        Raises:
            RemoteRefusal: Nothing was removed; carries every RegistryError.
            TransportFailed: No answer; unless its `sent` is False the outcome is unknown.
            RemoteFault: The peer answered with a SOAP fault, or with no SOAP at all.

        Source: IHE ITI supplement Remove Metadata and Documents, 3.62.4.1.
        """
        return self._call(self._registry, ITI_62, iti62.encode_request(entry_uuids))

    def remove_documents(self, documents: Sequence[DocumentRequest]) -> Outcome:
        """Remove documents from the repository, for good: all of them or none. Their metadata stays.

        Returns:
            Success, possibly with warnings.

        Raises:
            RemoteRefusal: Nothing was removed; carries every RegistryError.
            TransportFailed: No answer; unless its `sent` is False the outcome is unknown.
            RemoteFault: The peer answered with a SOAP fault, or with no SOAP at all.
            ConfigError: No repository was given.

        Source: IHE ITI supplement Remove Metadata and Documents, 3.86.4.1.
        """
        if self._repository is None:
            raise ConfigError("no repository was given")
        return self._call(self._repository, ITI_86, iti86.encode_request(documents))

    @staticmethod
    def _call(peer: SoapPeer, transaction: Transaction, body: Body) -> Outcome:
        envelope, message = peer.call(transaction, body)
        with message:
            # The answer is rs:RegistryResponse in each of them.
            outcome = iti57.decode_response(envelope.body)
        outcome.raise_for_status(peer.url)
        return outcome

    def close(self) -> None:
        """Close the connections."""
        self._registry.close()
        if self._repository is not None:
            self._repository.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
