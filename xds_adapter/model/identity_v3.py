"""Who sends an HL7 v3 message to whom: what its acknowledgement repeats.

Source: IHE ITI TF-2 O.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstanceIdentifier:
    """II of HL7 v3: a root (OID or UUID) and an extension, both as written."""

    root: str
    extension: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransmissionWrapper:
    """The part of a message that is about its transport.

    Attributes:
        message_id: The message's own id.
        sender: Ids of the sending device, at least one.
        receiver: Ids of the receiving device, at least one.
        processing_code: P (production), T (training) or D (debugging).
    """

    message_id: InstanceIdentifier
    sender: tuple[InstanceIdentifier, ...]
    receiver: tuple[InstanceIdentifier, ...]
    processing_code: str = "P"
