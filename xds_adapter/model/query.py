"""A stored query and its result.

Source: IHE ITI TF-2 3.18.4.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from xds_adapter.model.metadata import Association, DocumentEntry, Folder, RegistryObject, SubmissionSet
from xds_adapter.model.outcome import Outcome


class ReturnType(StrEnum):
    """returnType of a query."""

    LEAF_CLASS = "LeafClass"
    OBJECT_REF = "ObjectRef"


@dataclass(frozen=True, slots=True)
class ParameterSlot:
    """One slot of a query: its values join by OR, several slots of one name by AND.

    Attributes:
        values: Unquoted texts.
        listed: Written in parentheses, as a list.
    """

    values: tuple[str, ...]
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredQuery:
    """One stored query as sent.

    Attributes:
        query_id: UUID URN of the query.
        parameters: Name (with ``$``) to its slots.
        return_type: As sent; `ReturnType` or a text that is none.
        home_community_id: AdhocQuery/@home.
    """

    query_id: str
    parameters: Mapping[str, tuple[ParameterSlot, ...]] = field(default_factory=dict)
    return_type: str = ReturnType.LEAF_CLASS
    home_community_id: str | None = None

    @property
    def knows_versions(self) -> bool:
        """Whether the consumer understands versions ($MetadataLevel 2): others see the latest of each object only."""
        return any(value == "2" for slot in self.parameters.get("$MetadataLevel", ()) for value in slot.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """The answer to a stored query, as a consumer reads it.

    Attributes:
        object_refs: entryUUIDs, for returnType ObjectRef.
    """

    outcome: Outcome
    document_entries: tuple[DocumentEntry, ...] = ()
    submission_sets: tuple[SubmissionSet, ...] = ()
    folders: tuple[Folder, ...] = ()
    associations: tuple[Association, ...] = ()
    object_refs: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, outcome: Outcome, objects: Sequence[RegistryObject] = (), object_refs: tuple[str, ...] = ()
    ) -> QueryResult:
        """Sort the objects of an answer by their kinds."""
        return cls(
            outcome=outcome,
            document_entries=tuple(o for o in objects if isinstance(o, DocumentEntry)),
            submission_sets=tuple(o for o in objects if isinstance(o, SubmissionSet)),
            folders=tuple(o for o in objects if isinstance(o, Folder)),
            associations=tuple(o for o in objects if isinstance(o, Association)),
            object_refs=object_refs,
        )
