"""Read what the registry holds of everything that a metadata update names."""

from __future__ import annotations

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.model import Association, KnownObject, RegistryObject, Submission
from xds_adapter.model.update import Series, UpdateFacts, UpdatePlan
from xds_adapter.storage import Transaction


class _Reader:
    """Collects facts of one update; everything is read once."""

    def __init__(self, transaction: Transaction, leaf: LeafCodec) -> None:
        self._registry = transaction.registry
        self._leaf = leaf
        self.known: dict[str, KnownObject] = {}
        self.versions: dict[Series, tuple[KnownObject, ...]] = {}
        self.previous: dict[str, RegistryObject] = {}
        self.touching: dict[str, tuple[KnownObject, ...]] = {}

    def object(self, entry_uuid: str) -> KnownObject | None:
        if entry_uuid and entry_uuid not in self.known:
            found = self._registry.known(entry_uuid)
            if found is not None:
                self.known[entry_uuid] = found
        return self.known.get(entry_uuid)

    def series(self, series: Series) -> None:
        if series not in self.versions:
            self.versions[series] = tuple(self._registry.versions(*series))

    def update(self, series: Series) -> None:
        """The versions of what is updated, the latest of them whole, and its associations."""
        self.series(series)
        for latest in self.versions[series][:1]:
            self.known[latest.entry_uuid] = latest
            for stored in self._registry.objects(latest.kind, [latest.entry_uuid]):
                self.previous[latest.entry_uuid] = self._leaf.decode(stored.leaf)
            self.associations(latest.entry_uuid)

    def associations(self, entry_uuid: str) -> None:
        if entry_uuid in self.touching:
            return
        self.touching[entry_uuid] = tuple(self._registry.touching(entry_uuid))
        for association in self.touching[entry_uuid]:
            self.known[association.entry_uuid] = association
            self.object(association.source_object)
            self.object(association.target_object)

    def target(self, entry_uuid: str) -> None:
        """What gets another status: its versions, or the ends of an association."""
        known = self.object(entry_uuid)
        if known is not None and known.logical_id:
            self.series((known.kind, known.logical_id))
        elif known is not None and known.kind == Association.__name__:
            self.object(known.source_object)
            self.object(known.target_object)


def update_facts(transaction: Transaction, leaf: LeafCodec, submission: Submission, plan: UpdatePlan) -> UpdateFacts:
    """Read what the rules on a metadata update, and its effects, depend on.

    Args:
        transaction: The state of the registry before it.
        leaf: Reads stored objects.
        submission: The submission.
        plan: Its operations.
    """
    registry = transaction.registry.facts(submission)
    reader = _Reader(transaction, leaf)
    reader.known.update(registry.by_entry_uuid)
    for update in plan.updates:
        if update.owner.logical_id:
            reader.update(update.series)
    for change in plan.status_changes:
        reader.target(change.target_object or "")
    for one in plan.submissions:
        if one.association is not None and one.association.source_object in reader.known:
            reader.associations(one.association.source_object)
    return UpdateFacts(
        registry=registry,
        known=reader.known,
        versions=reader.versions,
        previous=reader.previous,
        touching=reader.touching,
    )
