"""Contents: each row has its bytes, each file has its row.

The order decides. A file is in place before the row that names it is committed, and goes after the row is gone: so the
rows are read first and the files listed then, and what seems to lack is looked at once more.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import exists, func, select

from xds_adapter.storage.check.problems import CheckCounts, Problem, ProblemKind
from xds_adapter.storage.database import Database
from xds_adapter.storage.errors import storage_errors
from xds_adapter.storage.folder_lock import alone
from xds_adapter.storage.tables import CONTENT, DOCUMENT

SHARDS = 256
_PART_ROWS = 5000
ABANDONED_S = 3600.0
"""A file without row so old belongs to no submission that is still on its way."""

_NAME = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_SCRUBBED = 64
"""Contents that are looked at together: those in the database are in memory then, 128 KiB each at most."""
_BATCH = 200


@dataclass(frozen=True, slots=True)
class _Row:
    content_id: bytes
    size: int
    held: int | None
    used: bool


@dataclass(frozen=True, slots=True)
class _File:
    size: int
    changed: float


class ContentCheck:
    """Compares the contents of a database with the files of its folder.

    Args:
        database: The database.
        folder: The data folder.
        counts: What was looked at is added here.
        scrub: Read and hash all bytes.
        collect: Remove what nothing refers to.
    """

    def __init__(self, database: Database, folder: Path, counts: CheckCounts, *, scrub: bool, collect: bool) -> None:
        self._database = database
        self._folder = folder
        self._counts = counts
        self._scrub = scrub
        self._collect = collect

    def parts(self) -> list[range]:
        """Cut the store into parts that fit into memory: the first octets of the SHA-256 of their contents."""
        with self._database.reading() as transaction:
            last = transaction.connection.scalar(select(func.max(CONTENT.c.row_id))) or 0
        number = min(SHARDS, last // _PART_ROWS + 1)
        bounds = [SHARDS * part // number for part in range(number + 1)]
        return [range(first, end) for first, end in itertools.pairwise(bounds)]

    def check(self, part: range) -> Iterator[Problem]:
        """Check the contents of one part.

        Raises:
            StorageUnavailable: The database or the folder cannot be read.
        """
        rows = self._rows(part)
        files: dict[bytes, _File] = {}
        for shard in part:
            yield from _list(self._folder / "content" / f"{shard:02x}", self._folder, files)
        for row in rows.values():
            self._counts.contents += 1
            self._counts.octets += row.size
            self._counts.files += row.held is None
        used = [row for row in rows.values() if row.used]
        for start in range(0, len(used), _SCRUBBED):
            yield from self._check(used[start : start + _SCRUBBED], files)
        yield from self._unused_rows([row.content_id for row in rows.values() if not row.used])
        yield from self._unnamed({key: file for key, file in files.items() if key not in rows})

    def _rows(self, part: range) -> dict[bytes, _Row]:
        used = exists().where(DOCUMENT.c.content_id == CONTENT.c.content_id)
        query = select(CONTENT.c.content_id, CONTENT.c.size, func.length(CONTENT.c.body), used)
        query = query.where(CONTENT.c.content_id >= bytes([part.start]))
        if part.stop < SHARDS:
            query = query.where(CONTENT.c.content_id < bytes([part.stop]))
        with self._database.reading() as transaction:
            rows = transaction.connection.execute(query)
            return {bytes(key): _Row(bytes(key), size, held, bool(is_used)) for key, size, held, is_used in rows}

    def _check(self, rows: list[_Row], files: dict[bytes, _File]) -> Iterator[Problem]:
        faults = {row.content_id: self._fault(row, files.get(row.content_id)) for row in rows}
        wrong = {content_id: fault for content_id, fault in faults.items() if fault is not None}
        for content_id, documents in self._documents(wrong).items():
            kind, what = wrong[content_id]
            for unique_id, _ in documents:
                yield Problem(kind=kind, name=unique_id, what=what)
        if self._scrub:
            yield from self._scrubbed([row for row in rows if row.content_id not in wrong])

    def _fault(self, row: _Row, file: _File | None) -> tuple[ProblemKind, str] | None:
        if row.held is None and file is None:
            # It may have been removed, row first, since the rows were read.
            if self._is_known(row.content_id) and not self._database.contents.path(row.content_id).exists():
                return ProblemKind.GHOST, f"its file {self._name(row.content_id)} is missing"
            return None
        size = row.held if file is None else file.size
        if size != row.size:
            return ProblemKind.DAMAGE, f"{self._place(row)} has {size} octets instead of {row.size}"
        return None

    def _scrubbed(self, rows: list[_Row]) -> Iterator[Problem]:
        documents = self._documents([row.content_id for row in rows])
        bodies = self._bodies([row.content_id for row in rows if row.held is not None])
        for row in rows:
            try:
                sha256, sha1 = _hashed(self._chunks(row.content_id) if row.held is None else [bodies[row.content_id]])
            except (FileNotFoundError, KeyError):
                continue  # Removed meanwhile; the next check would miss it if not.
            except OSError as error:
                for unique_id, _ in documents.get(row.content_id, ()):
                    what = f"{self._place(row)} cannot be read: {error.strerror}"
                    yield Problem(kind=ProblemKind.DAMAGE, name=unique_id, what=what)
                continue
            self._counts.scrubbed_octets += row.size
            for unique_id, recorded in documents.get(row.content_id, ()):
                what = f"{self._place(row)} has another SHA-256"
                if sha256 == row.content_id:
                    what = f"its bytes are whole, but their SHA-1 is not the recorded {recorded}"
                if sha256 != row.content_id or sha1 != recorded:
                    yield Problem(kind=ProblemKind.DAMAGE, name=unique_id, what=what)

    def _chunks(self, content_id: bytes) -> Iterator[bytes]:
        with self._database.contents.path(content_id).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def _bodies(self, content_ids: list[bytes]) -> dict[bytes, bytes]:
        query = select(CONTENT.c.content_id, CONTENT.c.body).where(CONTENT.c.content_id.in_(content_ids))
        with self._database.reading() as transaction:
            return {bytes(key): bytes(body or b"") for key, body in transaction.connection.execute(query)}

    def _unused_rows(self, content_ids: list[bytes]) -> Iterator[Problem]:
        for start in range(0, len(content_ids), _BATCH):
            batch = content_ids[start : start + _BATCH]
            if self._collect:
                self._database.release(batch)
            for content_id in batch:
                what = "no document has this content of the database"
                yield Problem(kind=ProblemKind.ORPHAN, name=self._name(content_id), what=what, collected=self._collect)

    def _unnamed(self, files: dict[bytes, _File]) -> Iterator[Problem]:
        """Files without row: whether one is an orphan depends on its age, as long as a server runs."""
        if not files:
            return
        with alone(self._folder) as is_alone:
            old = time.time() - (0.0 if is_alone else ABANDONED_S)
            orphans = [key for key, file in files.items() if not self._is_known(key)]
            young = [key for key in orphans if not is_alone and files[key].changed > old]
            self._counts.in_progress += len(young)
            orphans = [key for key in orphans if key not in young]
            for start in range(0, len(orphans), _BATCH) if self._collect else ():
                self._database.collect(orphans[start : start + _BATCH])
        for key in orphans:
            what = f"nothing refers to this file of {files[key].size} octets"
            yield Problem(kind=ProblemKind.ORPHAN, name=self._name(key), what=what, collected=self._collect)

    def _is_known(self, content_id: bytes) -> bool:
        query = select(CONTENT.c.row_id).where(CONTENT.c.content_id == content_id)
        with self._database.reading() as transaction:
            return transaction.connection.scalar(query) is not None

    def _documents(self, content_ids: Iterable[bytes]) -> dict[bytes, list[tuple[str, str]]]:
        """The documents that have these contents: uniqueId and recorded SHA-1."""
        d, found = DOCUMENT.c, dict[bytes, list[tuple[str, str]]]()
        wanted = list(content_ids)
        if wanted:
            query = select(d.content_id, d.document_unique_id, d.sha1).where(d.content_id.in_(wanted))
            with self._database.reading() as transaction:
                for content_id, unique_id, sha1 in transaction.connection.execute(query.order_by(d.row_id)):
                    found.setdefault(bytes(content_id), []).append((unique_id, sha1))
        return found

    def _name(self, content_id: bytes) -> str:
        return str(self._database.contents.path(content_id).relative_to(self._folder))

    def _place(self, row: _Row) -> str:
        return self._name(row.content_id) if row.held is None else "its content in the database"


def _hashed(chunks: Iterable[bytes]) -> tuple[bytes, str]:
    sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    for chunk in chunks:
        sha256.update(chunk)
        sha1.update(chunk)
    return sha256.digest(), sha1.hexdigest()


def _list(folder: Path, root: Path, found: dict[bytes, _File]) -> Iterator[Problem]:
    """Add the files of one folder to `found`; what is no content is a problem."""
    if not folder.is_dir():
        return
    with storage_errors(), os.scandir(folder) as names:
        for item in names:
            if _NAME.fullmatch(item.name) and item.name[:2] == folder.name:
                # One that was removed meanwhile is no file any more.
                with suppress(FileNotFoundError):
                    stat = item.stat()
                    found[bytes.fromhex(item.name)] = _File(stat.st_size, max(stat.st_mtime, stat.st_ctime))
            else:
                name = str(Path(item.path).relative_to(root))
                yield Problem(kind=ProblemKind.FOREIGN, name=name, what="this is no content of a document")
