"""Identifiers that a document needs and nobody gave: OIDs from UUIDs, and the ids of its entries.

Source: ITU-T X.667 (arc 2.25); HL7 CDA R2 data type II.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from itertools import count

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


def is_uuid(text: str) -> bool:
    """Tell whether `text` is a UUID in its plain 8-4-4-4-12 form, in either case."""
    return _UUID.fullmatch(text) is not None


def new_oid() -> str:
    """Make an OID that nobody else has: ``2.25.`` and a random UUID as an integer.

    Source: ITU-T X.667 6.3.
    """
    return f"2.25.{uuid.uuid4().int}"


def entry_ids(document_id: str) -> Callable[[], str]:
    """Return a function that makes the next id of a section or entry.

    The ids follow from the document's own id, so that building the same case twice gives the same bytes and a
    repeated export finds its documents unchanged.
    """
    numbers = count(1)
    return lambda: str(uuid.uuid5(uuid.NAMESPACE_OID, f"{document_id}#{next(numbers)}")).upper()
