"""Document bytes: small ones travel inside the database commit, larger ones are files named by their SHA-256.

Order of events for a file: written and synced in the staging folder, then renamed into place by the writer, its folder
synced, and only then the commit that refers to it. What a crash leaves behind is a file that nothing refers to.
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import DocumentContent
from xds_adapter.storage.errors import storage_errors

INLINE_BYTES = 128 * 1024
"""Documents up to this size lie in the database: one sync for bytes and metadata together."""

_CHUNK = 1 << 20


@dataclass(slots=True)
class StagedContent:
    """Bytes that are safe to bind: held in memory, or in a synced file of the staging folder.

    Attributes:
        body: The bytes of a small document, else None.
        path: The staged file of a larger one, else None.
    """

    content_id: bytes
    sha1: str
    size: int
    body: bytes | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Stored bytes of one document; a `DocumentContent`."""

    content_id: str
    sha1: str
    size: int
    body: bytes | None = None
    path: Path | None = None

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of at most 1 MiB.

        Raises:
            StorageUnavailable: The file is missing, unreadable or of another size.
        """
        if self.path is None:
            if self.body:
                yield self.body
            return
        with storage_errors(), self.path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != self.size:
                raise StorageUnavailable(f"the stored file {self.path.name} has another size than recorded")
            while chunk := file.read(_CHUNK):
                yield chunk


def sync_path(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ContentFolder:
    """The files of one data folder.

    ``content/ab/abcd...`` are stored documents, ``staging/`` holds what is not bound yet, ``spool/`` what is arriving.

    Args:
        folder: The data folder.
        own: Name of this server's own folders within the working folders, when several servers share them.

    Attributes:
        spool: Where documents arrive.

    Raises:
        StorageUnavailable: The folder cannot be made or written.
    """

    def __init__(self, folder: Path, *, own: str | None = None) -> None:
        self._content = folder / "content"
        self._working = (folder / "staging", folder / "spool")
        self._own = own
        self._staging, self.spool = (path / own if own is not None else path for path in self._working)
        # Each transaction syncs what it has moved itself, before its own commit.
        self._thread = threading.local()
        with storage_errors():
            for path in (self._content, self._staging, self.spool):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for shard in range(256):
                (self._content / f"{shard:02x}").mkdir(exist_ok=True, mode=0o700)
            sync_path(self._content)
            sync_path(folder)

    def clear(self, living: Iterable[str] = ()) -> None:
        """Remove what earlier servers left unfinished: nothing of it was acknowledged.

        Args:
            living: The names of the folders of other servers that run now.
        """
        kept = {*living, self._own}
        with storage_errors():
            for path in (path for folder in self._working for path in folder.iterdir() if path.name not in kept):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the working folders of this server up."""
        if self._own is not None:
            for path in (self._staging, self.spool):
                with suppress(OSError):
                    path.rmdir()

    def path(self, content_id: bytes) -> Path:
        """Where the file of a content lies or would lie."""
        name = content_id.hex()
        return self._content / name[:2] / name

    def stage(self, content: DocumentContent) -> StagedContent:
        """Make bytes safe to bind; called outside the writer, since it waits for the disk.

        A content that has a file on the same file system (attribute ``path``) is linked, not copied.

        Raises:
            StorageUnavailable: The disk is full or fails.
        """
        content_id = bytes.fromhex(content.content_id)
        if content.size <= INLINE_BYTES:
            return StagedContent(content_id, content.sha1, content.size, body=b"".join(content.chunks()))
        staged = self._staging / uuid.uuid4().hex
        try:
            with storage_errors():
                _write(content, staged)
        except BaseException:
            # On a full disk nothing is more in the way than half a document.
            with suppress(OSError):
                staged.unlink(missing_ok=True)
            raise
        return StagedContent(content_id, content.sha1, content.size, path=staged)

    def keep(self, staged: StagedContent) -> None:
        """Move a staged file into place; its folder is synced by `sync` before the commit."""
        if staged.path is None:
            return
        final = self.path(staged.content_id)
        with storage_errors():
            if staged.path.exists():
                staged.path.replace(final)
            elif not final.exists():
                raise StorageUnavailable("a staged document has disappeared")
        self._unsynced().add(final.parent)

    def sync(self) -> None:
        """Sync the folders that `keep` changed; called by the same thread before its commit."""
        unsynced = self._unsynced()
        with storage_errors():
            while unsynced:
                sync_path(unsynced.pop())

    def _unsynced(self) -> set[Path]:
        found: set[Path] | None = getattr(self._thread, "unsynced", None)
        if found is None:
            found = self._thread.unsynced = set()
        return found

    def discard(self, staged: StagedContent) -> None:
        """Forget a staged content that was not kept."""
        if staged.path is not None:
            with storage_errors():
                staged.path.unlink(missing_ok=True)

    def remove(self, content_id: bytes) -> None:
        """Remove the file of a content, if there is one."""
        with storage_errors():
            self.path(content_id).unlink(missing_ok=True)


def _write(content: DocumentContent, staged: Path) -> None:
    source: Path | None = getattr(content, "path", None)
    if source is None or not _linked(source, staged):
        with staged.open("xb") as file:
            for chunk in content.chunks():
                file.write(chunk)
    staged.chmod(0o600)
    sync_path(staged)


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False
    return True
