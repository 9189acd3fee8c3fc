"""What a registration brings about in the registry beside its own objects.

::

    RPLC, XFRM_RPLC   target Deprecated, with what was appended to it or transformed from it
                      replacement put into every Approved folder of the target
    FD-DE             lastUpdateTime of the folder

Source: IHE ITI TF-2 3.42.4.1.3; ITI TF-3 4.2.2.2.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xds_adapter.actors.folders import folders_with, placed, touch_folders
from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.datatypes import DTM
from xds_adapter.model import Association, DocumentEntry, KnownObject, RegistryError, Submission
from xds_adapter.model.finding import finding, label
from xds_adapter.storage import Transaction, row_of
from xds_adapter.vocabulary.ebrim import REPLACEMENTS, AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

_DEPENDENCES = frozenset({AssociationType.APND, AssociationType.XFRM})


@dataclass(frozen=True, slots=True)
class Effects:
    """What a registration changes in the registry beside its own objects.

    Attributes:
        deprecated: entryUUIDs of replaced entries, without what depends on them.
        replacing: entryUUIDs of the entries that replace them.
        associations: Memberships of replacements in folders, and their links to the SubmissionSet.
        touched: entryUUIDs of folders that get a document.
        findings: What forbids the registration.
    """

    deprecated: frozenset[str] = frozenset()
    replacing: frozenset[str] = frozenset()
    associations: tuple[Association, ...] = ()
    touched: frozenset[str] = frozenset()
    findings: tuple[RegistryError, ...] = ()


def effects_of(transaction: Transaction, submission: Submission) -> Effects:
    """Find out what the registration of a checked submission brings about; nothing is written.

    Args:
        transaction: The state of the registry before it.
        submission: With UUIDs.
    """
    memberships = set(_memberships(submission))
    replacements = [a for a in submission.associations if a.association_type in REPLACEMENTS]
    if not memberships and not replacements:
        return Effects()
    made: list[Association] = []
    findings: list[RegistryError] = []
    for replacement in replacements:
        for folder in folders_with(transaction, replacement.target_object or ""):
            place = (folder.entry_uuid, replacement.source_object or "")
            if place in memberships:
                continue
            memberships.add(place)
            findings += _check_patient(transaction, submission, replacement, folder)
            placement = placed(*place, _set_uuid(submission))
            made += [placement.membership, placement.link]
    return Effects(
        deprecated=frozenset(a.target_object or "" for a in replacements),
        replacing=frozenset(a.source_object or "" for a in replacements),
        associations=tuple(made),
        touched=frozenset(folder for folder, _ in memberships)
        - {folder.entry_uuid or "" for folder in submission.folders},
        findings=tuple(findings),
    )


def apply_effects(transaction: Transaction, leaf: LeafCodec, effects: Effects, now: DTM) -> None:
    """Write what `effects_of` found, after the submission itself was written."""
    transaction.registry.insert([row_of(association, leaf.encode(association)) for association in effects.associations])
    if effects.deprecated:
        deprecate(transaction, effects.deprecated, keep=effects.replacing)
    if effects.touched:
        touch_folders(transaction, leaf, effects.touched, now)


def deprecate(transaction: Transaction, entry_uuids: Iterable[str], *, keep: frozenset[str] = frozenset()) -> None:
    """Deprecate entries, and with them what was appended to or transformed from them, and so on.

    Args:
        transaction: Where it is written.
        entry_uuids: The entries.
        keep: Entries that stay in force though they depend on one of them, as a replacement does.

    Source: IHE ITI TF-3 4.2.2.2.3.
    """
    done: set[str] = set()
    waiting = list(entry_uuids)
    while waiting:
        entry_uuid = waiting.pop()
        if entry_uuid not in done and entry_uuid not in keep:
            done.add(entry_uuid)
            waiting += _dependants(transaction, entry_uuid)
    transaction.registry.set_status(DocumentEntry.__name__, done, AvailabilityStatus.DEPRECATED)


def _dependants(transaction: Transaction, entry_uuid: str) -> list[str]:
    return [
        association.source_object
        for association in transaction.registry.touching(entry_uuid)
        if association.target_object == entry_uuid
        and association.association_type in _DEPENDENCES
        and association.status == AvailabilityStatus.APPROVED
    ]


def _set_uuid(submission: Submission) -> str:
    return (submission.submission_set and submission.submission_set.entry_uuid) or ""


def _memberships(submission: Submission) -> Iterator[tuple[str, str]]:
    """Folder and entry of every membership that the submission itself states."""
    for association in submission.associations:
        source = association.source_object or ""
        if association.association_type == AssociationType.HAS_MEMBER and source != _set_uuid(submission):
            yield source, association.target_object or ""


def _check_patient(
    transaction: Transaction, submission: Submission, replacement: Association, folder: KnownObject
) -> Iterator[RegistryError]:
    """A folder is the patient's own or, after a merge, of the identifier that the replaced entry is kept under."""
    patients = {e.patient_id.key for e in submission.document_entries if e.patient_id is not None}
    replaced = transaction.registry.known(replacement.target_object or "")
    if folder.patient_id not in patients and (replaced is None or folder.patient_id != replaced.patient_id):
        words = f"is in a folder of another patient, {folder.unique_id}, where its replacement cannot follow"
        value = replacement.target_object or ""
        yield finding("REG-008", words, object_id=label(replacement), attribute="targetObject", value=value)
