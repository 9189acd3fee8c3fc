"""Rules on a submission as a whole: its ids, its associations, its patient (META-011, META-040 to META-061).

Source: IHE ITI TF-3 4.2.1 and 4.2.2; ITI TF-2 3.42.4.1.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter

from xds_adapter.datatypes import uuid_fault
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
from xds_adapter.vocabulary.ebrim import RELATIONSHIPS, REPLACEMENTS, AssociationType

_TYPES = frozenset(RELATIONSHIPS | {AssociationType.HAS_MEMBER})
_TO_REGISTERED = REPLACEMENTS | {AssociationType.IS_SNAPSHOT_OF}
_RELATED = {False: (DocumentEntry,), True: (DocumentEntry, SubmissionSet)}
"""What a relationship may lead to: only a signature (True) may be that of a whole SubmissionSet."""
_STATUSES = frozenset({"Original", "Reference"})


def is_symbolic(object_id: str) -> bool:
    """Tell whether an id is a symbol, to be replaced by a UUID on registration."""
    return not object_id.startswith("urn:uuid:")


def check_structure(submission: Submission) -> Iterator[RegistryError]:
    """Check what concerns several objects of one submission."""
    yield from check_ids(submission)
    yield from check_unique_ids(submission)
    yield from _check_patients(submission)
    objects = {o.entry_uuid: o for o in submission.objects() if o.entry_uuid}
    for association in submission.associations:
        yield from _check_association(association, submission, objects)
    yield from _check_repeated(submission)
    yield from _check_linked(submission)


def check_ids(submission: Submission) -> Iterator[RegistryError]:
    """Check that the ids of objects are well-formed and stand once."""
    seen: set[str] = set()
    repeated: Counter[str] = Counter()
    for owner in submission.objects():
        object_id = owner.entry_uuid
        if not object_id:
            continue
        if object_id in seen:
            repeated[object_id] += 1
            continue
        seen.add(object_id)
        if not is_symbolic(object_id) and (words := uuid_fault(object_id)):
            yield finding("META-021", words, object_id=label(owner), attribute="entryUUID", value=object_id)
    if repeated:
        yield from _repeated(submission.objects(), "META-011", "entryUUID", attrgetter("entry_uuid"), repeated)


def check_unique_ids(submission: Submission) -> Iterator[RegistryError]:
    """Check that no uniqueId stands twice."""
    owners: list[RegistryObject] = [*submission.members()]
    if submission.submission_set is not None:
        owners.append(submission.submission_set)
    read = attrgetter("unique_id")
    seen: set[str] = set()
    repeated: Counter[str] = Counter()
    for unique_id in filter(None, map(read, owners)):
        if unique_id in seen:
            repeated[unique_id] += 1
        seen.add(unique_id)
    if repeated:
        yield from _repeated(owners, "META-060", "uniqueId", read, repeated)


def _repeated(
    owners: Iterable[RegistryObject],
    rule: str,
    attribute: str,
    read: Callable[[RegistryObject], str | None],
    repeated: Counter[str],
) -> Iterator[RegistryError]:
    """One finding for each value that stands more than once, at the first object that has it."""
    left = dict(repeated)
    for owner in owners:
        value = read(owner) or ""
        times = left.pop(value, 0)
        if times:
            yield finding(rule, f"stands {times + 1} times", object_id=label(owner), attribute=attribute, value=value)


def _check_patients(submission: Submission) -> Iterator[RegistryError]:
    if submission.submission_set is None or submission.submission_set.patient_id is None:
        return
    expected = submission.submission_set.patient_id
    for owner in submission.members():
        if owner.patient_id is None or owner.patient_id.key == expected.key:
            continue
        if not (owner.patient_id.fault() or expected.fault()):
            words = f"differs from the SubmissionSet's {expected}"
            name = label(owner)
            yield finding("META-061", words, object_id=name, attribute="patientId", value=owner.patient_id.text)


def _check_association(
    association: Association, submission: Submission, objects: dict[str, RegistryObject]
) -> Iterator[RegistryError]:
    name = label(association)
    kind = association.association_type
    if kind is None:
        return
    if kind not in _TYPES:
        words = "is no association type for this transaction"
        yield finding("META-040", words, object_id=name, attribute="associationType", value=kind)
        return
    yield from check_ends(association, objects)
    if kind == AssociationType.HAS_MEMBER:
        if association.documentation is not None:
            yield finding("META-046", "is not allowed here", object_id=name, attribute="associationDocumentation")
        yield from _check_has_member(association, submission, objects)
    else:
        yield from _check_relationship(association, submission, objects)


def check_ends(association: Association, objects: dict[str, RegistryObject]) -> Iterator[RegistryError]:
    """Check that an association leads from one object to another one."""
    name = label(association)
    source, target = association.source_object or "", association.target_object or ""
    for attribute, end in (("sourceObject", source), ("targetObject", target)):
        if end and is_symbolic(end) and end not in objects:
            words = "names no object of the submission"
            yield finding("META-043", words, object_id=name, attribute=attribute, value=end)
        elif end and not is_symbolic(end) and (fault := uuid_fault(end)):
            yield finding("META-021", fault, object_id=name, attribute=attribute, value=end)
    if source and source == target:
        words = "is source and target at once"
        yield finding("META-044", words, object_id=name, attribute="targetObject", value=target)
    elif association.entry_uuid and association.entry_uuid in (source, target):
        words = "is the association itself"
        attribute = "sourceObject" if source == association.entry_uuid else "targetObject"
        yield finding("META-044", words, object_id=name, attribute=attribute, value=association.entry_uuid)


def _check_has_member(
    association: Association, submission: Submission, objects: dict[str, RegistryObject]
) -> Iterator[RegistryError]:
    name = label(association)
    source = objects.get(association.source_object or "")
    target = objects.get(association.target_object or "")
    if isinstance(source, DocumentEntry | Association):
        words = "is neither SubmissionSet nor Folder"
        yield finding(
            "META-047", words, object_id=name, attribute="sourceObject", value=association.source_object or ""
        )
    if isinstance(source, Folder) and target is not None and not isinstance(target, DocumentEntry):
        words = "is no DocumentEntry; a folder holds nothing else"
        yield finding(
            "META-047", words, object_id=name, attribute="targetObject", value=association.target_object or ""
        )
    if source is None or source is not submission.submission_set:
        return
    yield from check_status(association, target)
    yield from _check_held(association, submission, target)


def check_status(association: Association, target: RegistryObject | None) -> Iterator[RegistryError]:
    """Check SubmissionSetStatus of a link from the SubmissionSet."""
    name, status = label(association), association.submission_set_status
    if status is None:
        if isinstance(target, DocumentEntry):
            words = "is required: Original for an entry of the submission"
            yield finding("META-042", words, object_id=name, attribute="SubmissionSetStatus")
    elif status not in _STATUSES:
        words = "is neither Original nor Reference"
        yield finding("META-042", words, object_id=name, attribute="SubmissionSetStatus", value=status)
    elif status == "Original" and association.target_object and target is None:
        words = "says Original, but the target is not in the submission"
        yield finding("META-042", words, object_id=name, attribute="SubmissionSetStatus", value=status)


def _check_held(
    association: Association, submission: Submission, target: RegistryObject | None
) -> Iterator[RegistryError]:
    """Of the registry a SubmissionSet holds entries, by Reference; of the submission also folders and memberships."""
    name, end = label(association), association.target_object or ""
    other = target if target is not association else None
    if target is None and end and not is_symbolic(end) and association.submission_set_status is None:
        words = "is not in the submission; a SubmissionSet holds registered entries, by SubmissionSetStatus Reference"
        yield finding("META-050", words, object_id=name, attribute="targetObject", value=end)
    elif isinstance(other, Association) and not _is_folder_membership(other, submission):
        words = "is an association that puts no document into a folder"
        yield finding("META-050", words, object_id=name, attribute="targetObject", value=end)


def _check_relationship(
    association: Association, submission: Submission, objects: dict[str, RegistryObject]
) -> Iterator[RegistryError]:
    name = label(association)
    source, target = association.source_object or "", association.target_object or ""
    submission_set = submission.submission_set
    if submission_set is not None and source == submission_set.entry_uuid:
        words = "is the SubmissionSet, which is the source of HasMember only"
        yield finding("META-045", words, object_id=name, attribute="sourceObject", value=source)
    elif source and not isinstance(objects.get(source), DocumentEntry):
        words = "is no DocumentEntry of the submission"
        yield finding("META-048", words, object_id=name, attribute="sourceObject", value=source)
    if target not in objects or source == target:
        return
    if association.association_type in _TO_REGISTERED:
        words = "is in the submission itself; the target of this relationship must be registered already"
        yield finding("META-049", words, object_id=name, attribute="targetObject", value=target)
    elif not isinstance(objects[target], _RELATED[association.association_type == AssociationType.SIGNS]):
        words = f"is a {type(objects[target]).__name__}, not a DocumentEntry"
        yield finding("META-052", words, object_id=name, attribute="targetObject", value=target)


def _check_repeated(submission: Submission) -> Iterator[RegistryError]:
    first: dict[tuple[str | None, ...], Association] = {}
    for association in submission.associations:
        said = (association.association_type, association.source_object, association.target_object)
        former = first.setdefault(said, association)
        if former is not association and None not in said:
            words, value = f"says the same as {label(former)}", association.target_object or ""
            yield finding("META-051", words, object_id=label(association), attribute="targetObject", value=value)


def _check_linked(submission: Submission) -> Iterator[RegistryError]:
    if submission.submission_set is None:
        return
    members = {
        association.target_object
        for association in submission.associations
        if association.association_type == AssociationType.HAS_MEMBER
        and association.source_object == submission.submission_set.entry_uuid
    }
    for owner in submission.members():
        if owner.entry_uuid and owner.entry_uuid not in members:
            words = "is not linked to the SubmissionSet by HasMember"
            yield finding("META-041", words, object_id=label(owner), attribute="HasMember")
    for association in submission.associations:
        if _is_folder_membership(association, submission) and association.entry_uuid not in members:
            words = "puts a document into a folder, but no HasMember links it to the SubmissionSet"
            yield finding("META-041", words, object_id=label(association), attribute="HasMember")


def _is_folder_membership(association: Association, submission: Submission) -> bool:
    """A HasMember whose source is not the SubmissionSet: it can only be a folder, here or registered."""
    submission_set = submission.submission_set
    return (
        association.association_type == AssociationType.HAS_MEMBER
        and submission_set is not None
        and association.source_object not in (None, submission_set.entry_uuid)
    )
