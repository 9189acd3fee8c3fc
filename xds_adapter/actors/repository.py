"""The Document Repository: takes documents, has them registered, gives them back.

Source: IHE ITI TF-2 3.41 and 3.43.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xds_adapter.actors.registration import Registration
from xds_adapter.model import (
    DocumentEntry,
    DocumentRequest,
    Outcome,
    RegistryError,
    RetrievedDocument,
    Submission,
    finding,
)
from xds_adapter.model.change import changed
from xds_adapter.ports import DocumentCheck
from xds_adapter.rules import check_documents
from xds_adapter.storage import BoundDocument, Database, StagedContent, Transaction


class DocumentRepository:
    """The Document Repository of one database.

    Args:
        database: Where bytes and bindings are kept.
        registration: The registry.
        unique_id: repositoryUniqueId, an OID.
        check: Judges the content of documents; None: nobody does.
    """

    def __init__(
        self,
        database: Database,
        registration: Registration,
        unique_id: str,
        *,
        check: DocumentCheck | None = None,
    ) -> None:
        self._database = database
        self._registration = registration
        self.unique_id = unique_id
        self._check = check

    def provide_and_register(self, submission: Submission, form: Iterable[RegistryError] = ()) -> Outcome:
        """Store the documents of a submission and register them, all or nothing.

        Args:
            submission: With its documents.
            form: What the decoder found.

        Returns:
            Success once everything is durable, or Failure with every finding; then nothing is visible.

        Raises:
            StorageUnavailable: The disk or the database cannot serve; the caller may retry.

        Source: IHE ITI TF-2 3.41.4.1.3.
        """
        errors = [*form, *check_documents(submission), *self._judged(submission)]
        prepared = self._completed(submission)
        if any(error.is_error for error in errors):
            outcome = self._registration.register(prepared, errors, ())
            return Outcome(outcome.status, tuple(error for error in outcome.errors if not _is_ours_to_fill_in(error)))
        documents = self._stage(prepared)
        try:
            return self._registration.register(prepared, errors, documents)
        finally:
            for document in documents:
                self._database.contents.discard(document.staged)

    def _judged(self, submission: Submission) -> Iterator[RegistryError]:
        if self._check is None:
            return
        contents = {document.document_id: document.content for document in submission.documents}
        for entry in submission.document_entries:
            content = contents.get(entry.entry_uuid or "")
            if content is not None:
                yield from self._check.check(entry, content)

    def _completed(self, submission: Submission) -> Submission:
        """Fill in what the repository knows better than the source: where, how large, which hash."""
        contents = {document.document_id: document.content for document in submission.documents}

        def complete(entry: DocumentEntry) -> DocumentEntry:
            content = contents.get(entry.entry_uuid or "")
            return changed(
                entry,
                repository_unique_id=self.unique_id,
                hash=entry.hash or (content.sha1 if content is not None else None),
                size=entry.size if entry.size is not None or content is None else content.size,
            )

        return replace(submission, document_entries=tuple(complete(entry) for entry in submission.document_entries))

    def _stage(self, submission: Submission) -> list[BoundDocument]:
        contents = {document.document_id: document.content for document in submission.documents}
        staged: list[BoundDocument] = []
        try:
            for entry in submission.document_entries:
                content = contents.get(entry.entry_uuid or "")
                if content is None:
                    continue  # An on-demand entry, which the registry refuses (META-027): it has no document.
                kept: StagedContent = self._database.contents.stage(content)
                mime_type, unique_id = entry.mime_type or "", entry.unique_id or ""
                staged.append(BoundDocument(document_unique_id=unique_id, mime_type=mime_type, staged=kept))
        except BaseException:
            for document in staged:
                self._database.contents.discard(document.staged)
            raise
        return staged

    def find(self, requests: Sequence[DocumentRequest]) -> list[RetrievedDocument | RegistryError]:
        """Find documents: for each request the document, or why there is none.

        Raises:
            StorageUnavailable: The database cannot be read.

        Source: IHE ITI TF-2 3.43.4.2.3.
        """
        with self._database.reading() as transaction:
            return [self._find(transaction, request) for request in requests]

    def _find(self, transaction: Transaction, request: DocumentRequest) -> RetrievedDocument | RegistryError:
        if request.repository_unique_id != self.unique_id:
            words, value = f"is not this repository, which is {self.unique_id}", request.repository_unique_id
            return finding("REPO-008", words, attribute="RepositoryUniqueId", value=value)
        found = transaction.documents.find(request.document_unique_id)
        if found is None:
            value = request.document_unique_id
            removed = transaction.removals.was_removed(value)
            words = "was removed from this repository" if removed else "is not stored in this repository"
            return finding("REPO-007", words, attribute="DocumentUniqueId", value=value)
        return RetrievedDocument(
            repository_unique_id=request.repository_unique_id,
            document_unique_id=request.document_unique_id,
            home_community_id=request.home_community_id,
            mime_type=found.mime_type,
            content=found.content,
        )


def _is_ours_to_fill_in(error: RegistryError) -> bool:
    """That hash or size lack follows from a missing document; the source need not give them."""
    return error.rule == "META-020" and error.attribute in ("hash", "size")
