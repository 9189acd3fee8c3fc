"""Bounds on what one received message may cost."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

PIECE_BYTES = MIB
"""Largest piece in which bytes travel (octets): measured as the fastest size that keeps memory flat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one message, all in octets unless said otherwise.

    Attributes:
        max_header_bytes: Header block of one MIME part.
        max_parts: Number of MIME parts, the root included.
        max_preamble_bytes: What precedes the first MIME delimiter.
        max_envelope_bytes: XML that becomes a tree; inline documents that were cut out do not count.
        max_document_bytes: One document, decoded.
        max_message_bytes: The whole message as received.
        memory_bytes: A document up to this size stays in memory, a larger one goes to a temporary file.
    """

    max_header_bytes: int = 16 * KIB
    max_parts: int = 1000
    max_preamble_bytes: int = 4 * KIB
    max_envelope_bytes: int = 4 * MIB
    max_document_bytes: int = GIB
    max_message_bytes: int = 4 * GIB
    memory_bytes: int = 256 * KIB


DEFAULT_LIMITS = Limits()
