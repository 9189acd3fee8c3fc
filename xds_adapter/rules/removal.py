"""Rules on the removal of metadata (RM-002 to RM-004).

Source: IHE ITI Remove Metadata and Documents 3.62.4.1.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xds_adapter.model import KnownObject, RegistryError, RemovalFacts
from xds_adapter.model.finding import finding


def check_removal(entry_uuids: Iterable[str], facts: RemovalFacts) -> Iterator[RegistryError]:
    """Check that what stays in the registry stays whole.

    Args:
        entry_uuids: The objects to be removed.
        facts: What the registry holds of them.
    """
    for entry_uuid in entry_uuids:
        if entry_uuid not in facts.named:
            words = "is not in the registry"
            yield finding("RM-002", words, object_id="ObjectRef", attribute="id", value=entry_uuid)
    staying = [association for association in facts.associations if association.entry_uuid not in facts.named]
    for association in staying:
        for end in dict.fromkeys((association.source_object, association.target_object)):
            removed = facts.named.get(end)
            if removed is not None:
                kind = association.association_type.rsplit(":", 1)[-1]
                words = f"is an end of the {kind} Association {association.entry_uuid}, which is not removed with it"
                yield finding("RM-003", words, object_id=_label(removed), attribute="entryUUID", value=end)
    held = {end for association in staying for end in (association.source_object, association.target_object)}
    for entry_uuid, known in facts.linked.items():
        if entry_uuid not in held:
            words = "would be left without any association and is not removed itself"
            yield finding("RM-004", words, object_id=_label(known), attribute="entryUUID", value=entry_uuid)


def _label(known: KnownObject) -> str:
    return f"{known.kind} {known.unique_id or known.entry_uuid}"
