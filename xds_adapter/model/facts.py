"""What a registry already holds of the things a submission names: the input of the rules on its state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownObject:
    """One registered object, as far as rules need it.

    Attributes:
        kind: Name of its class: DocumentEntry, SubmissionSet, Folder or Association.
        patient_id: `CX.key` of its patient; empty for an association.
        hash: SHA-1 in lower case; entries only.
        size: Octets; entries only.
        logical_id: What its versions share; entries and folders only.
        version: Counts from 1; entries and folders only.
        source_object: entryUUID; associations only.
        target_object: entryUUID; associations only.
        association_type: URN; associations only.
    """

    kind: str
    entry_uuid: str
    status: str
    patient_id: str = ""
    unique_id: str = ""
    object_type: str = ""
    hash: str | None = None
    size: int | None = None
    logical_id: str = ""
    version: int = 1
    source_object: str = ""
    target_object: str = ""
    association_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """The part of the registry that one submission touches.

    Attributes:
        patients: The keys of those patients of the submission that are known and in force.
        merged: The keys of those that were merged into another.
        by_entry_uuid: Registered objects among all entryUUIDs that the submission mentions.
        by_unique_id: Registered objects among all uniqueIds that the submission brings.
    """

    patients: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()
    by_entry_uuid: Mapping[str, KnownObject] = field(default_factory=dict)
    by_unique_id: Mapping[str, tuple[KnownObject, ...]] = field(default_factory=dict)
