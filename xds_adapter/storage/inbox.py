"""The inbox of a Document Recipient: one folder a submission, for other software to take away.

::

    inbox/1.2.250.1.999.30.7/      named by the uniqueId of the SubmissionSet
        metadata.xml               lcm:SubmitObjectsRequest as received
        1-1.2.250.1.999.20.7.xml   the document of the first DocumentEntry in metadata.xml, and so on

A folder that has its name is complete: it was written and synced under ``.incoming``, then renamed, then the inbox
itself synced. What a crash leaves behind lies in ``.incoming`` and is removed by a later start.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from xds_adapter.model import DocumentContent
from xds_adapter.storage.contents import sync_path
from xds_adapter.storage.errors import storage_errors

METADATA_FILE = "metadata.xml"
_INCOMING = ".incoming"
_ABANDONED_S = 3600
"""So old, a folder that is not complete is nobody's any more; other servers may share the inbox."""
_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_NAME_LENGTH = 150
_EXTENSIONS = {
    "application/dicom": ".dcm",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rtf": ".rtf",
    "text/xml": ".xml",
}


def file_name(number: int, unique_id: str, mime_type: str) -> str:
    """Name the file of a document: nothing of what a sender writes leads out of the folder."""
    safe = _UNSAFE.sub("_", unique_id)[:_NAME_LENGTH]
    return f"{number}-{safe}{_EXTENSIONS.get(mime_type.lower(), '.bin')}"


class Inbox:
    """A folder that takes submissions.

    Args:
        folder: Made when missing.

    Raises:
        StorageUnavailable: The folder cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / _INCOMING
        with storage_errors():
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o750)
            sync_path(folder.parent)
            sync_path(folder)
            self._clear()

    def _clear(self) -> None:
        for path in self._incoming.iterdir():
            # Another server's may be renamed meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(path)

    def keep(self, unique_id: str, metadata: bytes, documents: Iterable[tuple[str, DocumentContent]]) -> bool:
        """Keep a submission, durable when this returns.

        Args:
            unique_id: uniqueId of the SubmissionSet.
            metadata: Content of ``metadata.xml``.
            documents: File name and content of each document.

        Returns:
            True when it is there, be it from before; False when another submission of that uniqueId is.

        Raises:
            StorageUnavailable: The disk is full or fails; nothing was kept.
        """
        final = self._folder / (_UNSAFE.sub("_", unique_id)[:_NAME_LENGTH].lstrip(".") or "_")
        coming = self._incoming / uuid.uuid4().hex
        with storage_errors():
            try:
                self._write(coming, metadata, documents)
                return self._put(coming, final)
            finally:
                shutil.rmtree(coming, ignore_errors=True)

    def _write(self, folder: Path, metadata: bytes, documents: Iterable[tuple[str, DocumentContent]]) -> None:
        folder.mkdir(mode=0o750)
        _write(folder / METADATA_FILE, (metadata,))
        for name, content in documents:
            _write(folder / name, content.chunks())
        sync_path(folder)

    def _put(self, coming: Path, final: Path) -> bool:
        while True:
            try:
                coming.rename(final)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                # It may be taken away at any moment; then there is room for this one.
                with contextlib.suppress(FileNotFoundError):
                    if _same(coming, final):
                        sync_path(self._folder)
                        return True
                    if final.exists():
                        return False
            else:
                sync_path(self._folder)
                return True


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _same(one: Path, other: Path) -> bool:
    names = sorted(path.name for path in one.iterdir())
    if names != sorted(path.name for path in other.iterdir()):
        return False
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names)
