"""The On-Demand Document Source: makes documents when they are asked for, and keeps what it gives away.

::

    on-demand entry --assemble--> bytes --> those of a snapshot in force: that one is given again
                                        --> others: stored and registered as a snapshot, before the answer

Source: IHE ITI TF-2 3.43.4.1.3 and 3.43.4.2.3.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from xds_adapter.actors.registration import Registration
from xds_adapter.actors.repository import DocumentRepository
from xds_adapter.actors.snapshots import OnDemandEntries, snapshot_submission
from xds_adapter.datatypes import new_oid
from xds_adapter.errors import AssemblyFailed, RemoteFault, TransportFailed
from xds_adapter.model import (
    DocumentContent,
    DocumentEntry,
    DocumentRequest,
    Outcome,
    RegistryError,
    RemoteRefusal,
    RetrievedDocument,
    SubmissionSet,
    finding,
)
from xds_adapter.ports import DocumentAssembly
from xds_adapter.vocabulary.status import AvailabilityStatus, ResponseStatus

LOG = logging.getLogger("xds_adapter.actors")

_NOT_STORED = "REPO-007"
_ATTEMPTS = 10
"""Each that fails has been overtaken by another retrieve, which has succeeded."""


class _NotGiven(Exception):
    """A document cannot be given, and why."""

    def __init__(self, *errors: RegistryError) -> None:
        self.errors = errors


@dataclass(frozen=True, slots=True)
class RetrieveAnswer:
    """The answer to a retrieve: an outcome and the documents found."""

    outcome: Outcome
    documents: tuple[RetrievedDocument, ...] = ()

    @classmethod
    def of(cls, results: Iterable[RetrievedDocument | Sequence[RegistryError]]) -> RetrieveAnswer:
        """Make the answer of what came of each request: a document, or why there is none."""
        documents: list[RetrievedDocument] = []
        errors: list[RegistryError] = []
        for result in results:
            if isinstance(result, RetrievedDocument):
                documents.append(result)
            else:
                errors.extend(result)
        outcome = Outcome.of(errors)
        if errors and documents:
            outcome = Outcome(ResponseStatus.PARTIAL_SUCCESS, outcome.errors)
        return cls(outcome, tuple(documents))


class OnDemandDocumentSource:
    """Answers a retrieve with stored documents, and with such as it makes for it.

    Args:
        repository: Keeps the snapshots.
        registration: Knows the on-demand entries, and takes the snapshots.
        assembly: Makes the documents; None: nobody does, and a request for one is told so.
    """

    def __init__(
        self, repository: DocumentRepository, registration: Registration, assembly: DocumentAssembly | None
    ) -> None:
        self._repository = repository
        self._entries = OnDemandEntries(registration.query, repository.unique_id)
        self._assembly = assembly

    def retrieve(self, requests: Sequence[DocumentRequest]) -> RetrieveAnswer:
        """Give back documents, on-demand documents as they are now.

        Returns:
            Success when all were found, PartialSuccess when some were, Failure when none was; at least one error for
            each document that is missing.

        Raises:
            StorageUnavailable: The database cannot serve.

        Source: IHE ITI TF-2 3.43.4.2.3.
        """
        found = self._repository.find(requests)
        return RetrieveAnswer.of([self._completed(*pair) for pair in zip(requests, found, strict=True)])

    def _completed(
        self, request: DocumentRequest, found: RetrievedDocument | RegistryError
    ) -> RetrievedDocument | Sequence[RegistryError]:
        if isinstance(found, RetrievedDocument):
            return found
        if found.rule != _NOT_STORED:
            return (found,)
        try:
            entry = self._entry(request.document_unique_id)
            return (found,) if entry is None else self._given(request, self._snapshot_of(entry))
        except _NotGiven as error:
            return error.errors
        except RemoteRefusal as error:
            return error.outcome.errors
        except (TransportFailed, RemoteFault):
            return (finding("REPO-006", "the registry does not say whether this is an on-demand document"),)

    def _given(self, request: DocumentRequest, new_unique_id: str) -> RetrievedDocument:
        (stored,) = self._repository.find([replace(request, document_unique_id=new_unique_id)])
        if not isinstance(stored, RetrievedDocument):
            raise _NotGiven(stored)
        return replace(
            stored,
            document_unique_id=request.document_unique_id,
            new_repository_unique_id=self._repository.unique_id,
            new_document_unique_id=new_unique_id,
        )

    def _entry(self, unique_id: str) -> DocumentEntry | None:
        """The on-demand entry with this uniqueId, the last one of those in force."""
        entries = self._entries.with_unique_id(unique_id)
        in_force = [entry for entry in entries if entry.availability_status == AvailabilityStatus.APPROVED]
        if entries and not in_force:
            raise _NotGiven(_found("OD-007", "is an on-demand document that is no longer in force", entries[-1]))
        return in_force[-1] if in_force else None

    def _snapshot_of(self, entry: DocumentEntry) -> str:
        """Make the document of an entry; returns the uniqueId under which it is stored and registered."""
        if self._assembly is None:
            words = "is an on-demand document, and nothing makes such here (repository.on_demand_command is not set)"
            raise _NotGiven(_found("OD-008", words, entry))
        new_unique_id = new_oid()
        try:
            with self._assembly.assemble(entry, new_unique_id) as content:
                return self._kept(entry, content, new_unique_id)
        except AssemblyFailed as error:
            LOG.warning("an on-demand document could not be made: %s", error)
            raise _NotGiven(_found("OD-008", "is an on-demand document that cannot be made now", entry)) from None

    def _kept(self, entry: DocumentEntry, content: DocumentContent, new_unique_id: str) -> str:
        """Find these bytes among the snapshots in force, or store and register them as a new one."""
        snapshots = self._entries.snapshots(entry)
        for _ in range(_ATTEMPTS):
            for snapshot in snapshots:
                if ((snapshot.hash or "").lower(), snapshot.size) == (content.sha1, content.size):
                    return snapshot.unique_id or ""
            submission = snapshot_submission(
                entry, self._submission_set(entry), content, new_unique_id=new_unique_id, former=snapshots
            )
            outcome = self._repository.provide_and_register(submission)
            if outcome.is_success:
                return new_unique_id
            former, snapshots = snapshots, self._entries.snapshots(entry)
            if former == snapshots:
                break
            # Another retrieve has replaced what this one wanted to replace.
        words = "is an on-demand document whose snapshot the registry does not take, see the other errors"
        raise _NotGiven(_found("OD-009", words, entry), *outcome.errors)

    def _submission_set(self, entry: DocumentEntry) -> SubmissionSet:
        found = self._entries.submission_set(entry)
        if found is None:
            words = "is an on-demand document without SubmissionSet in the registry"
            raise _NotGiven(_found("OD-009", words, entry))
        return found


def _found(rule: str, words: str, entry: DocumentEntry) -> RegistryError:
    return finding(rule, words, attribute="DocumentUniqueId", value=entry.unique_id or "")
