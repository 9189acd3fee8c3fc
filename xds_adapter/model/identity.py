"""What a patient identity feed announces, and what comes of it.

Source: IHE ITI TF-2 3.8 and 3.44.
"""

from __future__ import annotations

from dataclasses import dataclass

from xds_adapter.datatypes import CX
from xds_adapter.vocabulary.identity_feed import CAUSES, CauseForm, FeedEvent, RefusalCause


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChange:
    """One patient of a message.

    Attributes:
        event: New patient, revision or merge.
        patient_ids: Every identifier of the patient, of whatever assigning authority; after a merge the surviving ones.
        subsumed_ids: Merge only: the identifiers that end.
    """

    event: FeedEvent
    patient_ids: tuple[CX, ...]
    subsumed_ids: tuple[CX, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMessage:
    """One message of the feed.

    Attributes:
        message_key: Tells it from other messages: transaction, sender and message id.
        content_hash: SHA-256 of what it says, in hexadecimal digits.
        changes: Its patients; all are taken or none.
    """

    message_key: str
    content_hash: str
    changes: tuple[IdentityChange, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is refused.

    Attributes:
        position: Which of its patients is concerned, counted from 1.
    """

    cause: RefusalCause
    position: int = 1

    @property
    def form(self) -> CauseForm:
        """The words for the sender."""
        return CAUSES[self.cause]
