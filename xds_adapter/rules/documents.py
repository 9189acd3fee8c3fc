"""Rules that compare a submission with its documents (REPO-001 to REPO-005), and what a repository fills in.

Source: IHE ITI TF-2 3.41.4.1.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xds_adapter.model import DocumentContent, DocumentEntry, RegistryError, Submission
from xds_adapter.model.finding import finding, label
from xds_adapter.vocabulary.ebrim import DocumentEntryType


def check_documents(submission: Submission) -> Iterator[RegistryError]:
    """Check that entries and documents of an ITI-41 message belong together."""
    documents = {document.document_id: document.content for document in submission.documents}
    ids = Counter(document.document_id for document in submission.documents)
    entries = {entry.entry_uuid for entry in submission.document_entries}
    for document_id, times in ids.items():
        if document_id not in entries:
            yield finding("REPO-002", "has no DocumentEntry", object_id=f"Document {document_id}")
        if times > 1:
            yield finding("REPO-002", f"stands {times} times", object_id=f"Document {document_id}")
    for entry in submission.document_entries:
        content = documents.get(entry.entry_uuid or "")
        if content is not None:
            yield from _check_content(entry, content)
        elif entry.object_type != DocumentEntryType.ON_DEMAND:
            words = f"came without its document (xds:Document with id {entry.entry_uuid or '?'})"
            yield finding("REPO-001", words, object_id=label(entry))
    unique_ids = Counter(entry.unique_id for entry in submission.document_entries if entry.unique_id)
    for unique_id, times in unique_ids.items():
        if times > 1:
            yield finding("REPO-005", f"stands {times} times", attribute="uniqueId", value=unique_id)


def _check_content(entry: DocumentEntry, content: DocumentContent) -> Iterator[RegistryError]:
    name = label(entry)
    if entry.hash is not None and entry.hash.lower() != content.sha1:
        words = f"is not the hash of the document, {content.sha1}"
        yield finding("REPO-003", words, object_id=name, attribute="hash", value=entry.hash)
    if entry.size is not None and entry.size != content.size:
        words = f"is not the size of the document, {content.size}"
        yield finding("REPO-004", words, object_id=name, attribute="size", value=str(entry.size))
