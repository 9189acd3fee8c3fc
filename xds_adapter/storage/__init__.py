"""Durable storage: registry metadata, document bindings and document bytes.

::

    Database.reading()            a consistent view, many at a time
    Database.write(work, scope)   runs work(transaction) apart from what its scope touches; returns when durable
        Transaction.registry      registered objects: rows with indexed columns and the stored leaf
        Transaction.patients      merges of patients, and the messages that announced them
        Transaction.documents     which bytes belong to which document uniqueId
    Inbox                         submissions to a Document Recipient, one folder each, for other software
    check.StoreCheck              compares the database with the bytes
    Database.contents             bytes of larger documents, one file a content, named by its SHA-256

A job that raises undoes itself only. On SQLite one writer runs all jobs, several to a commit; on PostgreSQL locks keep
them apart, across processes.
"""

from xds_adapter.storage.contents import ContentFolder, StagedContent, StoredContent
from xds_adapter.storage.database import DATABASE_FILE, Database
from xds_adapter.storage.documents import BOUND, PENDING, BoundDocument, FoundDocument, PendingDocument
from xds_adapter.storage.errors import is_full
from xds_adapter.storage.inbox import Inbox, file_name
from xds_adapter.storage.registry import StoredObject
from xds_adapter.storage.removals import Removed
from xds_adapter.storage.rows import Row, row_of
from xds_adapter.storage.transaction import Transaction

__all__ = [
    "BOUND",
    "DATABASE_FILE",
    "PENDING",
    "BoundDocument",
    "ContentFolder",
    "Database",
    "FoundDocument",
    "Inbox",
    "PendingDocument",
    "Removed",
    "Row",
    "StagedContent",
    "StoredContent",
    "StoredObject",
    "Transaction",
    "file_name",
    "is_full",
    "row_of",
]
