"""What alembic runs to run the scripts: on the connection that it was given, within its transaction."""

from __future__ import annotations

from alembic import context

from xds_adapter.storage.tables import METADATA

# SQLite cannot change a table in place: scripts work on a copy of it ("batch").
context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
