"""Addresses that a document may lead its reader to.

Source: WHATWG URL Standard sections 4.2 and 4.4 (what browsers make of blanks, control characters and backslashes).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_LENGTH = 4000
_SCHEME = re.compile(r"(https?|mailto|tel):", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]", re.ASCII)
_MAILTO = re.compile(r"[^@\s?]+@[^@\s?]+")
_TEL = re.compile(r"[0-9+().*#/-]+", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn", "Cs"})
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True, slots=True)
class Link:
    """An address that is safe to follow.

    Attributes:
        href: What goes into the attribute, not escaped.
        host: The machine it leads to, as the browser will name it; empty for mail and telephone.
    """

    href: str
    host: str


def without_bidi(text: str) -> str:
    """Leave out characters that change the direction of what follows: they could make text read as it is not."""
    return text.translate(_BIDI)


def safe_link(address: str) -> Link | None:
    """Judge an address; None when it must not be followed.

    http and https lead to a machine that is named and carry no user name, since ``https://good@evil`` deceives its
    reader; mailto is one address without further headers; tel is a number.
    """
    text = "".join(char for char in address if unicodedata.category(char) not in _INVISIBLE)
    match = _SCHEME.match(text)
    if match is None or len(text) > MAX_LENGTH or "\\" in text:
        return None
    scheme, rest = match[1].lower(), text[match.end() :]
    if scheme == "mailto":
        found = _MAILTO.match(rest)
        return Link(f"mailto:{found[0]}", "") if found else None
    if scheme == "tel":
        return Link(f"tel:{rest}", "") if _TEL.fullmatch(rest) else None
    host = _host(f"{scheme}:{rest}")
    return Link(f"{scheme}:{rest}", host) if host else None


def _host(url: str) -> str | None:
    """Return host and port of a URL as ASCII, or None when it has none or hides it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if "@" in parts.netloc:
        return None
    try:
        name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except UnicodeError:
        return None
    if not _HOST.fullmatch(name):
        return None
    return name if port is None else f"{name}:{port}"
