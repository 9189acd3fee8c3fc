"""What the worker and its parent say to each other: frames, each four octets of length and then so many octets.

parent -> worker    a document
worker -> parent    one JSON object: ``progress``, ``ready``, ``broken``, or ``findings`` with ``peak_bytes``
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from xds_adapter.model.cda_finding import CdaSeverity, Finding

_LENGTH = struct.Struct(">I")
MAX_FRAME_BYTES = 64 << 20


def write_frame(file: BinaryIO, content: bytes) -> None:
    """Write a frame at once.

    Raises:
        OSError: The other side has gone.
    """
    file.write(_LENGTH.pack(len(content)))
    file.write(content)
    file.flush()


def read_frame(file: BinaryIO) -> bytes | None:
    """Read a frame; None when the other side has gone, or says what is no frame."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        return None
    content = file.read(length)
    return content if len(content) == length else None


def to_frame(message: Mapping[str, Any]) -> bytes:
    """Write a message of the worker."""
    return json.dumps(message, ensure_ascii=False).encode()


def from_frame(frame: bytes) -> dict[str, Any]:
    """Read a message of the worker."""
    message: dict[str, Any] = json.loads(frame)
    return message


def pack_finding(finding: Finding) -> list[Any]:
    """A finding as JSON holds it."""
    return [finding.rule, finding.severity.value, finding.xpath, finding.line, finding.message]


def unpack_finding(row: list[Any]) -> Finding:
    """The finding that `pack_finding` wrote."""
    rule, severity, xpath, line, message = row
    return Finding(rule=rule, severity=CdaSeverity(severity), xpath=xpath, line=line, message=message)
