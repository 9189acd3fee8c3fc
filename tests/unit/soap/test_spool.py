"""Spools and the documents that are already there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from xds_adapter.errors import ConfigError, MalformedMessage, StorageUnavailable
from xds_adapter.model import DocumentContent
from xds_adapter.soap import BytesContent, FileContent, SpooledContent

DOCUMENT = bytes(range(256)) * 5000
PIECE = 1 << 20


def make_spool(folder: Path, *, memory_bytes: int = 100, content: bytes = DOCUMENT) -> SpooledContent:
    spool = SpooledContent(folder, memory_bytes=memory_bytes)
    for begin in range(0, len(content), 70_000):
        spool.write(content[begin : begin + 70_000])
    spool.finish()
    return spool


def check(content: DocumentContent, expected: bytes = DOCUMENT) -> None:
    for _ in range(2):
        pieces = list(content.chunks())
        assert b"".join(pieces) == expected
        assert all(0 < len(piece) <= PIECE for piece in pieces)
        assert content.size == len(expected)
        assert content.sha1 == hashlib.sha1(expected).hexdigest()
        assert content.content_id == hashlib.sha256(expected).hexdigest()


@pytest.mark.parametrize("memory_bytes", [0, 1_000_000, 10_000_000])
def test_spooled(memory_bytes: int, tmp_path: Path) -> None:
    """The octets come back with their hashes, from memory or from a file."""
    with make_spool(tmp_path, memory_bytes=memory_bytes) as spool:
        check(spool)
        assert (spool.path is None) == (memory_bytes > len(DOCUMENT))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"x"])
def test_small(content: bytes, tmp_path: Path) -> None:
    """A small document stays in memory."""
    with make_spool(tmp_path, content=content) as spool:
        check(spool, content)
        assert spool.take() is None


def test_file_is_private(tmp_path: Path) -> None:
    """Nobody else reads a patient's document on its way."""
    with make_spool(tmp_path) as spool:
        assert spool.path is not None
        assert spool.path.stat().st_mode & 0o777 == 0o600


def test_default_folder() -> None:
    """Without a folder the system's own is used."""
    with SpooledContent(memory_bytes=0) as spool:
        spool.write(b"x")
        spool.finish()
        path = spool.path
        assert path is not None
        check(spool, b"x")
    assert not path.exists()


def test_taken_file_survives(tmp_path: Path) -> None:
    """A store renames the file; the content stays readable, and closing leaves the file alone."""
    spool = make_spool(tmp_path)
    path = spool.take()
    assert path is not None
    target = path.rename(tmp_path / "stored")
    assert spool.take() is None
    check(spool)
    spool.close()
    spool.close()
    assert target.read_bytes() == DOCUMENT


def test_closed_before_finish(tmp_path: Path) -> None:
    """A document given up half-way leaves nothing."""
    spool = SpooledContent(tmp_path, memory_bytes=0)
    spool.write(b"x")
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_too_large(tmp_path: Path) -> None:
    """The bound is on all pieces together."""
    with SpooledContent(tmp_path, max_bytes=3) as spool:
        spool.write(b"123")
        with pytest.raises(MalformedMessage, match="exceeds the 3 octets that are accepted"):
            spool.write(b"4")


def test_disk_full() -> None:
    """A full disk is a matter for the operator, and closing still works."""
    with SpooledContent(memory_bytes=0) as spool:
        spool.write(b"x")
        assert spool._file is not None
        spool._file.close()
        spool._file = Path("/dev/full").open("wb")  # noqa: SIM115 - the spool closes it
        spool.write(b"x")
        with pytest.raises(StorageUnavailable, match="No space left on device"):
            spool.finish()


def test_file_cut_off(tmp_path: Path) -> None:
    """A file that shrank is not sent as if it were whole."""
    with make_spool(tmp_path) as spool:
        assert spool.path is not None
        spool.path.write_bytes(b"x")
        with pytest.raises(StorageUnavailable, match="cut off"):
            list(spool.chunks())


@pytest.mark.parametrize("taking", [True, False])
def test_file_gone(taking: bool, tmp_path: Path) -> None:
    """A file that somebody removed is reported as such."""
    with make_spool(tmp_path) as spool:
        assert spool.path is not None
        spool.path.unlink()
        with pytest.raises(StorageUnavailable):
            spool.take() if taking else list(spool.chunks())


@pytest.mark.parametrize("content", [b"", b"x", DOCUMENT])
def test_file_content(content: bytes, tmp_path: Path) -> None:
    """A file is a document."""
    path = tmp_path / "document"
    path.write_bytes(content)
    check(FileContent(path), content)


def test_missing_file(tmp_path: Path) -> None:
    """A wrong file name is reported before anything is sent."""
    with pytest.raises(ConfigError, match="document is not a file"):
        FileContent(tmp_path / "document")


@pytest.mark.parametrize("content", [b"", b"x", DOCUMENT])
def test_bytes_content(content: bytes) -> None:
    """Octets in memory are a document."""
    check(BytesContent(content), content)
