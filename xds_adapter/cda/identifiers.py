"""The ids of a document's entries, which nobody gives.

Source: HL7 CDA R2 data type II.
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


def entry_ids(document_id: str) -> Callable[[], str]:
    """Return a function that makes the next id of a section or entry.

    The ids follow from the document's own id, so that building the same case twice gives the same bytes and a
    repeated export finds its documents unchanged.
    """
    numbers = count(1)
    return lambda: str(uuid.uuid5(uuid.NAMESPACE_OID, f"{document_id}#{next(numbers)}")).upper()
