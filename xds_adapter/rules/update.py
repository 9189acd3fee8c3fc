"""Rules on a metadata update as its message shows it (MU-001 to MU-009, MU-016, MU-020 to MU-022, MU-040 to MU-042).

Source: IHE ITI supplements XDS Metadata Update, 3.57.4.1.3, and Restricted Metadata Update, 3.92.4.1.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from xds_adapter.datatypes import is_uuid_urn
from xds_adapter.model import Association, DocumentEntry, Folder, RegistryError, Submission
from xds_adapter.model.finding import finding, label
from xds_adapter.model.update import AssociationSubmission, ObjectUpdate, UpdatePlan
from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.check import check_submission
from xds_adapter.vocabulary.ebrim import RELATIONSHIPS, AssociationType, DocumentEntryType
from xds_adapter.vocabulary.rules import RULES
from xds_adapter.vocabulary.status import AvailabilityStatus

_REGISTRATION_ONLY = frozenset(f"META-{number:03}" for number in (27, 40, 41, 42, 45, 47, 48, 49, 50, 51, 52))
"""Rules of ITI-42 that an update has rules of its own for: types, links, and what an association may lead to."""
_ABSENT_ON_DEMAND = frozenset({"creationTime", "hash", "size"})
_LINK_SLOTS = (("PreviousVersion", "previous_version"), ("AssociationPropagation", "association_propagation"))
_STATUS_SLOTS = (("OriginalStatus", "original_status"), ("NewStatus", "new_status"))
_SET_SLOT = (("SubmissionSetStatus", "submission_set_status"),)
_TYPES = RELATIONSHIPS | {AssociationType.HAS_MEMBER}
_STATUSES = frozenset(AvailabilityStatus)
_LONGEST_NUMBER = 9


def version_number(text: str | None) -> int | None:
    """Read PreviousVersion; None when it is no number."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text or "") if is_number else None


def check_update(
    submission: Submission,
    plan: UpdatePlan,
    domain: AffinityDomain,
    form: Iterable[RegistryError] = (),
    *,
    restricted: bool = False,
) -> list[RegistryError]:
    """Check what a metadata update shows by itself.

    A new version is a complete object, so the rules on attributes hold as in a registration.

    Args:
        submission: The submission.
        plan: Its operations.
        domain: Admitted codes and MIME types.
        form: What the decoder found.
        restricted: It came by ITI-92.
    """
    on_demand = {label(e) for e in submission.document_entries if e.object_type == DocumentEntryType.ON_DEMAND}
    errors = [e for e in check_submission(submission, domain, form) if _holds(e, on_demand)]
    if submission.submission_set is None:
        return errors
    found = list(_check_plan(plan))
    for update in plan.updates:
        found += _check_new_version(update)
    for change in plan.status_changes:
        found += _check_source(change, submission)
        found += _check_status_change(change)
    for one in plan.submissions:
        found += _check_source(one.trigger, submission)
        found += _check_submission(one)
    if restricted:
        found += _check_restricted(plan)
    return [*errors, *(coded(error, restricted=restricted) for error in found)]


def coded(error: RegistryError, *, restricted: bool) -> RegistryError:
    """Give a finding the error code that its rule has in ITI-92, if `restricted`."""
    code = RULES[error.rule].restricted_code if restricted else None
    return error if code is None else replace(error, code=code)


def _holds(error: RegistryError, on_demand: set[str]) -> bool:
    if error.rule == "META-020" and error.attribute in _ABSENT_ON_DEMAND:
        return error.object_id not in on_demand
    return error.rule not in _REGISTRATION_ONLY


def _check_plan(plan: UpdatePlan) -> Iterator[RegistryError]:
    if plan.is_empty:
        words = "the request holds no new version, no change of status and no new association"
        yield finding("MU-001", words)
    for stray in plan.strays:
        words = "belongs to no operation of the request"
        value = stray.association_type or ""
        yield finding("MU-002", words, object_id=label(stray), attribute="associationType", value=value)
    yield from _check_once(plan)


def _check_once(plan: UpdatePlan) -> Iterator[RegistryError]:
    times = Counter(update.series for update in plan.updates if update.owner.logical_id)
    for update in plan.updates:
        if times.pop(update.series, 0) > 1:
            words, value = "is updated more than once in the request", update.owner.logical_id or ""
            yield finding("MU-009", words, object_id=label(update.owner), attribute="logicalID", value=value)
    for triggers in (plan.status_changes, tuple(one.trigger for one in plan.submissions)):
        targets = Counter(trigger.target_object for trigger in triggers if trigger.target_object)
        for trigger in triggers:
            if targets.pop(trigger.target_object or "", 0) > 1:
                words, value = "is what the request says this of more than once", trigger.target_object or ""
                yield finding("MU-009", words, object_id=label(trigger), attribute="targetObject", value=value)


def _check_new_version(update: ObjectUpdate) -> Iterator[RegistryError]:
    name, logical_id, link = label(update.owner), update.owner.logical_id or "", update.link
    words = None
    if not logical_id:
        words = "is required: an update concerns an object that is registered already"
    elif not is_uuid_urn(logical_id):
        words = "is no UUID"
    elif logical_id == update.owner.entry_uuid:
        words = "is the entryUUID itself, as in a first version; that is registered by ITI-42"
    if words is not None:
        yield finding("MU-003", words, object_id=name, attribute="logicalID", value=logical_id)
    if link is None:
        yield finding("MU-004", "from the SubmissionSet is missing", object_id=name, attribute="HasMember")
    else:
        yield from _check_link(update.owner, link)


def _check_link(owner: DocumentEntry | Folder, link: Association) -> Iterator[RegistryError]:
    name = label(link)
    if version_number(link.previous_version) is None:
        words = "is no number" if link.previous_version else "is required"
        value = link.previous_version or ""
        yield finding("MU-005", words, object_id=name, attribute="PreviousVersion", value=value)
    status = link.submission_set_status
    if status != "Original" and not (status is None and isinstance(owner, Folder)):
        words = "is not Original" if status else "is required: Original"
        yield finding("MU-006", words, object_id=name, attribute="SubmissionSetStatus", value=status or "")
    if link.association_propagation not in {None, "yes", "no"}:
        words, value = "is neither yes nor no", link.association_propagation or ""
        yield finding("MU-007", words, object_id=name, attribute="AssociationPropagation", value=value)
    yield from _check_slots(link, _STATUS_SLOTS)


def _check_slots(association: Association, foreign: Iterable[tuple[str, str]]) -> Iterator[RegistryError]:
    for attribute, name in foreign:
        value = getattr(association, name)
        if value is not None:
            words = "belongs to another operation"
            yield finding("MU-008", words, object_id=label(association), attribute=attribute, value=value)


def _check_source(trigger: Association, submission: Submission) -> Iterator[RegistryError]:
    submission_set = submission.submission_set
    if submission_set is not None and trigger.source_object and trigger.source_object != submission_set.entry_uuid:
        words, value = "is not the SubmissionSet of the request", trigger.source_object
        yield finding("MU-020", words, object_id=label(trigger), attribute="sourceObject", value=value)


def _check_status_change(change: Association) -> Iterator[RegistryError]:
    name = label(change)
    for attribute, status in (("OriginalStatus", change.original_status), ("NewStatus", change.new_status)):
        if status not in _STATUSES:
            words = "is neither Approved nor Deprecated" if status else "is required"
            yield finding("MU-016", words, object_id=name, attribute=attribute, value=status or "")
    if change.new_status in _STATUSES and change.new_status == change.original_status:
        words, value = "is the OriginalStatus, too", change.new_status or ""
        yield finding("MU-016", words, object_id=name, attribute="NewStatus", value=value)
    yield from _check_slots(change, (*_LINK_SLOTS, *_SET_SLOT))


def _check_submission(one: AssociationSubmission) -> Iterator[RegistryError]:
    yield from _check_slots(one.trigger, (*_LINK_SLOTS, *_STATUS_SLOTS))
    association = one.association
    if association is None:
        words, value = "is no Association of the request", one.trigger.target_object or ""
        yield finding("MU-021", words, object_id=label(one.trigger), attribute="targetObject", value=value)
        return
    if association.association_type not in _TYPES:
        words, value = "is neither a relationship nor HasMember", association.association_type or ""
        yield finding("MU-022", words, object_id=label(association), attribute="associationType", value=value)
    yield from _check_slots(association, (*_LINK_SLOTS, *_STATUS_SLOTS))


def _check_restricted(plan: UpdatePlan) -> Iterator[RegistryError]:
    for update in plan.updates:
        if isinstance(update.owner, Folder):
            words = "is a Folder; a restricted update is about DocumentEntries"
            yield finding("MU-040", words, object_id=label(update.owner))
        elif update.link is not None and update.link.association_propagation == "no":
            words = "is not possible in a restricted update"
            name = label(update.link)
            yield finding("MU-042", words, object_id=name, attribute="AssociationPropagation", value="no")
    for association in (*plan.status_changes, *(one.trigger for one in plan.submissions)):
        words, value = "is no operation of a restricted update", association.association_type or ""
        yield finding("MU-041", words, object_id=label(association), attribute="associationType", value=value)
