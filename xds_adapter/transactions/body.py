"""What a transaction hands to the wire: the body's XML and the documents beside it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xds_adapter.model import DocumentContent
from xds_adapter.soap import Folder, SpooledBody, spooled
from xds_adapter.vocabulary.namespaces import XOP
from xds_adapter.xmlio import Element

Resolve = Callable[[Element], DocumentContent]
"""Gives the bytes of an element of type base64Binary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One document beside the body.

    Attributes:
        cid: Content-ID without angle brackets.
    """

    cid: str
    mime_type: str
    content: DocumentContent

    @classmethod
    def of(cls, content: DocumentContent, mime_type: str) -> Attachment:
        """Give a document a Content-ID of its own."""
        return cls(cid=f"{uuid.uuid4()}@xds-adapter", mime_type=mime_type, content=content)

    @property
    def include(self) -> str:
        """The xop:Include element that stands in its place."""
        return f'<xop:Include xmlns:xop="{XOP}" href="cid:{self.cid}"/>'


@dataclass(frozen=True, slots=True)
class Body:
    """The content of soap:Body in pieces, and its attachments.

    Attributes:
        spooled: The content in a temporary file, when it is long; `xml` is empty then.
    """

    xml: Iterable[str]
    attachments: tuple[Attachment, ...] = ()
    spooled: SpooledBody | None = None

    @classmethod
    def read(cls, pieces: Iterable[str], folder: Folder) -> Body:
        """Read all of `pieces` now, into memory while they are short.

        Args:
            pieces: The text; whatever it raises is passed on, and nothing is left behind.
            folder: Where a temporary file goes; None means the system's folder.

        Raises:
            StorageUnavailable: The disk refuses.
        """
        kept = spooled(pieces, folder)
        return cls((), spooled=kept) if isinstance(kept, SpooledBody) else cls(kept)
