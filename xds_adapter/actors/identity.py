"""Give the objects of an accepted submission their identity in the registry.

Source: IHE ITI TF-2 3.42.4.1.3; ITI TF-3 4.2.3.1.1 (symbolic ids become UUIDs, submitted UUIDs stay).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from xds_adapter.datatypes import DTM, new_uuid_urn
from xds_adapter.model import Association, DocumentEntry, Folder, Submission, SubmissionSet
from xds_adapter.model.change import changed

R = TypeVar("R", DocumentEntry, SubmissionSet, Folder)

_FIRST_VERSION = "1"


class _Identities:
    """The same symbol gets the same UUID wherever it stands in the submission."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def of(self, object_id: str | None) -> str:
        if object_id is not None and object_id.startswith("urn:uuid:"):
            return object_id
        key = object_id or ""
        if key not in self._given:
            self._given[key] = new_uuid_urn()
        return self._given[key]

    def registered(self, registry_object: R) -> R:
        entry_uuid = self.of(registry_object.entry_uuid)
        return changed(
            registry_object,
            entry_uuid=entry_uuid,
            logical_id=entry_uuid,
            version=_FIRST_VERSION,
            availability_status=None,
        )

    def registered_association(self, association: Association) -> Association:
        # An association needs no symbol of its own; two without one must not become the same object.
        entry_uuid = self.of(association.entry_uuid) if association.entry_uuid else new_uuid_urn()
        return changed(
            association,
            entry_uuid=entry_uuid,
            logical_id=entry_uuid,
            version=_FIRST_VERSION,
            availability_status=None,
            source_object=self.of(association.source_object),
            target_object=self.of(association.target_object),
        )


def with_identities(submission: Submission, now: DTM) -> Submission:
    """Return a checked submission as the registry keeps it: UUIDs, logicalID, version 1, lastUpdateTime of folders."""
    identities = _Identities()
    return replace(
        submission,
        submission_set=submission.submission_set and identities.registered(submission.submission_set),
        document_entries=tuple(identities.registered(entry) for entry in submission.document_entries),
        folders=tuple(changed(identities.registered(folder), last_update_time=now) for folder in submission.folders),
        associations=tuple(identities.registered_association(a) for a in submission.associations),
    )
