"""Rules that compare a submission with what the registry holds (REG-001 to REG-008, PIF-001).

Source: IHE ITI TF-2 3.42.4.1.3; ITI TF-3 4.2.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.model import Association, DocumentEntry, RegistryError, RegistryFacts, Submission
from xds_adapter.model.facts import KnownObject
from xds_adapter.model.finding import finding, label
from xds_adapter.rules.on_demand import check_same_type, check_snapshot_target
from xds_adapter.rules.structure import is_symbolic
from xds_adapter.vocabulary.ebrim import RELATIONSHIPS, AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus


def check_state(submission: Submission, facts: RegistryFacts, *, unknown_patients: bool) -> Iterator[RegistryError]:
    """Check a submission against the registry.

    Args:
        submission: The submission.
        facts: What the registry holds of what it mentions.
        unknown_patients: Accept patients that no identity feed has announced.
    """
    yield from _check_patients(submission, facts, unknown_patients=unknown_patients)
    yield from _check_unique_ids(submission, facts)
    for registry_object in submission.objects():
        if registry_object.entry_uuid in facts.by_entry_uuid:
            name = label(registry_object)
            value = registry_object.entry_uuid or ""
            yield finding("REG-005", "is registered already", object_id=name, attribute="entryUUID", value=value)
    own = {o.entry_uuid for o in submission.objects()}
    for association in submission.associations:
        yield from _check_references(association, submission, facts, own)


def _check_patients(submission: Submission, facts: RegistryFacts, *, unknown_patients: bool) -> Iterator[RegistryError]:
    seen: set[str] = set()
    owners = (submission.submission_set, *submission.document_entries, *submission.folders)
    for owner in owners:
        patient_id = owner.patient_id if owner is not None else None
        if owner is None or patient_id is None or patient_id.fault() or patient_id.key in seen:
            continue
        seen.add(patient_id.key)
        if patient_id.key in facts.merged:
            # Which one is in force says the identity source; a sender that holds an old identifier may not know it.
            words = "was merged into another patient identifier; submit under the one in force"
            yield finding("PIF-001", words, object_id=label(owner), attribute="patientId", value=patient_id.text)
        elif not unknown_patients and patient_id.key not in facts.patients:
            words = "is not a patient that this registry knows"
            yield finding("REG-001", words, object_id=label(owner), attribute="patientId", value=patient_id.text)


def _check_unique_ids(submission: Submission, facts: RegistryFacts) -> Iterator[RegistryError]:
    for owner in (submission.submission_set, *submission.folders):
        if owner is None or not owner.unique_id:
            continue
        kind = type(owner).__name__
        if any(known.kind == kind for known in facts.by_unique_id.get(owner.unique_id, ())):
            words = f"is the uniqueId of a {kind} registered already"
            yield finding("REG-002", words, object_id=label(owner), attribute="uniqueId", value=owner.unique_id)
    for entry in submission.document_entries:
        for known in facts.by_unique_id.get(entry.unique_id or "", ()):
            if known.kind == "DocumentEntry":
                yield from check_same_type(entry, known)
                yield from _check_same_document(entry, known)
                break


def _check_same_document(entry: DocumentEntry, known: KnownObject) -> Iterator[RegistryError]:
    name, value = label(entry), entry.unique_id or ""
    if known.hash is not None and entry.hash is not None and entry.hash.lower() != known.hash:
        words = "is registered already with another hash"
        yield finding("REG-003", words, object_id=name, attribute="uniqueId", value=value)
    elif known.size is not None and entry.size is not None and entry.size != known.size:
        words = "is registered already with another size"
        yield finding("REG-004", words, object_id=name, attribute="uniqueId", value=value)


def _check_references(
    association: Association, submission: Submission, facts: RegistryFacts, own: set[str | None]
) -> Iterator[RegistryError]:
    name = label(association)
    for attribute, end in (("sourceObject", association.source_object), ("targetObject", association.target_object)):
        if not end or is_symbolic(end) or end in own:
            continue
        known = facts.by_entry_uuid.get(end)
        if known is None:
            words = "is not in the registry"
            yield finding("REG-006", words, object_id=name, attribute=attribute, value=end)
            continue
        wanted = _wanted_kinds(association, attribute)
        if known.kind not in wanted:
            words = f"is a {known.kind}, not a {wanted[0]}"
            yield finding("REG-006", words, object_id=name, attribute=attribute, value=end)
            continue
        if association.association_type == AssociationType.IS_SNAPSHOT_OF and attribute == "targetObject":
            yield from check_snapshot_target(association, known)
        elif _must_be_approved(association, submission) and known.status != AvailabilityStatus.APPROVED:
            words = f"is {known.status.rsplit(':', 1)[-1]}"
            yield finding("REG-007", words, object_id=name, attribute=attribute, value=end)
        if _must_share_patient(association, submission) and not _same_patient(submission, known):
            words = f"belongs to another patient than the submission ({known.kind} {known.unique_id or end})"
            yield finding("REG-008", words, object_id=name, attribute=attribute, value=end)


def _from_set(association: Association, submission: Submission) -> bool:
    submission_set = submission.submission_set
    return submission_set is not None and association.source_object == submission_set.entry_uuid


def _wanted_kinds(association: Association, attribute: str) -> tuple[str, ...]:
    """A SubmissionSet and a folder hold registered entries, relationships lead to them; a set may be signed, too."""
    if association.association_type == AssociationType.HAS_MEMBER and attribute == "sourceObject":
        return ("Folder",)
    if association.association_type == AssociationType.SIGNS and attribute == "targetObject":
        return ("DocumentEntry", "SubmissionSet")
    return ("DocumentEntry",)


def _must_be_approved(association: Association, submission: Submission) -> bool:
    """Relationships and folder memberships start and end at objects in force; a Reference may name any."""
    if association.association_type in RELATIONSHIPS:
        return True
    return association.association_type == AssociationType.HAS_MEMBER and not _from_set(association, submission)


def _must_share_patient(association: Association, submission: Submission) -> bool:
    """A SubmissionSet may refer to a document of another patient, nothing else crosses patients."""
    return not _from_set(association, submission) or association.submission_set_status is None


def _same_patient(submission: Submission, known: KnownObject) -> bool:
    submission_set = submission.submission_set
    if submission_set is None or submission_set.patient_id is None or not known.patient_id:
        return True
    return submission_set.patient_id.key == known.patient_id
