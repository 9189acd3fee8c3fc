"""Backups of a data folder with SQLite, taken while its server runs, and the way back.

A backup is a folder of the same form: the database as it was at one moment, and the file of each content that it refers
to. A second backup to the same folder brings what is new and removes what is not referred to any more. Until all files
are there, the former database stays in place, so that an interrupted backup is the former one still.
"""

from xds_adapter.storage.backup.backup import back_up
from xds_adapter.storage.backup.files import Brought
from xds_adapter.storage.backup.restoring import restore

__all__ = ["Brought", "back_up", "restore"]
