"""Ids of documents and of what stands in them.

Source: HL7 CDA R2 data type II; DICOM PS3.5 annex B.2 (UIDs under 2.25); RFC 9562 section 5.5 (UUID version 5).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from hashlib import sha1
from itertools import count

# The two highest bits of this digit say that the id is of RFC 9562.
_VARIANT = {digit: "89AB"[int(digit, 16) & 3] for digit in "0123456789ABCDEF"}
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
    begun = sha1(uuid.NAMESPACE_OID.bytes + f"{document_id}#".encode(), usedforsecurity=False)

    def next_id() -> str:
        # The same as uuid.uuid5, which is slow for the hundred ids of a document.
        digest = begun.copy()
        digest.update(b"%d" % next(numbers))
        d = digest.hexdigest().upper()
        return f"{d[:8]}-{d[8:12]}-5{d[13:16]}-{_VARIANT[d[16]]}{d[17:20]}-{d[20:32]}"

    return next_id


def canonical_id(text: str) -> str:
    """Write the root of a document id in upper case when it is a UUID; what follows ``^`` stays."""
    root, caret, extension = text.partition("^")
    return f"{root.upper() if is_uuid(root) else root}{caret}{extension}"


def root_of(document_id: str) -> str:
    """Return the root of a document id, without the number that may follow ``^``."""
    return document_id.partition("^")[0]


def derived_uid(uid: str, part: str) -> str:
    """Make a UID that stands for a part of what `uid` names; the same part always gets the same one."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{uid}#{part}').int}"
