"""The files of a snapshot, brought from one folder to another and verified on the way."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xds_adapter.storage.contents import sync_path

Step = Callable[[int, int], None]
_CHUNK = 1 << 20
_PART = ".part"


@dataclass(slots=True, kw_only=True)
class Brought:
    """What was brought.

    Attributes:
        files: Files that the snapshot refers to.
        copied: Those that were not there before.
        octets: The size of these.
        removed: Files that were there, but are not referred to any more.
        faults: Contents that could not be brought, as path and reason.
    """

    files: int = 0
    copied: int = 0
    octets: int = 0
    removed: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)


class Vanished(Exception):
    """A file that the snapshot refers to was removed after it was taken."""


def place(folder: Path, content_id: bytes) -> Path:
    """Where the file of a content lies in a data folder or a backup."""
    name = content_id.hex()
    return folder / "content" / name[:2] / name


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """Read a database file."""
    with closing(sqlite3.connect(database)) as connection:
        yield connection


def bring_all(snapshot: Path, source: Path, target: Path, *, link: bool, live: Path | None, progress: Step) -> Brought:
    """Bring each file that a snapshot refers to.

    Args:
        snapshot: A database file that nobody writes.
        source: The folder that holds the files.
        target: The folder that is to hold them.
        link: Make hard links where that is possible.
        live: The database of the source, when its server may be running.
        progress: Called with files done and files in all.

    Raises:
        Vanished: A document was removed meanwhile.
        OSError: The disk is full or fails.
        sqlite3.Error: The snapshot cannot be read.
    """
    brought = Brought()
    shards: set[Path] = set()
    with opened(snapshot) as connection:
        (total,) = connection.execute("SELECT count(*) FROM content WHERE body IS NULL").fetchone()
        rows = connection.execute("SELECT content_id, size FROM content WHERE body IS NULL ORDER BY content_id")
        for content_id, size in rows:
            brought.files += 1
            final = place(target, content_id)
            if not _is_there(final, size):
                _bring(brought, content_id, size, place(source, content_id), final, link=link, live=live)
                shards.add(final.parent)
            progress(brought.files, total)
    for shard in shards:
        if shard.exists():
            sync_path(shard)
    if (target / "content").exists():
        sync_path(target / "content")
    return brought


def _is_there(final: Path, size: int) -> bool:
    try:
        return final.stat().st_size == size
    except FileNotFoundError:
        return False


def _bring(
    brought: Brought, content_id: bytes, size: int, source: Path, final: Path, *, link: bool, live: Path | None
) -> None:
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = final.with_suffix(_PART)
    part.unlink(missing_ok=True)
    try:
        linked = link and _linked(source, part)
        fault = None if linked else _copied(source, part, content_id)
    except FileNotFoundError as error:
        if live is not None and not _is_known(live, content_id):
            raise Vanished from error
        fault = "the file is missing"
    if fault is None and part.stat().st_size != size:
        fault = f"the file has {part.stat().st_size} octets instead of {size}"
    if fault is not None:
        # What is damaged here must not take the place of anything.
        part.unlink(missing_ok=True)
        brought.faults.append((f"content/{source.parent.name}/{source.name}", fault))
        return
    part.replace(final)
    brought.copied += 1
    brought.octets += size


def _linked(source: Path, part: Path) -> bool:
    try:
        os.link(source, part)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def _copied(source: Path, part: Path, content_id: bytes) -> str | None:
    sha256 = hashlib.sha256()
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as written, source.open("rb") as read:
        while chunk := read.read(_CHUNK):
            sha256.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
    return None if sha256.digest() == content_id else "the file is damaged: it has another SHA-256"


def _is_known(live: Path, content_id: bytes) -> bool:
    with opened(live) as connection:
        return connection.execute("SELECT 1 FROM content WHERE content_id = ?", (content_id,)).fetchone() is not None


def remove_others(snapshot: Path, folder: Path) -> int:
    """Remove the files of a backup that its snapshot does not refer to; returns how many."""
    removed = 0
    with opened(snapshot) as connection:
        for shard in sorted((folder / "content").glob("??")):
            low = bytes.fromhex(shard.name)
            query = "SELECT content_id FROM content WHERE body IS NULL AND content_id >= ? AND content_id <= ?"
            kept = {content_id.hex() for (content_id,) in connection.execute(query, (low, low + b"\xff" * 32))}
            for path in shard.iterdir():
                if path.name not in kept:
                    path.unlink()
                    removed += 1
    return removed
