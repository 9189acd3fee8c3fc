"""What the text of a value must look like, by the kind of its attribute (META-021).

Source: IHE ITI TF-3 Table 4.2.3.1.7-2.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from xds_adapter.datatypes import XCN, XON, XTN, is_oid, is_uuid_urn, oid_fault
from xds_adapter.vocabulary.ebrim import Kind

_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_URI_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_PID_FIELD = re.compile(r"PID-([0-9]{1,2})\|.*", re.DOTALL)
_PID_FORBIDDEN = frozenset({2, 4, 12, 19})
_DOCUMENT_ID_LENGTH = 128
_EXTENSION_LENGTH = 16
_RECIPIENT_PARTS: tuple[Callable[[str], XON | XCN | XTN], ...] = (XON, XCN, XTN)


def _document_id_fault(text: str) -> str | None:
    if len(text) > _DOCUMENT_ID_LENGTH:
        return f"has {len(text)} characters, {_DOCUMENT_ID_LENGTH} are allowed"
    root, caret, extension = text.partition("^")
    if is_oid(root):
        if caret and not extension:
            return "has an empty extension after ^"
        too_long = len(extension) > _EXTENSION_LENGTH
        return f"has an extension of more than {_EXTENSION_LENGTH} characters" if too_long else None
    if text.lower().startswith("urn:uuid:"):
        return None if is_uuid_urn(text) else "is no UUID in lower case"
    return None if _URI_SCHEME.fullmatch(text) else "is neither OID, OID^extension, urn:uuid: nor a URI"


def _pid_field_fault(text: str) -> str | None:
    match = _PID_FIELD.fullmatch(text)
    if match is None:
        return "is not PID-n|value"
    number = int(match[1])
    return f"PID-{number} is not allowed here" if number in _PID_FORBIDDEN or not 1 <= number <= 39 else None


@lru_cache(maxsize=4096)
def _recipient_fault(text: str) -> str | None:
    """Organisation, person and address, separated by bars; what is empty is not given."""
    parts = text.split("|")
    if len(parts) > len(_RECIPIENT_PARTS) or not any(parts):
        return "is not XON|XCN|XTN with at least one of them"
    faults = (kind(part).fault() for kind, part in zip(_RECIPIENT_PARTS, parts, strict=False) if part)
    return next((fault for fault in faults if fault), None)


def _pattern(pattern: re.Pattern[str], words: str) -> Callable[[str], str | None]:
    return lambda text: None if pattern.fullmatch(text) else words


def _own_fault(value: Any) -> str | None:
    fault: str | None = value.fault()
    return fault


FORM_FAULTS: dict[Kind, Callable[[Any], str | None]] = {
    Kind.CX: _own_fault,
    Kind.CXI: _own_fault,
    Kind.XCN: _own_fault,
    Kind.DTM: _own_fault,
    Kind.OID: oid_fault,
    Kind.DOCUMENT_ID: _document_id_fault,
    Kind.SHA1: _pattern(_SHA1, "is not 40 hexadecimal digits"),
    Kind.LANGUAGE: _pattern(_LANGUAGE, "is no language tag (RFC 5646)"),
    Kind.MIME: _pattern(_MIME, "is not type/subtype"),
    Kind.PID_FIELD: _pid_field_fault,
    Kind.RECIPIENT: _recipient_fault,
    Kind.URI: _pattern(re.compile(r"\S+"), "is no URI: it holds blanks"),
}
"""Says what is wrong with one value, or None; a kind that is missing here may be any text."""
