"""Versions of entries and folders, merged patients, identity messages, removals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# SQLite gives constraints no names of their own; PostgreSQL's are these.
_NAMES = {"uq": "%(table_name)s_%(column_0_name)s_key"}


def upgrade() -> None:
    """Add the columns; every object that is there is the first version of itself."""
    merged = sa.Column("merged_into", sa.Text(), comment="the surviving identifier; null: in force")
    op.add_column("patient", merged)
    for table in ("document_entry", "folder"):
        op.add_column(table, sa.Column("logical_id", sa.Text()))
        op.add_column(table, sa.Column("version", sa.Integer()))
        objects = sa.table(table, sa.column("entry_uuid"), sa.column("logical_id"), sa.column("version"))
        op.execute(sa.update(objects).values(logical_id=objects.c.entry_uuid, version=1))
        with op.batch_alter_table(table, naming_convention=_NAMES) as batch:
            batch.alter_column("logical_id", existing_type=sa.Text(), nullable=False)
            batch.alter_column("version", existing_type=sa.Integer(), nullable=False)
            if table == "folder":
                batch.drop_constraint("folder_unique_id_key", type_="unique")
        op.create_index(f"ix_{table}_logical_id", table, ["logical_id"])
    op.create_index("ix_folder_unique_id", "folder", ["unique_id"])
    _identity_message()
    _removal()


def _row_id() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("row_id", number, primary_key=True, autoincrement=True)


def _identity_message() -> None:
    op.create_table(
        "identity_message",
        _row_id(),
        sa.Column("message_key", sa.Text(), nullable=False, unique=True, comment="SHA-256 of sender and message id"),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, comment="what a repeat of the message is answered"),
        sa.Column("accepted", sa.Boolean(), nullable=False),
    )


def _removal() -> None:
    objects = "DocumentEntry, SubmissionSet, Folder, Association or Document"
    op.create_table(
        "removal",
        _row_id(),
        sa.Column("kind", sa.Text(), nullable=False, comment=objects),
        sa.Column("removed_id", sa.Text(), nullable=False, comment="entryUUID, or uniqueId of a document"),
        sa.Column("sha1", sa.Text(), comment="of a document's bytes"),
        sa.Column("transaction", sa.Text(), nullable=False, comment="e.g. ITI-62"),
        sa.Column("removed_at", sa.BigInteger(), nullable=False, comment="seconds since 1970"),
    )
    op.create_index("ix_removal_removed_id", "removal", ["removed_id"])
