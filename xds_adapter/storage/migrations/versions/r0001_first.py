"""The schema of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_IS_PENDING = sa.text("state = 'pending'")


def _row_id() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("row_id", kind, primary_key=True, autoincrement=True)


def _text(name: str, *, nullable: bool = True, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, comment=comment)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _needed(*names: str) -> list[sa.Column[str]]:
    return [_text(name, nullable=False) for name in names]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    """Make the tables of an empty database."""
    op.create_table("patient", _text("patient_id", nullable=False), sa.PrimaryKeyConstraint("patient_id"))
    op.create_table("setting", *_needed("name", "value"), sa.PrimaryKeyConstraint("name"))
    _submission_set()
    _document_entry()
    _folder()
    _association()
    _documents()


def _submission_set() -> None:
    op.create_table(
        "submission_set",
        _row_id(),
        *_needed("entry_uuid", "unique_id", "patient_id", "status"),
        *_texts("submission_time", "source_id", "content_type_code", "author_person"),
        *_needed("leaf"),
        sa.UniqueConstraint("entry_uuid"),
        sa.UniqueConstraint("unique_id"),
    )
    op.create_index("submission_set_by_patient", "submission_set", ["patient_id", "submission_time"])


def _document_entry() -> None:
    op.create_table(
        "document_entry",
        _row_id(),
        *_needed("entry_uuid", "unique_id", "patient_id", "status", "object_type"),
        *_texts("creation_time", "service_start_time", "service_stop_time", "class_code", "type_code", "format_code"),
        *_texts("practice_setting_code", "healthcare_facility_type_code", "confidentiality_code", "event_code_list"),
        *_texts("author_person", "reference_id_list", "repository_unique_id", "hash"),
        sa.Column("size", sa.BigInteger()),
        *_needed("leaf"),
        sa.UniqueConstraint("entry_uuid"),
    )
    _indexes("document_entry", "unique_id")
    op.create_index("document_entry_by_patient", "document_entry", ["patient_id", "status", "creation_time"])


def _folder() -> None:
    op.create_table(
        "folder",
        _row_id(),
        *_needed("entry_uuid", "unique_id", "patient_id", "status"),
        *_texts("last_update_time", "code_list"),
        *_needed("leaf"),
        sa.UniqueConstraint("entry_uuid"),
        sa.UniqueConstraint("unique_id"),
    )
    _indexes("folder", "patient_id")


def _association() -> None:
    op.create_table(
        "association",
        _row_id(),
        *_needed("entry_uuid", "association_type", "source_object", "target_object", "status", "leaf"),
        sa.UniqueConstraint("entry_uuid"),
    )
    _indexes("association", "source_object", "target_object")


def _documents() -> None:
    op.create_table(
        "content",
        _row_id(),
        sa.Column("content_id", sa.LargeBinary(32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), comment="null: the bytes are a file of the content folder"),
        sa.UniqueConstraint("content_id"),
    )
    state = "bound, or pending while the registry's answer is unknown"
    op.create_table(
        "document",
        _row_id(),
        *_needed("document_unique_id"),
        sa.Column("content_id", sa.LargeBinary(32), nullable=False),
        *_needed("sha1", "mime_type"),
        _text("state", nullable=False, comment=state),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="seconds since 1970"),
        _text("submission_id", nullable=False, comment="uniqueId of the SubmissionSet"),
        sqlite_autoincrement=True,
    )
    _indexes("document", "document_unique_id", "content_id")
    op.create_index("document_pending", "document", ["row_id"], sqlite_where=_IS_PENDING, postgresql_where=_IS_PENDING)
