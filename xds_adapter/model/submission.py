"""A submission: one SubmissionSet with what it submits.

Source: IHE ITI TF-3 4.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xds_adapter.model.document import SubmittedDocument
from xds_adapter.model.metadata import Association, DocumentEntry, Folder, RegistryObject, Slot, SubmissionSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One submission, before or after its symbolic ids became UUIDs.

    Attributes:
        submission_set: None only in a message that lacks it.
        request_slots: Slots of rs:RequestSlotList.
        documents: The bytes, for ITI-41; a registration (ITI-42) has none.
    """

    submission_set: SubmissionSet | None
    document_entries: tuple[DocumentEntry, ...] = ()
    folders: tuple[Folder, ...] = ()
    associations: tuple[Association, ...] = ()
    request_slots: tuple[Slot, ...] = ()
    documents: tuple[SubmittedDocument, ...] = ()

    def objects(self) -> Iterator[RegistryObject]:
        """Yield all objects: entries, set, folders, associations."""
        yield from self.document_entries
        if self.submission_set is not None:
            yield self.submission_set
        yield from self.folders
        yield from self.associations

    def members(self) -> Iterator[DocumentEntry | Folder]:
        """Yield what the SubmissionSet holds by its nature: entries and folders."""
        yield from self.document_entries
        yield from self.folders
