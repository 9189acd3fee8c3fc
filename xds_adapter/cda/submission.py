"""A submission of documents whose entries were derived from their headers.

Source: IHE ITI TF-3 4.2.1, 4.2.2.2 and 4.2.3.3; ANS guide to the transmission of CDA R2 documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xds_adapter.cda.metadata import Derived
from xds_adapter.datatypes import DTM, Coded, new_oid
from xds_adapter.errors import CdaInvalid
from xds_adapter.model import (
    Association,
    Author,
    DocumentContent,
    DocumentEntry,
    Submission,
    SubmissionSet,
    SubmittedDocument,
)
from xds_adapter.vocabulary.cda import CONTENT_TYPE_CODES, OUTPATIENT_CONTENT
from xds_adapter.vocabulary.ebrim import AssociationType

DEFAULT_SOURCE_ID = "2.25.64183999102161973970682928668486347007"
"""sourceId of a sender that has none of its own: the OID of this software, fit for trials only."""

SUBMISSION_SET_ID = "SubmissionSet01"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionSettings:
    """What a sender sets once.

    Attributes:
        source_id: OID of the sending system.
        authors: The sender; empty: the author of the first document.
        content_type_codes: contentTypeCode by encounter code, before the built-in table.
        content_type_code: contentTypeCode of every submission, before anything derived.
        title: Title of the submission set, or None.
    """

    source_id: str = DEFAULT_SOURCE_ID
    authors: tuple[Author, ...] = ()
    content_type_codes: Mapping[str, Coded] = field(default_factory=dict)
    content_type_code: Coded | None = None
    title: str | None = None


def _content_type(derived: Derived, settings: SubmissionSettings) -> Coded:
    if settings.content_type_code:
        return settings.content_type_code
    encounter = derived.header.encounter_code
    code = encounter.code if encounter else ""
    if code in settings.content_type_codes:
        return settings.content_type_codes[code]
    return Coded(*CONTENT_TYPE_CODES.get(code, OUTPATIENT_CONTENT))


def _submission_set(first: Derived, settings: SubmissionSettings) -> SubmissionSet:
    return SubmissionSet(
        entry_uuid=SUBMISSION_SET_ID,
        unique_id=new_oid(),
        submission_time=DTM.now(),
        source_id=settings.source_id,
        patient_id=first.entry.patient_id,
        authors=settings.authors or first.entry.authors[:1],
        content_type_code=_content_type(first, settings),
        title=settings.title,
    )


def _associations(entries: Sequence[DocumentEntry], replaces: Mapping[str, str]) -> Iterator[Association]:
    """Yield one HasMember an entry, then one RPLC an entry that replaces another."""
    for entry in entries:
        yield Association(
            source_object=SUBMISSION_SET_ID, target_object=entry.entry_uuid, submission_set_status="Original"
        )
    for entry in entries:
        if (old := replaces.get(str(entry.unique_id))) is not None:
            yield Association(association_type=AssociationType.RPLC, source_object=entry.entry_uuid, target_object=old)


def submission(
    derived: Sequence[Derived],
    settings: SubmissionSettings | None = None,
    *,
    contents: Sequence[DocumentContent] = (),
    replaces: Mapping[str, str] | None = None,
) -> Submission:
    """Make the submission of one or several documents of one patient.

    Args:
        derived: What `document_entry` gave; the first one decides what the submission set says.
        settings: What the sender sets once.
        contents: The bytes, in the same order; none for a registration.
        replaces: uniqueId of a new document to the entryUUID of the one that it replaces.

    Returns:
        Entries ``Document01``..., set ``SubmissionSet01``, associations ``as01``...: one HasMember an entry with
        SubmissionSetStatus Original, and one RPLC a replacement.

    Raises:
        CdaInvalid: The documents are of different patients.
        ValueError: There is no document, or not one content a document.
    """
    if not derived or (contents and len(contents) != len(derived)):
        raise ValueError("a submission takes at least one document, and one content a document or none")
    patients = {str(one.entry.patient_id) for one in derived}
    if len(patients) > 1:
        raise CdaInvalid(("patientId: the documents of one submission are of one patient, these are of several",))
    entries = tuple(replace(one.entry, entry_uuid=f"Document{number:02}") for number, one in enumerate(derived, 1))
    links = enumerate(_associations(entries, replaces or {}), 1)
    return Submission(
        submission_set=_submission_set(derived[0], settings or SubmissionSettings()),
        document_entries=entries,
        associations=tuple(replace(link, entry_uuid=f"as{number:02}") for number, link in links),
        documents=tuple(
            SubmittedDocument(document_id=str(entry.entry_uuid), content=content)
            for entry, content in zip(entries, contents, strict=False)
        ),
    )
