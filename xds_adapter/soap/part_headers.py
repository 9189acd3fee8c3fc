"""Header fields of one MIME part.

Source: RFC 2046 5.1; RFC 5322 2.2 (folding).
"""

from __future__ import annotations

import re

from xds_adapter.errors import MalformedMessage

_FOLD = re.compile(rb"\r\n[ \t]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def parse_part_headers(block: bytes) -> dict[str, str]:
    r"""Read the header fields of a part.

    Args:
        block: The lines between the delimiter line and the empty line, ended by CRLF except the last.

    Returns:
        Values by lower-case name, unfolded and without surrounding white space. Octets that are not UTF-8
        become U+FFFD: they occur in file names, which nobody reads.

    Raises:
        MalformedMessage: A line without a name, a control character, or a field given twice.
    """
    headers: dict[str, str] = {}
    if not block:
        return headers
    for line in _FOLD.sub(b" ", block).split(b"\r\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        name = name.rstrip(" \t").lower()
        if not colon or not name or _CONTROL.search(line):
            raise MalformedMessage("a MIME part has a header line that cannot be read; lines end with CR LF")
        if name in headers:
            raise MalformedMessage(f'a MIME part has the header "{name[:40]}" twice')
        headers[name] = value.strip(" \t")
    return headers
