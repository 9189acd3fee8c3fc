"""What a metadata update makes of the registry: what is in force then, and which associations are carried over.

Source: IHE ITI supplement XDS Metadata Update, 3.57.4.1.3.3.1.5 (association propagation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xds_adapter.model import Association, DocumentEntry, Folder, KnownObject
from xds_adapter.model.update import ObjectUpdate, UpdateFacts, UpdatePlan
from xds_adapter.vocabulary.ebrim import RELATIONSHIPS, AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagated:
    """One association carried over to new versions.

    Attributes:
        former: entryUUID of the association that is copied.
        source: entryUUID, or the id of a new version in the submission.
        target: Likewise.
        is_membership: It puts a document into a folder.
    """

    former: str
    source: str
    target: str
    is_membership: bool


class Outlook:
    """The registry as it would be once the operations of a plan have taken effect.

    Versions change first, then the status of what they are; so a request may give its own new version another status.
    """

    def __init__(self, plan: UpdatePlan, facts: UpdateFacts) -> None:
        self._facts = facts
        self._new = {update.owner.entry_uuid: update for update in plan.updates}
        self._submitted = {s.association.entry_uuid: s.association for s in plan.submissions if s.association}
        self._changes = {change.target_object: change.new_status for change in plan.status_changes}
        superseded = {update.series: update for update in plan.updates}
        self._moved: dict[str, ObjectUpdate] = {}
        for series, update in superseded.items():
            latest = facts.latest(series)
            if latest is not None:
                self._moved[latest.entry_uuid] = update
        self._plan = plan

    def before_changes(self, object_id: str | None) -> KnownObject | None:
        """An object by its id, with the status that it has before any status change."""
        if object_id in self._new:
            return _new_version(self._new[object_id].owner)
        if object_id in self._submitted:
            return _new_association(self._submitted[object_id])
        known = self._facts.known.get(object_id or "")
        if known is not None and object_id in self._moved:
            return replace(known, status=AvailabilityStatus.DEPRECATED)
        return known

    def known(self, object_id: str | None) -> KnownObject | None:
        """An object by its id, with the status that it has in the end."""
        known = self.before_changes(object_id)
        status = self._changes.get(object_id)
        return replace(known, status=status) if known is not None and status else known

    def is_latest(self, object_id: str | None) -> bool:
        """Tell whether an object is the latest version there will be; an association has one version only."""
        known = self._facts.known.get(object_id or "")
        if object_id in self._new or known is None or not known.logical_id:
            return True
        latest = self._facts.latest((known.kind, known.logical_id))
        return object_id not in self._moved and latest is not None and latest.entry_uuid == object_id

    def update_of(self, object_id: str | None) -> ObjectUpdate | None:
        """The update whose new or former version an id names."""
        return self._new.get(object_id) or self._moved.get(object_id or "")

    def is_updatable(self, association: KnownObject) -> bool:
        """Tell whether an association is a relationship or puts a document into a folder."""
        return association.association_type in RELATIONSHIPS or self.is_membership(association)

    def is_membership(self, association: KnownObject) -> bool:
        """Tell whether an association puts a document into a folder."""
        source = self.known(association.source_object)
        is_member = association.association_type == AssociationType.HAS_MEMBER
        return is_member and source is not None and source.kind == Folder.__name__

    def propagated(self) -> Iterator[Propagated]:
        """The associations in force that are carried over to new versions, each once."""
        seen: set[str] = set()
        for former, update in self._moved.items():
            for association in self._facts.touching.get(former, ()) if update.propagates else ():
                if association.entry_uuid in seen or not self._is_carried(association):
                    continue
                seen.add(association.entry_uuid)
                source, target = self._end(association.source_object), self._end(association.target_object)
                if source is not None and target is not None:
                    yield Propagated(
                        former=association.entry_uuid,
                        source=source,
                        target=target,
                        is_membership=self.is_membership(association),
                    )

    def _is_carried(self, association: KnownObject) -> bool:
        after = self._changes.get(association.entry_uuid) or association.status
        return after == AvailabilityStatus.APPROVED and self.is_updatable(association)

    def _end(self, entry_uuid: str) -> str | None:
        """Where an end is carried to; None when its own update says that nothing is carried over."""
        update = self._moved.get(entry_uuid)
        if update is None:
            return entry_uuid
        return update.owner.entry_uuid if update.propagates else None


def _new_version(owner: DocumentEntry | Folder) -> KnownObject:
    return KnownObject(
        kind=type(owner).__name__,
        entry_uuid=owner.entry_uuid or "",
        status=AvailabilityStatus.APPROVED,
        patient_id=owner.patient_id.key if owner.patient_id is not None else "",
        unique_id=owner.unique_id or "",
        logical_id=owner.logical_id or "",
    )


def _new_association(association: Association) -> KnownObject:
    return KnownObject(
        kind=Association.__name__,
        entry_uuid=association.entry_uuid or "",
        status=AvailabilityStatus.APPROVED,
        source_object=association.source_object or "",
        target_object=association.target_object or "",
        association_type=association.association_type or "",
    )
