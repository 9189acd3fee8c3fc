"""Taking a backup."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from xds_adapter.errors import ConfigError, StorageUnavailable
from xds_adapter.storage.backup.files import Brought, Step, Vanished, bring_all, opened, remove_others
from xds_adapter.storage.contents import sync_path
from xds_adapter.storage.database import DATABASE_FILE
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.folder_lock import FolderLock
from xds_adapter.storage.snapshot import PART, copy_database

MARK = "backup.json"
"""Says that a folder is a backup, and of when."""

_TRIES = 10


def back_up(folder: Path, target: Path, *, link: bool, progress: Step) -> Brought:
    """Bring a backup up to the present state of a data folder, which a server may be writing.

    All that was acknowledged before the call is in it, and each submission is in it as a whole or not at all.

    Args:
        folder: A data folder with SQLite.
        target: A new or empty folder, or a former backup of this one.
        link: Make hard links instead of copies where possible: quick and small, but the bytes are the same bytes.
        progress: Called with files done and files in all.

    Returns:
        What was brought; with faults, the backup lacks those contents as the data folder does.

    Raises:
        ConfigError: The target cannot be used.
        StorageUnavailable: The database cannot be read, or the disk is full or fails; a former backup is what it was.
    """
    _check_target(folder, target)
    with storage_errors():
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        lock = FolderLock(target, shared=False)
    except ConfigError as error:
        raise ConfigError(f"another backup or a server is using {target}") from error
    try:
        with storage_errors():
            if not (target / MARK).exists():
                write_facts(target / MARK, {"finished": None})
            return _taken(folder, target, link=link, progress=progress)
    finally:
        lock.release()


def _check_target(folder: Path, target: Path) -> None:
    data, wanted = folder.resolve(), target.resolve()
    if data == wanted or data in wanted.parents or wanted in data.parents:
        raise ConfigError(f"the backup {target} must lie outside the data folder, and not around it")
    if target.exists() and not target.is_dir():
        raise ConfigError(f"{target} is no folder")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise ConfigError(f"{target} is neither empty nor a backup ({MARK} is not there)")


def _taken(folder: Path, target: Path, *, link: bool, progress: Step) -> Brought:
    started, live, part = time.time(), folder / DATABASE_FILE, target / PART
    for _ in range(_TRIES):
        copy_database(live, part)
        try:
            brought = bring_all(part, folder, target, link=link, live=live, progress=progress)
        except Vanished:
            # The removed document must not stay in the backup either: the next snapshot does not know it.
            continue
        break
    else:
        part.unlink(missing_ok=True)
        raise StorageUnavailable("documents are being removed as fast as they are backed up; try again later")
    put_database(part, target)
    brought.removed = remove_others(target / DATABASE_FILE, target)
    write_facts(target / MARK, _facts(target / DATABASE_FILE, started, brought))
    return brought


def put_database(part: Path, folder: Path) -> None:
    """Give a whole copy the name of the database, durably."""
    for suffix in ("-wal", "-shm", "-journal"):
        # What belongs to a former file of that name would be taken for the log of this one.
        (folder / f"{DATABASE_FILE}{suffix}").unlink(missing_ok=True)
    part.replace(folder / DATABASE_FILE)
    sync_path(folder)


def _facts(database: Path, started: float, brought: Brought) -> dict[str, object]:
    with opened(database) as connection:
        (documents,) = connection.execute("SELECT count(*) FROM document").fetchone()
    return {
        "started": _moment(started),
        "finished": _moment(time.time()),
        "documents": documents,
        "files": brought.files,
        "faults": len(brought.faults),
    }


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def write_facts(path: Path, facts: dict[str, object]) -> None:
    """Write a small file so that it is either whole or what it was."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(facts) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_path(path.parent)
