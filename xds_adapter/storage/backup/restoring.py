"""The way back from a backup to a data folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xds_adapter.errors import ConfigError, StorageUnavailable
from xds_adapter.storage.backup.backup import MARK, put_database
from xds_adapter.storage.backup.files import Brought, Step, bring_all
from xds_adapter.storage.contents import sync_path
from xds_adapter.storage.database import DATABASE_FILE, RESTORING
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.folder_lock import FolderLock
from xds_adapter.storage.snapshot import PART, copy_database


def restore(backup: Path, folder: Path, *, progress: Step) -> Brought:
    """Make a data folder of a backup.

    Until it is done no server starts on the folder; after an interruption the same call goes on where it stopped.

    Args:
        backup: A folder that `back_up` made.
        folder: A new or empty folder.
        progress: Called with files done and files in all.

    Returns:
        What was brought; with faults, those contents lack.

    Raises:
        ConfigError: The backup is none or not finished, or the folder is not empty.
        StorageUnavailable: The disk is full or fails.
    """
    if not (backup / MARK).is_file() or not (backup / DATABASE_FILE).is_file():
        raise ConfigError(f"{backup} is no finished backup ({MARK} or {DATABASE_FILE} is not there)")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is no folder")
    mark = folder / RESTORING
    if folder.is_dir() and any(folder.iterdir()) and not mark.exists():
        raise ConfigError(f"{folder} is not empty; restore into a new folder")
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.touch(0o600)
        sync_path(folder)
        lock = FolderLock(folder, shared=False)
        try:
            with _undisturbed(backup):
                _copy(backup, folder / PART)
                brought = bring_all(folder / PART, backup, folder, link=False, live=None, progress=progress)
            put_database(folder / PART, folder)
            mark.unlink()
            sync_path(folder)
        finally:
            lock.release()
    return brought


def _copy(backup: Path, part: Path) -> None:
    log = backup / f"{DATABASE_FILE}-wal"
    if log.exists() and log.stat().st_size:
        copy_database(backup / DATABASE_FILE, part)
        return
    # Octet by octet: SQLite itself may be unable to open it on a medium that cannot be written.
    shutil.copyfile(backup / DATABASE_FILE, part)
    part.chmod(0o600)
    sync_path(part)


@contextmanager
def _undisturbed(backup: Path) -> Iterator[None]:
    try:
        lock = FolderLock(backup, shared=False)
    except StorageUnavailable:
        # A medium that cannot be written does not change.
        yield
        return
    except ConfigError as error:
        raise ConfigError(f"another backup or a server is using {backup}") from error
    try:
        yield
    finally:
        lock.release()
