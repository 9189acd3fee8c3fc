"""A folder for temporary files with a bound on what they hold, and on what they leave of the disk."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from xds_adapter.errors import StorageUnavailable
from xds_adapter.soap.limits import GIB, MIB

LOG = logging.getLogger("xds_adapter.soap")

GRAIN = MIB
"""Octets that a file takes at once: the disk is not asked for each piece."""

_SHARE = 20
_MOST_RESERVE = GIB


class SpoolFolder:
    """Where temporary files go, as long as there is room for them.

    Args:
        path: The folder.
        max_bytes: What all its files may hold together; None: no such bound.
        reserve: Octets of the disk that stay free, for the database, its log and what removes documents; None: a
            twentieth of the disk, 1 GiB at most.

    Attributes:
        taken: Octets that files hold now, in whole grains.
    """

    def __init__(self, path: Path, *, max_bytes: int | None = None, reserve: int | None = None) -> None:
        self.path = path
        self.taken = 0
        self._max_bytes = max_bytes
        self._reserve = reserve
        self._guard = threading.Lock()
        self._is_short = False

    def __fspath__(self) -> str:
        return str(self.path)

    def take(self, octets: int) -> None:
        """Take room, before it is written to.

        Raises:
            StorageUnavailable: There is not enough.
        """
        self.check(octets)
        with self._guard:
            self.taken += octets

    def give(self, octets: int) -> None:
        """Give room back."""
        with self._guard:
            self.taken -= octets

    def check(self, octets: int) -> None:
        """Ask whether there is room.

        Raises:
            StorageUnavailable: There is not.
        """
        if self._max_bytes is not None and self.taken + octets > self._max_bytes:
            self._refuse("the room for messages that arrive is taken (server.max_spool_bytes)")
        try:
            disk = os.statvfs(self.path)
        except OSError as error:
            raise StorageUnavailable(f"the folder of temporary files cannot be used: {error.strerror}") from error
        size, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
        reserve = min(size // _SHARE, _MOST_RESERVE) if self._reserve is None else self._reserve
        if free < reserve + octets:
            self._refuse("the disk is nearly full (server.free_disk_bytes)")
        if self._is_short:
            self._is_short = False
            LOG.info("there is room for messages again")

    def _refuse(self, words: str) -> None:
        # Once, not for each message that is refused.
        if not self._is_short:
            self._is_short = True
            LOG.error("messages are refused: %s", words)
        raise StorageUnavailable(words)


Folder = Path | SpoolFolder | None
"""Where a temporary file goes; None: the system's folder for them."""
