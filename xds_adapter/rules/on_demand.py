"""Rules on on-demand entries and their snapshots (OD-002 to OD-006).

Source: IHE ITI TF-2 3.61.4.1; ITI TF-3 4.2.2.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from xds_adapter.model import Association, DocumentEntry, KnownObject, RegistryError, Submission
from xds_adapter.model.finding import finding, label
from xds_adapter.rules.profile import Profile
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus

_READ = {attribute.name: attrgetter(attribute.field) for attribute in DOCUMENT_ENTRY}
_TYPES = frozenset(DocumentEntryType)


def check_profile(submission: Submission, profile: Profile) -> Iterator[RegistryError]:
    """Check what a transaction for on-demand entries asks, and that snapshots are stable."""
    if profile.entry_type is DocumentEntryType.ON_DEMAND and not submission.document_entries:
        words = "holds no DocumentEntry; it registers at least one on-demand entry"
        yield finding("OD-002", words, object_id="SubmitObjectsRequest", attribute="DocumentEntry")
    for entry in submission.document_entries if profile.forbidden else ():
        for name in sorted(profile.forbidden):
            value = _READ[name](entry)
            if value is not None:
                words = "is not known before the document is made"
                yield finding("OD-003", words, object_id=label(entry), attribute=name, value=str(value))
    for association in submission.associations:
        if association.association_type == AssociationType.IS_SNAPSHOT_OF:
            yield from _check_snapshot(association, submission)


def _check_snapshot(association: Association, submission: Submission) -> Iterator[RegistryError]:
    for entry in submission.document_entries:
        if entry.entry_uuid == association.source_object and entry.object_type == DocumentEntryType.ON_DEMAND:
            words, value = "is an on-demand entry; a snapshot is a stable one", association.source_object or ""
            yield finding("OD-005", words, object_id=label(association), attribute="sourceObject", value=value)


def check_same_type(entry: DocumentEntry, known: KnownObject) -> Iterator[RegistryError]:
    """Check that a uniqueId does not name a stable document in one entry and an on-demand one in another.

    Versions of one entry are the matter of the rules of its update.
    """
    types = {entry.object_type, known.object_type}
    if types == _TYPES and entry.logical_id != known.logical_id:
        kind = "a stable" if known.object_type == DocumentEntryType.STABLE else "an on-demand"
        words, value = f"is the uniqueId of {kind} entry registered already", entry.unique_id or ""
        yield finding("OD-004", words, object_id=label(entry), attribute="uniqueId", value=value)


def check_snapshot_target(association: Association, known: KnownObject) -> Iterator[RegistryError]:
    """Check that a snapshot is one of an on-demand entry in force."""
    if known.object_type != DocumentEntryType.ON_DEMAND:
        words = "is no on-demand entry"
    elif known.status != AvailabilityStatus.APPROVED:
        words = f"is an on-demand entry that is {known.status.rsplit(':', 1)[-1]}"
    else:
        return
    value = association.target_object or ""
    yield finding("OD-006", words, object_id=label(association), attribute="targetObject", value=value)
