"""Which bytes belong to which document uniqueId, within one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, text, update

from xds_adapter.storage.contents import ContentFolder, StagedContent, StoredContent
from xds_adapter.storage.statements import Driver, Statement
from xds_adapter.storage.tables import CONTENT, DOCUMENT, IS_PENDING, SETTING

BOUND = "bound"
PENDING = "pending"
_NOTE = "unreferenced content "
"""Begins the name of the setting that remembers a file to be removed."""


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


_BOUND_CONTENT = Statement(
    select(DOCUMENT.c.content_id).where(
        DOCUMENT.c.document_unique_id == bindparam("value"), DOCUMENT.c.state == literal_column(f"'{BOUND}'")
    )
)
_CONTENT_ROW = Statement(select(CONTENT.c.row_id).where(CONTENT.c.content_id == bindparam("value")))
_INSERT_DOCUMENT = Statement(insert(DOCUMENT))
_INSERT_CONTENT = Statement(insert(CONTENT))
_FIND = Statement(
    select(DOCUMENT.c.mime_type, DOCUMENT.c.sha1, CONTENT.c.content_id, CONTENT.c.size, CONTENT.c.body)
    .join_from(DOCUMENT, CONTENT, CONTENT.c.content_id == DOCUMENT.c.content_id)
    .where(DOCUMENT.c.document_unique_id == bindparam("value"))
    .order_by(DOCUMENT.c.state, DOCUMENT.c.row_id)
)


def _binding(document: BoundDocument, submission_id: str, state: str) -> dict[str, Any]:
    return {
        "document_unique_id": document.document_unique_id,
        "content_id": document.staged.content_id,
        "sha1": document.staged.sha1,
        "mime_type": document.mime_type,
        "state": state,
        "since": int(time.time()),
        "submission_id": submission_id,
    }


class DocumentTable:
    """Document bindings and small contents, read and written within one transaction."""

    def __init__(self, connection: Connection, folder: ContentFolder) -> None:
        self._connection = connection
        self._driver = Driver(connection)
        self._folder = folder

    def bound_content(self, document_unique_id: str) -> bytes | None:
        """The content id of a document, when it is bound."""
        row = _BOUND_CONTENT.first(self._driver, {"value": document_unique_id})
        return None if row is None else row[0]

    def add(self, documents: Iterable[BoundDocument], submission_id: str) -> None:
        """Store and bind documents; one that is bound already, to the same bytes, is left as it is."""
        for document in documents:
            self._add_content(document.staged)
            if self.bound_content(document.document_unique_id) is None:
                _INSERT_DOCUMENT.run(self._driver, _binding(document, submission_id, BOUND))

    def add_pending(self, documents: Iterable[BoundDocument], submission_id: str) -> list[int]:
        """Store documents whose registration is about to be sent.

        Returns:
            The row ids of their bindings.
        """
        row_ids: list[int] = []
        for document in documents:
            self._add_content(document.staged)
            result = self._connection.execute(insert(DOCUMENT), _binding(document, submission_id, PENDING))
            row_ids.extend(result.inserted_primary_key or ())
        return row_ids

    def _add_content(self, staged: StagedContent) -> None:
        if self._has_content(staged.content_id):
            return
        self._folder.keep(staged)
        _INSERT_CONTENT.run(self._driver, {"content_id": staged.content_id, "size": staged.size, "body": staged.body})

    def _has_content(self, content_id: bytes) -> bool:
        return _CONTENT_ROW.first(self._driver, {"value": content_id}) is not None

    def find(self, document_unique_id: str) -> FoundDocument | None:
        """Return a document; one that is bound comes before one that is pending."""
        row = _FIND.first(self._driver, {"value": document_unique_id})
        if row is None:
            return None
        mime_type, sha1, content_id, size, body = row
        path = self._folder.path(content_id) if body is None else None
        content = StoredContent(content_id.hex(), sha1, size, body=body, path=path)
        return FoundDocument(document_unique_id, mime_type, content)

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
            if self._released(content_id):
                orphans.append(content_id)
        return orphans

    def is_pending(self, document_unique_id: str) -> bool:
        """Tell whether a registration of this document has an unknown outcome."""
        query = select(DOCUMENT.c.row_id).where(DOCUMENT.c.document_unique_id == document_unique_id, text(IS_PENDING))
        return self._connection.scalar(query.limit(1)) is not None

    def unbind(self, document_unique_id: str) -> list[bytes]:
        """Forget a bound document.

        Returns:
            Its content id, when nothing else has the same content; see `drop_pending`.
        """
        is_bound = (DOCUMENT.c.document_unique_id == document_unique_id) & (DOCUMENT.c.state == BOUND)
        content_ids = set(self._connection.scalars(select(DOCUMENT.c.content_id).where(is_bound)))
        self._connection.execute(delete(DOCUMENT).where(is_bound))
        return self.release(content_ids)

    def release(self, content_ids: Iterable[bytes]) -> list[bytes]:
        """Delete those contents that no document has.

        Returns:
            Their content ids; see `drop_pending`.
        """
        return [content_id for content_id in content_ids if self._released(content_id)]

    def _released(self, content_id: bytes) -> bool:
        """Delete a content that no document has any more, and note its file, lest a crash leaves it behind."""
        if self._connection.scalar(select(DOCUMENT.c.row_id).where(DOCUMENT.c.content_id == content_id).limit(1)):
            return False
        self._connection.execute(delete(CONTENT).where(CONTENT.c.content_id == content_id))
        self._forget_note(content_id)
        self._connection.execute(insert(SETTING), {"name": _note(content_id), "value": ""})
        return True

    def noted(self) -> list[bytes]:
        """The contents whose files were to be removed and may still be there."""
        names = self._connection.scalars(select(SETTING.c.name).where(SETTING.c.name.startswith(_NOTE)))
        return [bytes.fromhex(name.removeprefix(_NOTE)) for name in names]

    def _forget_note(self, content_id: bytes) -> None:
        self._connection.execute(delete(SETTING).where(SETTING.c.name == _note(content_id)))

    def remove_files(self, content_ids: Iterable[bytes]) -> None:
        """Remove the files of those contents that have no row."""
        for content_id in content_ids:
            if not self._has_content(content_id):
                self._folder.remove(content_id)
            self._forget_note(content_id)


def _note(content_id: bytes) -> str:
    return _NOTE + content_id.hex()
