"""Removal for good: metadata from the registry (ITI-62), documents from the repository (ITI-86).

All or nothing, and every removal is recorded. What is removed is overwritten, see `Database.scrub`.

Source: IHE ITI Remove Metadata and Documents 3.62 and 3.86.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import DocumentRequest, Outcome, RegistryError, finding
from xds_adapter.rules import bounded, check_removal
from xds_adapter.storage import Database, Removed, Transaction
from xds_adapter.vocabulary.transactions import ITI_62, ITI_86

LOG = logging.getLogger("xds_adapter.actors")


class MetadataRemoval:
    """Removes objects from the registry of one database.

    Args:
        database: Where objects are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def remove_metadata(self, entry_uuids: Iterable[str], form: Iterable[RegistryError] = ()) -> Outcome:
        """Remove DocumentEntries, SubmissionSets, Folders and Associations; documents stay where they are.

        Args:
            entry_uuids: What to remove.
            form: What the decoder found.

        Returns:
            Success once everything is gone, or Failure with every finding; then nothing was removed.

        Raises:
            StorageUnavailable: Nothing was removed, the caller may retry.

        Source: IHE ITI Remove Metadata and Documents 3.62.4.1.3.
        """
        wanted, errors = tuple(dict.fromkeys(entry_uuids)), tuple(form)

        def decide(transaction: Transaction) -> Outcome:
            facts = transaction.removals.facts(wanted)
            outcome = Outcome.of(bounded([*errors, *check_removal(wanted, facts)]))
            if outcome.is_success:
                removed = [Removed(kind=known.kind, removed_id=known.entry_uuid) for known in facts.named.values()]
                transaction.removals.delete(facts.named.values())
                transaction.removals.record(removed, ITI_62.number)
            return outcome

        outcome = self._database.write(decide)
        if outcome.is_success:
            _scrubbed(self._database)
        return outcome


class DocumentRemoval:
    """Removes documents from the repository of one database.

    Args:
        database: Where bytes and bindings are kept.
        repository_unique_id: The repository's own.
    """

    def __init__(self, database: Database, repository_unique_id: str) -> None:
        self._database = database
        self._repository_unique_id = repository_unique_id

    def remove_documents(self, requests: Sequence[DocumentRequest]) -> Outcome:
        """Remove documents; their metadata stay in the registry.

        Bytes that another document has as well stay for that one. The uniqueId of a removed document is unknown here
        from now on, so that the document may be provided again.

        Returns:
            Success, or Failure with an error for each document that cannot be removed; then none was.

        Raises:
            StorageUnavailable: Nothing was removed, the caller may retry.

        Source: IHE ITI Remove Metadata and Documents 3.86.4.1.3.
        """
        wanted = tuple(dict.fromkeys((r.repository_unique_id, r.document_unique_id) for r in requests))

        def decide(transaction: Transaction) -> tuple[Outcome, list[bytes]]:
            outcome = Outcome.of(bounded([error for ids in wanted for error in self._check(transaction, *ids)]))
            if not outcome.is_success:
                return outcome, []
            return outcome, _removed(transaction, [document for _, document in wanted])

        outcome, orphans = self._database.write(decide)
        if outcome.is_success:
            _collected(self._database, orphans)
            _scrubbed(self._database)
        return outcome

    def _check(self, transaction: Transaction, repository: str, document: str) -> Iterator[RegistryError]:
        name = f"DocumentRequest {document}"
        if repository != self._repository_unique_id:
            words = f"is not this repository, which is {self._repository_unique_id}"
            yield finding("RM-005", words, object_id=name, attribute="RepositoryUniqueId", value=repository)
        elif transaction.documents.is_pending(document):
            words = "waits for the registry's answer to its registration and cannot be removed before"
            yield finding("RM-007", words, object_id=name, attribute="DocumentUniqueId", value=document)
        elif transaction.documents.bound_content(document) is None:
            words = "is not stored in this repository"
            yield finding("RM-006", words, object_id=name, attribute="DocumentUniqueId", value=document)


def _removed(transaction: Transaction, document_unique_ids: Iterable[str]) -> list[bytes]:
    """Remove bound documents; returns the contents that nothing refers to any more."""
    orphans: list[bytes] = []
    removed: list[Removed] = []
    for document_unique_id in document_unique_ids:
        found = transaction.documents.find(document_unique_id)
        sha1 = found.content.sha1 if found is not None else None
        removed.append(Removed(kind="Document", removed_id=document_unique_id, sha1=sha1))
        orphans += transaction.documents.unbind(document_unique_id)
    transaction.removals.record(removed, ITI_86.number)
    return orphans


def _collected(database: Database, orphans: Iterable[bytes]) -> None:
    """Remove files; the removal itself is committed, so that a failing disk only delays this to the next start."""
    try:
        database.collect(orphans)
    except StorageUnavailable as error:
        LOG.error("the files of removed documents remain until the next start: %s", error)  # noqa: TRY400


def _scrubbed(database: Database) -> None:
    try:
        database.scrub()
    except StorageUnavailable as error:
        LOG.error("the database's log keeps removed content until the next start: %s", error)  # noqa: TRY400
