"""The database schema.

One row per registry object: what queries select by stands in columns, the object itself as its stored leaf.
Multi-valued attributes lie in one text column, each value between two unit separators (a character that XML cannot
carry); they are only searched among the rows of one patient or one code.

Times are DTM padded to 14 digits; patients are `CX.key`; codes are ``code^^scheme``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text

SCHEMA_VERSION = 2
SEPARATOR = "\x1f"
IS_PENDING = "state = 'pending'"

METADATA = MetaData()

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")


def _row_id() -> Column[int]:
    return Column("row_id", _ROW_ID, primary_key=True, autoincrement=True)


PATIENT = Table(
    "patient",
    METADATA,
    Column("patient_id", Text, primary_key=True),
    Column("merged_into", Text, comment="the surviving identifier; null: in force"),
)

IDENTITY_MESSAGE = Table(
    "identity_message",
    METADATA,
    _row_id(),
    Column("message_key", Text, nullable=False, unique=True, comment="SHA-256 of sender and message id"),
    Column("content_hash", Text, nullable=False),
    Column("answer", Text, nullable=False, comment="what a repeat of the message is answered"),
    Column("accepted", Boolean, nullable=False),
)

SETTING = Table("setting", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

SUBMISSION_SET = Table(
    "submission_set",
    METADATA,
    _row_id(),
    Column("entry_uuid", Text, nullable=False, unique=True),
    Column("unique_id", Text, nullable=False, unique=True),
    Column("patient_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("submission_time", Text),
    Column("source_id", Text),
    Column("content_type_code", Text),
    Column("author_person", Text),
    Column("leaf", Text, nullable=False),
    Index("submission_set_by_patient", "patient_id", "submission_time"),
)

DOCUMENT_ENTRY = Table(
    "document_entry",
    METADATA,
    _row_id(),
    Column("entry_uuid", Text, nullable=False, unique=True),
    Column("logical_id", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("unique_id", Text, nullable=False, index=True),
    Column("patient_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("creation_time", Text),
    Column("service_start_time", Text),
    Column("service_stop_time", Text),
    Column("class_code", Text),
    Column("type_code", Text),
    Column("format_code", Text),
    Column("practice_setting_code", Text),
    Column("healthcare_facility_type_code", Text),
    Column("confidentiality_code", Text),
    Column("event_code_list", Text),
    Column("author_person", Text),
    Column("reference_id_list", Text),
    Column("repository_unique_id", Text),
    Column("hash", Text),
    Column("size", BigInteger),
    Column("leaf", Text, nullable=False),
    Index("document_entry_by_patient", "patient_id", "status", "creation_time"),
)

FOLDER = Table(
    "folder",
    METADATA,
    _row_id(),
    Column("entry_uuid", Text, nullable=False, unique=True),
    Column("logical_id", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    # Versions of a folder share its uniqueId.
    Column("unique_id", Text, nullable=False, index=True),
    Column("patient_id", Text, nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("last_update_time", Text),
    Column("code_list", Text),
    Column("leaf", Text, nullable=False),
)

ASSOCIATION = Table(
    "association",
    METADATA,
    _row_id(),
    Column("entry_uuid", Text, nullable=False, unique=True),
    Column("association_type", Text, nullable=False),
    Column("source_object", Text, nullable=False, index=True),
    Column("target_object", Text, nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("leaf", Text, nullable=False),
)

OBJECT_TABLES: dict[str, Table] = {
    "DocumentEntry": DOCUMENT_ENTRY,
    "SubmissionSet": SUBMISSION_SET,
    "Folder": FOLDER,
    "Association": ASSOCIATION,
}

CONTENT = Table(
    "content",
    METADATA,
    _row_id(),
    Column("content_id", LargeBinary(32), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, comment="null: the bytes are a file of the content folder"),
)

PENDING_INDEX = Index("document_pending", "row_id", sqlite_where=text(IS_PENDING))
"""Of those few rows only; `xds_adapter.storage.postgresql` says so for its dialect, which takes long to load."""

DOCUMENT = Table(
    "document",
    METADATA,
    _row_id(),
    Column("document_unique_id", Text, nullable=False, index=True),
    Column("content_id", LargeBinary(32), nullable=False, index=True),
    Column("sha1", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("state", Text, nullable=False, comment="bound, or pending while the registry's answer is unknown"),
    Column("since", BigInteger, nullable=False, comment="seconds since 1970"),
    Column("submission_id", Text, nullable=False, comment="uniqueId of the SubmissionSet"),
    PENDING_INDEX,
    # Who judges an open outcome later must never meet another document under the same number.
    sqlite_autoincrement=True,
)

REMOVAL = Table(
    "removal",
    METADATA,
    _row_id(),
    Column("kind", Text, nullable=False, comment="DocumentEntry, SubmissionSet, Folder, Association or Document"),
    Column("removed_id", Text, nullable=False, index=True, comment="entryUUID, or uniqueId of a document"),
    Column("sha1", Text, comment="of a document's bytes"),
    Column("transaction", Text, nullable=False, comment="e.g. ITI-62"),
    Column("removed_at", BigInteger, nullable=False, comment="seconds since 1970"),
)
