"""Folders of the registry: which hold a document, how a document gets into one, and when they changed.

Source: IHE ITI TF-3 4.2.2.1.3 and 4.2.3.4.6 (lastUpdateTime); ITI TF-2 3.42.4.1.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.datatypes import DTM, new_uuid_urn
from xds_adapter.model import Association, Folder, KnownObject
from xds_adapter.model.change import changed
from xds_adapter.storage import Row, Transaction
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

_FIRST_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Placement:
    """A document put into a folder: the membership, and its link to the SubmissionSet that brought it about."""

    membership: Association
    link: Association


def touch_folders(
    transaction: Transaction, leaf_codec: LeafCodec, entry_uuids_of_folders: Iterable[str], now: DTM
) -> None:
    """Set the lastUpdateTime of registered folders, in their columns and in their stored form.

    Args:
        transaction: Where they are written.
        leaf_codec: Reads and writes the stored form.
        entry_uuids_of_folders: entryUUIDs; those of no registered folder have no effect.
        now: The new lastUpdateTime.

    Source: IHE ITI TF-3 4.2.3.4.6.
    """
    kind = Folder.__name__
    for stored in transaction.registry.objects(kind, entry_uuids_of_folders):
        folder = leaf_codec.decode(stored.leaf)
        if isinstance(folder, Folder):
            leaf = leaf_codec.encode(changed(folder, last_update_time=now))
            columns = {"entry_uuid": stored.entry_uuid, "last_update_time": now.padded, "leaf": leaf}
            transaction.registry.replace(Row(kind, columns))


def folders_with(transaction: Transaction, entry_uuid: str) -> list[KnownObject]:
    """Find the Approved folders that hold a document by an Approved membership, oldest membership first."""
    sources = dict.fromkeys(
        association.source_object
        for association in transaction.registry.touching(entry_uuid)
        if association.association_type == AssociationType.HAS_MEMBER
        and association.target_object == entry_uuid
        and association.status == AvailabilityStatus.APPROVED
    )
    found = (transaction.registry.known(source) for source in sources)
    return [known for known in found if known is not None and _is_folder_in_force(known)]


def _is_folder_in_force(known: KnownObject) -> bool:
    return known.kind == Folder.__name__ and known.status == AvailabilityStatus.APPROVED


def placed(folder_uuid: str, entry_uuid: str, submission_set_uuid: str) -> Placement:
    """Make the two associations that put a document into a folder, as the registry itself does it.

    Args:
        folder_uuid: entryUUID of the folder.
        entry_uuid: entryUUID of the document's entry.
        submission_set_uuid: entryUUID of the SubmissionSet in whose course it happens.
    """
    membership = _has_member(folder_uuid, entry_uuid)
    return Placement(membership, _has_member(submission_set_uuid, membership.entry_uuid or ""))


def _has_member(source: str, target: str) -> Association:
    entry_uuid = new_uuid_urn()
    return Association(
        entry_uuid=entry_uuid,
        logical_id=entry_uuid,
        version=_FIRST_VERSION,
        association_type=AssociationType.HAS_MEMBER,
        source_object=source,
        target_object=target,
    )
