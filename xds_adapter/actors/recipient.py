"""The Document Recipient of XDR: takes documents for other software, without a registry.

Source: IHE ITI TF-1 15; ITI TF-2 3.41.
"""

from __future__ import annotations

from collections.abc import Iterable

from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import Outcome, RegistryError, Submission, finding
from xds_adapter.rules import bounded, check_received
from xds_adapter.storage import Inbox, file_name, is_full


class DocumentRecipient:
    """A Document Recipient that hands submissions over in a folder.

    Args:
        inbox: Where they are put.
        limited_metadata: Accept objects that are labelled as limited metadata with the few attributes they need.
    """

    def __init__(self, inbox: Inbox, *, limited_metadata: bool = True) -> None:
        self._inbox = inbox
        self._limited_metadata = limited_metadata

    def receive(self, submission: Submission, metadata: bytes, form: Iterable[RegistryError] = ()) -> Outcome:
        """Take a submission, all or nothing.

        The same submission may come again, as it does when an answer was lost.

        Args:
            submission: With its documents.
            metadata: lcm:SubmitObjectsRequest as received.
            form: What the decoder found.

        Returns:
            Success once everything is durable, with a warning for each folder and association that is kept and not
            acted upon; or Failure with every finding, and nothing is kept.

        Raises:
            StorageUnavailable: The disk fails; nothing was kept, the caller may retry.

        Source: IHE ITI TF-2 3.41.4.1.3.
        """
        found = check_received(submission, form, limited_metadata=self._limited_metadata)
        submission_set = submission.submission_set
        if submission_set is None or any(error.is_error for error in found):
            return Outcome.of(bounded(found))
        contents = {document.document_id: document.content for document in submission.documents}
        documents = [
            (file_name(number, entry.unique_id or "", entry.mime_type or ""), contents[entry.entry_uuid or ""])
            for number, entry in enumerate(submission.document_entries, 1)
        ]
        unique_id = submission_set.unique_id or ""
        try:
            if not self._inbox.keep(unique_id, metadata, documents):
                words, name = "was received before with other metadata or documents", f"SubmissionSet {unique_id}"
                found.append(finding("XDR-003", words, object_id=name, attribute="uniqueId", value=unique_id))
        except StorageUnavailable as error:
            if not is_full(error):
                raise
            found.append(finding("XDR-004", "the inbox has no room for the documents; nothing was kept"))
        return Outcome.of(bounded(found))
