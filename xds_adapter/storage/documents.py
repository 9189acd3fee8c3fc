"""Which bytes belong to which document uniqueId, within one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from xds_adapter.storage.contents import ContentFolder, StagedContent, StoredContent
from xds_adapter.storage.tables import CONTENT, DOCUMENT, IS_PENDING

BOUND = "bound"
PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundDocument:
    """A document to bind: its uniqueId and MIME type, with its staged bytes."""

    document_unique_id: str
    mime_type: str
    staged: StagedContent


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingDocument:
    """A document whose registration has an unknown outcome.

    Attributes:
        since: Seconds since 1970.
        submission_id: uniqueId of the SubmissionSet that brought it.
    """

    row_id: int
    document_unique_id: str
    sha1: str
    since: int
    submission_id: str


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A stored document."""

    document_unique_id: str
    mime_type: str
    content: StoredContent


# Built once: a statement built anew costs three times as much.
_BOUND_CONTENT = select(DOCUMENT.c.content_id).where(
    DOCUMENT.c.document_unique_id == bindparam("document_unique_id"), DOCUMENT.c.state == BOUND
)
_CONTENT_ROW = select(CONTENT.c.row_id).where(CONTENT.c.content_id == bindparam("content_id"))
_INSERT_DOCUMENT = insert(DOCUMENT)
_INSERT_CONTENT = insert(CONTENT)
_FIND = (
    select(DOCUMENT.c.mime_type, DOCUMENT.c.sha1, CONTENT.c.content_id, CONTENT.c.size, CONTENT.c.body)
    .join_from(DOCUMENT, CONTENT, CONTENT.c.content_id == DOCUMENT.c.content_id)
    .where(DOCUMENT.c.document_unique_id == bindparam("document_unique_id"))
    .order_by(DOCUMENT.c.state, DOCUMENT.c.row_id)
    .limit(1)
)


class DocumentTable:
    """Document bindings and small contents, read and written within one transaction."""

    def __init__(self, connection: Connection, folder: ContentFolder) -> None:
        self._connection = connection
        self._folder = folder

    def bound_content(self, document_unique_id: str) -> bytes | None:
        """The content id of a document, when it is bound."""
        content_id: bytes | None = self._connection.scalar(_BOUND_CONTENT, {"document_unique_id": document_unique_id})
        return content_id

    def add(self, documents: Iterable[BoundDocument], submission_id: str, *, state: str) -> list[int]:
        """Store documents as bound or pending; one that is bound to the same bytes already is left as it is.

        Returns:
            The row ids of the new bindings.
        """
        row_ids = []
        for document in documents:
            self._add_content(document.staged)
            if state == PENDING or self.bound_content(document.document_unique_id) is None:
                row_ids.append(self._bind(document, submission_id, state))
        return row_ids

    def _bind(self, document: BoundDocument, submission_id: str, state: str) -> int:
        result = self._connection.execute(
            _INSERT_DOCUMENT,
            {
                "document_unique_id": document.document_unique_id,
                "content_id": document.staged.content_id,
                "sha1": document.staged.sha1,
                "mime_type": document.mime_type,
                "state": state,
                "since": int(time.time()),
                "submission_id": submission_id,
            },
        )
        (row_id,) = result.inserted_primary_key or (0,)
        return int(row_id)

    def _add_content(self, staged: StagedContent) -> None:
        if self._connection.scalar(_CONTENT_ROW, {"content_id": staged.content_id}) is not None:
            return
        self._folder.keep(staged)
        self._connection.execute(
            _INSERT_CONTENT, {"content_id": staged.content_id, "size": staged.size, "body": staged.body}
        )

    def find(self, document_unique_id: str) -> FoundDocument | None:
        """Return a document; one that is bound comes before one that is pending."""
        row = self._connection.execute(_FIND, {"document_unique_id": document_unique_id}).first()
        return None if row is None else FoundDocument(document_unique_id, row.mime_type, self._content(row))

    def _content(self, row: Any) -> StoredContent:
        path = self._folder.path(row.content_id) if row.body is None else None
        return StoredContent(row.content_id.hex(), row.sha1, row.size, body=row.body, path=path)

    def pending(self) -> list[PendingDocument]:
        """All documents whose registration has an unknown outcome, oldest first."""
        c = DOCUMENT.c
        query = select(c.row_id, c.document_unique_id, c.sha1, c.since, c.submission_id).where(text(IS_PENDING))
        return [PendingDocument(**row) for row in self._connection.execute(query.order_by(c.row_id)).mappings()]

    def bind_pending(self, row_ids: Iterable[int]) -> None:
        """The registry accepted: pending documents become bound; a second binding of the same bytes is dropped."""
        for row_id in row_ids:
            row = self._connection.execute(select(DOCUMENT).where(DOCUMENT.c.row_id == row_id)).first()
            if row is None or row.state == BOUND:
                continue
            if self.bound_content(row.document_unique_id) is not None:
                self.drop_pending([row_id])
            else:
                self._connection.execute(update(DOCUMENT).where(DOCUMENT.c.row_id == row_id).values(state=BOUND))

    def drop_pending(self, row_ids: Iterable[int]) -> list[bytes]:
        """The registry refused: forget pending documents.

        Returns:
            Content ids that nothing refers to any more; their rows are gone, their files are removed by
            `Database.collect` once this transaction is durable.
        """
        orphans: list[bytes] = []
        for row_id in row_ids:
            pending = (DOCUMENT.c.row_id == row_id) & (DOCUMENT.c.state == PENDING)
            content_id = self._connection.scalar(select(DOCUMENT.c.content_id).where(pending))
            if content_id is None:
                continue
            self._connection.execute(delete(DOCUMENT).where(pending))
            if self._connection.scalar(select(DOCUMENT.c.row_id).where(DOCUMENT.c.content_id == content_id)) is None:
                self._connection.execute(delete(CONTENT).where(CONTENT.c.content_id == content_id))
                orphans.append(content_id)
        return orphans

    def remove_files(self, content_ids: Iterable[bytes]) -> None:
        """Remove the files of those contents that have no row."""
        for content_id in content_ids:
            if self._connection.scalar(_CONTENT_ROW, {"content_id": content_id}) is None:
                self._folder.remove(content_id)
