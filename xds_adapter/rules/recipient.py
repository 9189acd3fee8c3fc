"""Rules of a Document Recipient (XDR-001, XDR-002, XDR-010 to XDR-015).

A recipient has no registry and no affinity domain: codes may be any, and what leads to other submissions is kept and
not acted upon, which is a warning. An object that is labelled as limited metadata needs few attributes.

Source: IHE ITI TF-1 15; ITI TF-2 3.41.4.1.3; ITI TF-3 Table 4.3.1-3 (columns XDR DS and XDR MS).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter

from xds_adapter.model import (
    Association,
    DocumentEntry,
    Folder,
    RegistryError,
    RegistryObject,
    Submission,
    SubmissionSet,
)
from xds_adapter.model.finding import finding, label
from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.attributes import check_values
from xds_adapter.rules.documents import check_documents
from xds_adapter.rules.structure import check_ids, check_status, check_unique_ids
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.error_codes import XdsErrorCode

_LIMITED: dict[type, frozenset[str]] = {
    DocumentEntry: frozenset({"entryUUID", "mimeType", "objectType", "uniqueId"}),
    SubmissionSet: frozenset({"entryUUID", "sourceId", "submissionTime", "uniqueId"}),
    Folder: frozenset({"entryUUID", "uniqueId"}),
}
"""Column XDR MS: what an object must have although it is labelled as limited metadata."""
_TABLES: dict[type, tuple[ebrim.Attribute, ...]] = {
    DocumentEntry: ebrim.DOCUMENT_ENTRY,
    SubmissionSet: ebrim.SUBMISSION_SET,
    Folder: ebrim.FOLDER,
}
_REQUIRED = {
    kind: tuple((attribute.name, attrgetter(attribute.field)) for attribute in table if attribute.required)
    for kind, table in _TABLES.items()
}
_ANYTHING = AffinityDomain()
_AS_REPOSITORY: dict[str, str] = {
    XdsErrorCode.REGISTRY_METADATA_ERROR: XdsErrorCode.REPOSITORY_METADATA_ERROR,
    XdsErrorCode.REGISTRY_ERROR: XdsErrorCode.REPOSITORY_ERROR,
    XdsErrorCode.REGISTRY_DUPLICATE_UNIQUE_ID_IN_MESSAGE: XdsErrorCode.REPOSITORY_DUPLICATE_UNIQUE_ID_IN_MESSAGE,
}
"""There is no registry here: its codes become those of a repository."""
_NOT_PROCESSED = {
    AssociationType.APND: "XDR-011",
    AssociationType.RPLC: "XDR-012",
    AssociationType.XFRM: "XDR-013",
    AssociationType.XFRM_RPLC: "XDR-014",
}
_KEPT = "is kept with the metadata and not acted upon: there is no registry here"


def check_received(
    submission: Submission, form: Iterable[RegistryError] = (), *, limited_metadata: bool = True
) -> list[RegistryError]:
    """Check a submission to a Document Recipient.

    Args:
        submission: With its documents.
        form: What the decoder found.
        limited_metadata: The recipient accepts limited metadata; else a label changes nothing.

    Returns:
        All findings; those on folders and associations that a recipient cannot handle are warnings.
    """
    errors = list(form)
    if submission.submission_set is None and not any(error.rule == "META-001" for error in errors):
        errors.append(finding("META-001", "0 SubmissionSets in the submission, one is needed"))
    reported: dict[str, set[str]] = defaultdict(set)
    for error in errors:
        reported[error.object_id].add(error.attribute)
    for owner in _owners(submission):
        errors += _check_presence(owner, reported[label(owner)], limited_metadata=limited_metadata)
        errors += check_values(owner, _ANYTHING)
    errors += check_ids(submission)
    errors += check_unique_ids(submission)
    errors += _check_patients(submission)
    errors += _check_links(submission)
    errors = [replace(error, code=_AS_REPOSITORY.get(error.code, error.code)) for error in errors]
    # META-060 says of documents what REPO-005 says, and has the same code here.
    errors += [error for error in check_documents(submission) if error.rule != "REPO-005"]
    return errors


def _owners(submission: Submission) -> Iterator[DocumentEntry | SubmissionSet | Folder]:
    yield from submission.members()
    if submission.submission_set is not None:
        yield submission.submission_set


def _check_presence(
    owner: DocumentEntry | SubmissionSet | Folder, reported: set[str], *, limited_metadata: bool
) -> Iterator[RegistryError]:
    is_limited = owner.limited_metadata and limited_metadata
    words = "is required"
    if not owner.limited_metadata:
        words = "is required, as the object is not labelled as limited metadata"
    elif not limited_metadata:
        words = "is required, as this recipient does not accept limited metadata"
    for name, read in _REQUIRED[type(owner)]:
        if read(owner) not in (None, ()) or name in reported:
            continue
        if name in _LIMITED[type(owner)]:
            yield finding("XDR-001", "is required", object_id=label(owner), attribute=name)
        elif not is_limited:
            yield finding("XDR-001", words, object_id=label(owner), attribute=name)


def _check_patients(submission: Submission) -> Iterator[RegistryError]:
    """Of objects that name a patient, the SubmissionSet's counts, or else that of the first."""
    owners = sorted(_owners(submission), key=lambda owner: not isinstance(owner, SubmissionSet))
    named = [(owner, owner.patient_id) for owner in owners if owner.patient_id and not owner.patient_id.fault()]
    for owner, patient_id in named[1:]:
        first, expected = named[0]
        if patient_id.key != expected.key:
            words = f"differs from {expected} in {label(first)}"
            yield finding("XDR-002", words, object_id=label(owner), attribute="patientId", value=patient_id.text)


def _check_links(submission: Submission) -> Iterator[RegistryError]:
    """Every entry belongs to the SubmissionSet; whatever else associations say is kept with a warning."""
    submission_set = submission.submission_set
    own = submission_set.entry_uuid if submission_set is not None else None
    objects = {o.entry_uuid: o for o in submission.objects() if o.entry_uuid}
    linked = set()
    for association in submission.associations:
        target = objects.get(association.target_object or "")
        is_member = association.association_type == AssociationType.HAS_MEMBER
        if is_member and association.source_object == own and isinstance(target, DocumentEntry):
            linked.add(target.entry_uuid)
            yield from check_status(association, target)
        elif not (is_member and _is_of_a_folder(association, own, objects)):
            yield _warning(association, objects)
    for entry in submission.document_entries:
        if own and entry.entry_uuid and entry.entry_uuid not in linked:
            words = "is not linked to the SubmissionSet by HasMember"
            yield finding("META-041", words, object_id=label(entry), attribute="HasMember")
    for folder in submission.folders:
        yield finding("XDR-010", _KEPT, object_id=label(folder), attribute="Folder")


def _is_of_a_folder(association: Association, own: str | None, objects: dict[str, RegistryObject]) -> bool:
    """Tell whether a HasMember belongs to a folder of the submission, which has a warning of its own."""
    target = objects.get(association.target_object or "")
    if association.source_object == own:
        return isinstance(target, Folder) or (isinstance(target, Association) and target.source_object != own)
    return isinstance(objects.get(association.source_object or ""), Folder)


def _warning(association: Association, objects: dict[str, RegistryObject]) -> RegistryError:
    name, kind = label(association), association.association_type or ""
    if kind == AssociationType.HAS_MEMBER and association.source_object not in objects:
        # Only a folder that was submitted before can be meant.
        return finding(
            "XDR-010", _KEPT, object_id=name, attribute="sourceObject", value=association.source_object or ""
        )
    rule = next((rule for known, rule in _NOT_PROCESSED.items() if known == kind), "XDR-015")
    return finding(rule, _KEPT, object_id=name, attribute="associationType", value=kind)
