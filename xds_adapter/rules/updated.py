"""Rules that compare a metadata update with what the registry holds (MU-010 to MU-029, MU-043 and MU-044).

Source: IHE ITI supplements XDS Metadata Update, 3.57.4.1.3.3, and Restricted Metadata Update, 3.92.4.1.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xds_adapter.datatypes import CX
from xds_adapter.model import Association, DocumentEntry, Folder, KnownObject, RegistryError, Submission
from xds_adapter.model.finding import finding, label
from xds_adapter.model.update import ObjectUpdate, UpdateFacts, UpdatePlan
from xds_adapter.rules.check import check_registered
from xds_adapter.rules.outlook import Outlook
from xds_adapter.rules.update import coded, version_number
from xds_adapter.vocabulary.ebrim import RELATIONSHIPS, AssociationType, DocumentAvailability
from xds_adapter.vocabulary.status import AvailabilityStatus

_REGISTRATION_ONLY = frozenset({"REG-003", "REG-004", "REG-006", "REG-007", "REG-008"})
"""Rules of ITI-42 on documents sent again and on references, for which an update has rules of its own."""
_KINDS = {
    True: (Folder.__name__, DocumentEntry.__name__),
    False: (DocumentEntry.__name__, DocumentEntry.__name__),
}
"""What a new association leads from and to; True: a HasMember."""


def check_updated(
    submission: Submission,
    plan: UpdatePlan,
    facts: UpdateFacts,
    *,
    unknown_patients: bool = False,
    restricted: bool = False,
) -> list[RegistryError]:
    """Check a metadata update against what the registry holds.

    Args:
        submission: The submission.
        plan: Its operations.
        facts: What the registry holds of what they name.
        unknown_patients: Accept patients that no identity feed has announced.
        restricted: It came by ITI-92.
    """
    errors = [
        error
        for error in check_registered(submission, facts.registry, unknown_patients=unknown_patients)
        if _holds(error, submission)
    ]
    if submission.submission_set is None:
        return errors
    found: list[RegistryError] = []
    outlook = Outlook(plan, facts)
    for update in plan.updates:
        if not restricted or isinstance(update.owner, DocumentEntry):
            found += _check_update(update, facts, restricted=restricted)
    if not restricted:
        for change in plan.status_changes:
            found += _check_status_change(change, outlook)
        in_force = _in_force(plan, facts, outlook)
        for one in plan.submissions:
            if one.association is not None:
                found += _check_new_association(one.association, outlook)
                found += _check_only(one.association, in_force, outlook)
    found += _check_propagated(outlook)
    return [*errors, *(coded(error, restricted=restricted) for error in found)]


def _holds(error: RegistryError, submission: Submission) -> bool:
    if error.rule == "REG-002":
        # Versions of a folder share its uniqueId; a SubmissionSet has no versions.
        return submission.submission_set is not None and error.object_id == label(submission.submission_set)
    return error.rule not in _REGISTRATION_ONLY


def _check_update(update: ObjectUpdate, facts: UpdateFacts, *, restricted: bool) -> Iterator[RegistryError]:
    owner, name = update.owner, label(update.owner)
    latest = facts.latest(update.series)
    if latest is None:
        if owner.logical_id and owner.logical_id != owner.entry_uuid:
            rule = "MU-010" if isinstance(owner, DocumentEntry) else "MU-011"
            words = f"is the logicalID of no registered {type(owner).__name__}"
            yield finding(rule, words, object_id=name, attribute="logicalID", value=owner.logical_id)
        return
    previous = version_number(update.link.previous_version) if update.link is not None else None
    if update.link is not None and previous is not None and previous != latest.version:
        words, value = f"is not the latest version, {latest.version}", update.link.previous_version or ""
        yield finding("MU-012", words, object_id=label(update.link), attribute="PreviousVersion", value=value)
    if latest.status != AvailabilityStatus.APPROVED and not restricted:
        words = f"has a latest version that is {_word(latest.status)}"
        yield finding("MU-013", words, object_id=name, attribute="availabilityStatus")
    if owner.unique_id and owner.unique_id != latest.unique_id:
        words = f"is not that of the former version, {latest.unique_id}"
        yield finding("MU-014", words, object_id=name, attribute="uniqueId", value=owner.unique_id)
    if isinstance(owner, DocumentEntry):
        yield from _check_entry(owner, latest, facts, restricted=restricted)


def _check_entry(
    entry: DocumentEntry, latest: KnownObject, facts: UpdateFacts, *, restricted: bool
) -> Iterator[RegistryError]:
    if entry.object_type and entry.object_type != latest.object_type:
        words = "is not that of the former version"
        yield finding("MU-015", words, object_id=label(entry), attribute="objectType", value=entry.object_type)
    former = facts.previous.get(latest.entry_uuid)
    if not restricted or not isinstance(former, DocumentEntry):
        return
    if entry.patient_id is not None and entry.patient_id.key != latest.patient_id:
        words, value = "is not that of the former version", entry.patient_id.text
        yield finding("MU-043", words, object_id=label(entry), attribute="patientId", value=value)
    for attribute, given, kept in (
        ("sourcePatientId", _key(entry.source_patient_id), _key(former.source_patient_id)),
        ("repositoryUniqueId", entry.repository_unique_id, former.repository_unique_id),
        ("documentAvailability", _availability(entry), _availability(former)),
    ):
        if given is not None and given != kept:
            words = "is not that of the former version"
            yield finding("MU-044", words, object_id=label(entry), attribute=attribute, value=given)


def _key(patient_id: CX | None) -> str | None:
    return None if patient_id is None else patient_id.key


def _availability(entry: DocumentEntry) -> str:
    return entry.document_availability or DocumentAvailability.ONLINE


def _word(status: str) -> str:
    return status.rsplit(":", 1)[-1]


def _check_status_change(change: Association, outlook: Outlook) -> Iterator[RegistryError]:
    name, value = label(change), change.target_object or ""
    target = outlook.before_changes(change.target_object)
    words = None
    if target is None:
        words = "is neither in the registry nor made by the request"
    elif target.kind == Association.__name__:
        if not outlook.is_updatable(target):
            words = "is neither a relationship nor a membership of a folder"
    elif target.kind not in _KINDS[True]:
        words = f"is a {target.kind}, whose status never changes"
    if words is not None and value:
        yield finding("MU-019", words, object_id=name, attribute="targetObject", value=value)
    if target is None or words is not None:
        return
    if not outlook.is_latest(change.target_object):
        words = "is not the latest version"
        yield finding("MU-018", words, object_id=name, attribute="targetObject", value=value)
    elif change.original_status and change.original_status != target.status:
        words = f"is not the status of the object, which is {_word(target.status)}"
        yield finding("MU-017", words, object_id=name, attribute="OriginalStatus", value=change.original_status)
    if target.kind == Association.__name__ and change.new_status == AvailabilityStatus.APPROVED:
        yield from _check_one_patient("MU-029", change, (target.source_object, target.target_object), outlook)


def _check_new_association(association: Association, outlook: Outlook) -> Iterator[RegistryError]:
    name = label(association)
    is_member = association.association_type == AssociationType.HAS_MEMBER
    if not is_member and association.association_type not in RELATIONSHIPS:
        return
    ends = (("sourceObject", association.source_object), ("targetObject", association.target_object))
    for (attribute, end), kind in zip(ends, _KINDS[is_member], strict=True):
        if not end:
            continue
        known = outlook.known(end)
        if known is None:
            yield finding("MU-023", "is not in the registry", object_id=name, attribute=attribute, value=end)
        elif known.kind != kind:
            words = f"is a {known.kind}, not a {kind}"
            yield finding("MU-025", words, object_id=name, attribute=attribute, value=end)
        elif known.status != AvailabilityStatus.APPROVED:
            words = f"is {_word(known.status)}"
            yield finding("MU-024", words, object_id=name, attribute=attribute, value=end)
    yield from _check_one_patient(
        "MU-026", association, (association.source_object, association.target_object), outlook
    )


def _check_one_patient(
    rule: str, named: Association, ends: tuple[str | None, str | None], outlook: Outlook
) -> Iterator[RegistryError]:
    source, target = (outlook.known(end) for end in ends)
    if source is not None and not _share_patient(source, target):
        words = f"belongs to another patient than {source.kind} {source.unique_id}"
        yield finding(rule, words, object_id=label(named), attribute="targetObject", value=ends[1] or "")


def _in_force(plan: UpdatePlan, facts: UpdateFacts, outlook: Outlook) -> Counter[tuple[str, str]]:
    """How many Approved associations there will be from a source to a target, counted once for all."""
    ends = {
        one.entry_uuid: (one.source_object, one.target_object) for found in facts.touching.values() for one in found
    }
    for submission in plan.submissions:
        made = submission.association
        if made is not None:
            ends[made.entry_uuid or ""] = (made.source_object or "", made.target_object or "")
    return Counter(pair for entry_uuid, pair in ends.items() if _is_in_force(outlook.known(entry_uuid)))


def _is_in_force(known: KnownObject | None) -> bool:
    return known is not None and known.status == AvailabilityStatus.APPROVED


def _check_only(
    association: Association, in_force: Counter[tuple[str, str]], outlook: Outlook
) -> Iterator[RegistryError]:
    """The new association is the only one in force between its ends, and nothing else makes associations for them."""
    name = label(association)
    ends = (association.source_object or "", association.target_object or "")
    if in_force[ends] > 1 and _is_in_force(outlook.known(association.entry_uuid)):
        words = "has another Approved association with the source"
        yield finding("MU-027", words, object_id=name, attribute="targetObject", value=ends[1])
    for attribute, end in zip(("sourceObject", "targetObject"), ends, strict=True):
        update = outlook.update_of(end)
        if update is not None and update.propagates:
            words = "is updated in the same request with AssociationPropagation"
            yield finding("MU-028", words, object_id=name, attribute=attribute, value=end)


def _check_propagated(outlook: Outlook) -> Iterator[RegistryError]:
    for one in outlook.propagated():
        source, target = outlook.known(one.source), outlook.known(one.target)
        update, other = outlook.update_of(one.source), target
        if update is None:
            update, other = outlook.update_of(one.target), source
        if update is None or other is None or _share_patient(source, target):
            continue
        words = f"differs from that of {other.kind} {other.unique_id}, with which the update would link it"
        value = update.owner.patient_id.text if update.owner.patient_id is not None else ""
        yield finding("MU-029", words, object_id=label(update.owner), attribute="patientId", value=value)


def _share_patient(source: KnownObject | None, target: KnownObject | None) -> bool:
    """True also where one of them has none, which other rules report."""
    if source is None or target is None or not source.patient_id or not target.patient_id:
        return True
    return source.patient_id == target.patient_id
