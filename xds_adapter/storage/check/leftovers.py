"""Temporary files that nobody works on any more: a server that was killed leaves them, and clears them when it starts.

Beside a running server only what is surely nobody's counts: the folders of servers that have died, and what is old.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from xds_adapter.storage.check.problems import Problem, ProblemKind
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.folder_lock import alone, living_servers
from xds_adapter.storage.snapshot import PART

_WORKING = ("staging", "spool")
_OLD_S = 24 * 3600.0
"""No upload and no answer that waits is so old."""
_INCOMING_S = 3600.0


def leftovers(folder: Path, inbox: Path, *, collect: bool) -> Iterator[Problem]:
    """Find temporary files.

    Args:
        folder: The data folder.
        inbox: The inbox of the Document Recipient.
        collect: Remove them.

    Raises:
        StorageUnavailable: The folder cannot be read or written.
    """
    with storage_errors(), alone(folder) as is_alone:
        found = list(_dead(folder) if is_alone else _abandoned(folder))
        found += [path for path in _entries(inbox / ".incoming") if _age(path) > _INCOMING_S]
        for path in found:
            if collect:
                _remove(path)
            name = str(path.relative_to(folder) if path.is_relative_to(folder) else path)
            what = "a temporary file or folder was left here"
            yield Problem(kind=ProblemKind.LEFTOVER, name=name, what=what, collected=collect)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _dead(folder: Path) -> Iterator[Path]:
    """Without a server everything is."""
    for name in _WORKING:
        yield from _entries(folder / name)
    yield from (path for path in (folder / PART,) if path.exists())


def _abandoned(folder: Path) -> Iterator[Path]:
    # Listed before it is asked who lives: a server announces itself before it makes its folders.
    paths = [path for name in _WORKING for path in _entries(folder / name)]
    living = living_servers(folder)
    for path in paths:
        if path.is_dir() and path.name in living:
            yield from (inner for inner in _entries(path) if _age(inner) > _OLD_S)
        elif path.is_dir() or _age(path) > _OLD_S:
            yield path


def _age(path: Path) -> float:
    # One that is gone by now is no concern.
    with suppress(FileNotFoundError):
        stat = path.stat()
        return time.time() - max(stat.st_mtime, stat.st_ctime)
    return 0.0


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
