"""What an accepted metadata update writes.

::

    new version            stored with the logicalID of its series, the next version number, a UUID of its own
    former version         Deprecated
    propagation            associations in force copied to the new version; folders touched
    status change          availabilityStatus of what is registered, or of what the request itself brings
    new association        stored; one that puts a document into a folder with a HasMember from the SubmissionSet
    SubmissionSet          stored with its HasMember associations, which keep PreviousVersion as it was sent

The triggers UpdateAvailabilityStatus and SubmitAssociation are orders, not associations: they are not kept.

Source: IHE ITI supplement XDS Metadata Update, 3.57.4.1.3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from xds_adapter.actors.folders import touch_folders
from xds_adapter.actors.identity import with_identities
from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.datatypes import DTM, new_uuid_urn
from xds_adapter.model import Association, DocumentEntry, Folder, RegistryObject, Submission, SubmissionSet
from xds_adapter.model.change import changed
from xds_adapter.model.update import ObjectUpdate, UpdateFacts, UpdatePlan
from xds_adapter.rules import Outlook, Propagated
from xds_adapter.storage import Transaction, row_of
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

_FIRST_VERSION = "1"

R = TypeVar("R", DocumentEntry, SubmissionSet, Folder, Association)


class UpdateEffects:
    """The effects of one accepted update.

    Args:
        submission: The submission; every rule has accepted it.
        plan: Its operations.
        facts: The state of the registry before it.
        now: lastUpdateTime of folders that change.
        keeps_status: A new version takes over the status of the former one, as in ITI-92.
    """

    def __init__(
        self, submission: Submission, plan: UpdatePlan, facts: UpdateFacts, now: DTM, *, keeps_status: bool = False
    ) -> None:
        self._plan, self._facts, self._now, self._keeps_status = plan, facts, now, keeps_status
        self._outlook = Outlook(plan, facts)
        registered = with_identities(submission, now)
        self._twins = dict(zip(submission.objects(), registered.objects(), strict=True))
        self._uuids = {o.entry_uuid: twin.entry_uuid for o, twin in self._twins.items()}
        self._submission_set = registered.submission_set
        self._touched: set[str] = set()
        self._statuses = {change.target_object: change.new_status for change in plan.status_changes}

    def write(self, transaction: Transaction, leaf: LeafCodec) -> None:
        """Write all of it."""
        registry = transaction.registry
        made: list[RegistryObject] = [] if self._submission_set is None else [self._submission_set]
        made += [self._new_version(update) for update in self._plan.updates]
        made += [self._twin(update.link) for update in self._plan.updates if update.link is not None]
        made += self._new_associations()
        for one in self._outlook.propagated():
            made += self._copies(one, transaction, leaf)
        registry.insert([row_of(o, leaf.encode(o)) for o in made])
        formers = [self._facts.latest(update.series) for update in self._plan.updates]
        for former in filter(None, formers):
            registry.set_status(former.kind, [former.entry_uuid], AvailabilityStatus.DEPRECATED)
        for target, status in self._statuses.items():
            known = self._facts.known.get(target or "")
            if known is not None and status:
                registry.set_status(known.kind, [known.entry_uuid], AvailabilityStatus(status))
        touch_folders(transaction, leaf, self._touched, self._now)

    def _uuid(self, object_id: str | None) -> str:
        """The entryUUID of what an id names, in the submission or in the registry."""
        return self._uuids.get(object_id) or object_id or ""

    def _twin(self, value: R) -> R:
        """An object of the submission as the registry keeps it."""
        twin: Any = self._twins[value]
        kept: R = changed(twin, availability_status=self._statuses.get(value.entry_uuid))
        return kept

    def _new_version(self, update: ObjectUpdate) -> DocumentEntry | Folder:
        owner, former = update.owner, self._facts.latest(update.series)
        twin: Any = self._twins[owner]
        number = former.version + 1 if former is not None else 1
        status = self._statuses.get(owner.entry_uuid)
        if self._keeps_status and former is not None:
            status = former.status
        new: DocumentEntry | Folder = changed(
            twin, logical_id=owner.logical_id, version=str(number), availability_status=status
        )
        return new

    def _new_associations(self) -> Iterator[Association]:
        accepted = [(one.association, one.link) for one in self._plan.submissions if one.association is not None]
        for submitted, link in accepted:
            association = self._twin(submitted)
            yield association
            if association.association_type == AssociationType.HAS_MEMBER:
                self._touched.add(association.source_object or "")
                yield self._twin(link) if link is not None else self._link(association)

    def _copies(self, one: Propagated, transaction: Transaction, leaf: LeafCodec) -> Iterator[Association]:
        (stored,) = transaction.registry.objects(Association.__name__, [one.former])
        entry_uuid = new_uuid_urn()
        former: Any = leaf.decode(stored.leaf)
        copy: Association = changed(
            former,
            entry_uuid=entry_uuid,
            logical_id=entry_uuid,
            version=_FIRST_VERSION,
            source_object=self._uuid(one.source),
            target_object=self._uuid(one.target),
        )
        yield copy
        if one.is_membership:
            self._touched.add(copy.source_object or "")
            yield self._link(copy)

    def _link(self, membership: Association) -> Association:
        """The HasMember that every membership of a folder has from the SubmissionSet that brought it about."""
        entry_uuid = new_uuid_urn()
        source = self._submission_set.entry_uuid if self._submission_set is not None else None
        return Association(
            entry_uuid=entry_uuid,
            logical_id=entry_uuid,
            version=_FIRST_VERSION,
            source_object=source,
            target_object=membership.entry_uuid,
        )
