"""OID and UUID, the two families of identifiers in XDS metadata.

Source: IHE ITI TF-2 Appendix B; ITI TF-3 Table 4.2.3.1.7-2; ITU-T X.667; RFC 9562 (UUID version 7).
"""

from __future__ import annotations

import os
import random
import re
import time
import uuid
from functools import lru_cache

_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+", re.ASCII)
_UUID_URN = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
OID_LENGTH = 64

# Unique, not secret: a generator of our own, seeded by the system, costs no system call for each of many ids.
_RANDOM = random.Random()  # noqa: S311
os.register_at_fork(after_in_child=_RANDOM.seed)


@lru_cache(maxsize=4096)
def is_oid(text: str) -> bool:
    """Tell whether `text` is an OID of at most 64 characters without leading zeros."""
    return len(text) <= OID_LENGTH and _OID.fullmatch(text) is not None


def oid_fault(text: str) -> str | None:
    """Say what keeps `text` from being an OID, or None."""
    if len(text) > OID_LENGTH:
        return f"an OID has at most {OID_LENGTH} characters, this one has {len(text)}"
    return None if _OID.fullmatch(text) else "is not an OID"


def new_oid() -> str:
    """Make an OID that nobody else has: ``2.25.`` and a random UUID as an integer.

    Source: ITU-T X.667 6.3.
    """
    return f"2.25.{uuid.uuid4().int}"


def is_uuid_urn(text: str) -> bool:
    """Tell whether `text` is ``urn:uuid:`` with a lower-case UUID."""
    return _UUID_URN.fullmatch(text) is not None


def uuid_fault(text: str) -> str | None:
    """Say what keeps `text` from being a UUID URN, or None."""
    if is_uuid_urn(text):
        return None
    if is_uuid_urn(text.lower()):
        return "must be in lower case"
    return "is not urn:uuid: with 8-4-4-4-12 hexadecimal digits"


def new_uuid_urn() -> str:
    """Make a UUID URN of version 7.

    Time-ordered, so that an index over such values grows at its end instead of everywhere.
    """
    value = (time.time_ns() // 1_000_000) << 80 | _RANDOM.getrandbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    text = f"{value:032x}"
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
