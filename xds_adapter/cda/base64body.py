"""A file in base64, judged as it streams by: whether it decodes, how large it is, what it begins with.

Source: HL7 v3 data types R1, ED; RFC 4648 section 4.
"""

from __future__ import annotations

import binascii

_MAGIC: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "text/rtf": (b"{\\rtf",),
    "application/rtf": (b"{\\rtf",),
    "application/zip": (b"PK\x03\x04",),
}
_HEAD = 16


def media_type_of(content: bytes) -> str | None:
    """Return the media type that the first bytes of a file show, or None."""
    return next((name for name, magic in _MAGIC.items() if content.startswith(magic)), None)


class Base64Body:
    """Decodes base64 text piece by piece and keeps its first bytes, its size and its first fault.

    Attributes:
        head: The first bytes decoded.
        size: Octets decoded.
        fault: What is wrong, or None.
    """

    def __init__(self) -> None:
        self.head = b""
        self.size = 0
        self.fault: str | None = None
        self._rest = ""
        self._ended = False

    def write(self, text: str) -> None:
        """Take a piece of the text."""
        if self.fault is not None:
            return
        pending = self._rest + "".join(text.split())
        whole = len(pending) - len(pending) % 4
        self._rest = pending[whole:]
        if whole:
            self._decode(pending[:whole])

    def _decode(self, quads: str) -> None:
        if self._ended:
            self.fault = "text follows the padding"
            return
        try:
            decoded = binascii.a2b_base64(quads, strict_mode=True)
        except (ValueError, binascii.Error) as error:
            self.fault = str(error)
            return
        self._ended = quads.endswith("=")
        self.size += len(decoded)
        if len(self.head) < _HEAD:
            self.head = (self.head + decoded)[:_HEAD]

    def close(self) -> None:
        """Judge the end of the text."""
        if self.fault is None and self._rest:
            self.fault = "the text breaks off in the middle of a group of four"
        elif self.fault is None and not self.size:
            self.fault = "there is none"

    def media_type_fault(self, media_type: str) -> str | None:
        """Say that the first bytes are not those of the media type, or None; types not known here always pass."""
        magic = _MAGIC.get(media_type)
        return f"the content does not begin like {media_type}" if magic and not self.head.startswith(magic) else None
