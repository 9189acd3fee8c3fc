"""What a transaction asks of the DocumentEntries that it registers: one value a transaction.

Source: IHE ITI TF-3 Table 4.3.1-3; ITI TF-2 3.42.4.1.2 and 3.61.4.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, DocumentEntryType


# Compared by identity: it is looked up for every object of a submission.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Which DocumentEntries a transaction admits.

    Attributes:
        transaction: e.g. ``ITI-42``.
        entry_type: The objectType of its DocumentEntries.
        required: IHE names of the attributes that an entry must have.
        forbidden: IHE names of the attributes that an entry must not have.
    """

    transaction: str
    entry_type: DocumentEntryType
    required: frozenset[str]
    forbidden: frozenset[str] = frozenset()


_BY_SOURCE = frozenset(attribute.name for attribute in DOCUMENT_ENTRY if attribute.required)
_OF_BYTES = frozenset({"creationTime", "hash", "size"})

REGISTER = Profile(
    transaction="ITI-42",
    entry_type=DocumentEntryType.STABLE,
    required=_BY_SOURCE | _OF_BYTES | {"repositoryUniqueId"},
)
"""Stable entries; what is optional for a Document Source is required of the repository that registers."""

REGISTER_ON_DEMAND = Profile(
    transaction="ITI-61",
    entry_type=DocumentEntryType.ON_DEMAND,
    required=(_BY_SOURCE | {"repositoryUniqueId"}) - _OF_BYTES,
    forbidden=_OF_BYTES,
)
"""On-demand entries: there are no bytes yet that could have a time, a hash or a size."""
