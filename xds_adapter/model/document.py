"""Documents: opaque bytes with size and hashes, never whole in memory.

Source: IHE ITI TF-2 3.41.4 and 3.43.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class DocumentContent(Protocol):
    """Bytes of one document, wherever they lie."""

    @property
    def size(self) -> int:
        """Octets."""
        ...

    @property
    def sha1(self) -> str:
        """SHA-1 as 40 lower-case hexadecimal digits; XDS calls it ``hash``."""
        ...

    @property
    def content_id(self) -> str:
        """SHA-256 as 64 lower-case hexadecimal digits; the name under which the store keeps it."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in order, in pieces of at most 1 MiB; may be called again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedDocument:
    """One xds:Document of a submission.

    Attributes:
        document_id: @id of the element: the id of its DocumentEntry in the message.
    """

    document_id: str
    content: DocumentContent


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """One document asked for, by repository and document uniqueId."""

    repository_unique_id: str
    document_unique_id: str
    home_community_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievedDocument:
    """One document as a repository returns it."""

    repository_unique_id: str
    document_unique_id: str
    mime_type: str
    content: DocumentContent
    home_community_id: str | None = None
    new_repository_unique_id: str | None = None
    new_document_unique_id: str | None = None
