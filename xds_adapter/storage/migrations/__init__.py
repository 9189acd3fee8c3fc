"""The way from the schema of each earlier version to the next, as scripts of alembic.

A change of `xds_adapter.storage.tables` needs a further script in ``versions`` and its name in
`xds_adapter.storage.schema.REVISIONS`; a test compares what the scripts give with the tables.
"""
