"""The inbox: whole submissions under their names, never overwritten, never half."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from xds_adapter.errors import StorageUnavailable
from xds_adapter.soap import BytesContent
from xds_adapter.storage import Inbox, file_name, is_full

METADATA = b"<metadata/>"
DOCUMENTS = [("1-a.xml", BytesContent(b"one")), ("2-b.pdf", BytesContent(b"two" * 1_000_000))]


class Broken(BytesContent):
    """A document whose second piece cannot be copied."""

    def __init__(self, number: int) -> None:
        super().__init__(b"x")
        self._number = number

    def chunks(self) -> Iterator[bytes]:
        yield b"x"
        raise OSError(self._number, os.strerror(self._number))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(inbox: Path) -> list[str]:
    """What is in the inbox, and what is not complete."""
    return sorted(path.name for folder in (inbox, inbox / ".incoming") for path in folder.iterdir())


def test_a_submission_is_a_folder_of_its_name(tmp_path: Path) -> None:
    assert Inbox(tmp_path / "in" / "box").keep("1.2.3", METADATA, DOCUMENTS)
    expected = {"metadata.xml": METADATA} | {name: b"".join(c.chunks()) for name, c in DOCUMENTS}
    assert expected == content(tmp_path / "in" / "box" / "1.2.3")
    assert [".incoming", "1.2.3"] == names(tmp_path / "in" / "box")


def test_the_same_may_come_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    assert [True, True] == [inbox.keep("1.2.3", METADATA, DOCUMENTS) for _ in range(2)]
    assert [".incoming", "1.2.3"] == names(tmp_path)


@pytest.mark.parametrize(
    ("metadata", "documents"),
    [(b"<other/>", DOCUMENTS), (METADATA, DOCUMENTS[:1]), (METADATA, [DOCUMENTS[0], ("2-b.pdf", BytesContent(b""))])],
    ids=["metadata", "number of documents", "bytes of a document"],
)
def test_another_of_the_same_name_is_not_taken(
    tmp_path: Path, metadata: bytes, documents: list[tuple[str, BytesContent]]
) -> None:
    inbox = Inbox(tmp_path)
    inbox.keep("1.2.3", METADATA, DOCUMENTS)
    before = content(tmp_path / "1.2.3")
    assert not inbox.keep("1.2.3", metadata, documents)
    assert (before, [".incoming", "1.2.3"]) == (content(tmp_path / "1.2.3"), names(tmp_path))


def test_what_was_taken_away_may_come_again(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox")
    inbox.keep("1.2.3", METADATA, DOCUMENTS)
    (tmp_path / "inbox" / "1.2.3").rename(tmp_path / "taken")
    assert inbox.keep("1.2.3", b"<other/>", [])


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False)])
def test_a_disk_that_fails_leaves_nothing(tmp_path: Path, number: int, full: bool) -> None:
    inbox = Inbox(tmp_path)
    with pytest.raises(StorageUnavailable) as caught:
        inbox.keep("1.2.3", METADATA, [("1-a.xml", Broken(number))])
    assert (full, [".incoming"]) == (is_full(caught.value), names(tmp_path))


def test_of_many_at_the_same_moment_one_is_kept(tmp_path: Path) -> None:
    inbox, kept = Inbox(tmp_path), []

    def submit(number: int) -> None:
        kept.append(inbox.keep("1.2.3", METADATA, [("1-a.xml", BytesContent(b"%d" % number))]))

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ([False] * 7 + [True], [".incoming", "1.2.3"]) == (sorted(kept), names(tmp_path))


def test_a_start_removes_what_was_abandoned_and_nothing_else(tmp_path: Path) -> None:
    Inbox(tmp_path).keep("1.2.3", METADATA, DOCUMENTS)
    for name in ("old", "new"):
        (tmp_path / ".incoming" / name).mkdir()
        (tmp_path / ".incoming" / name / "metadata.xml").write_bytes(METADATA)
    os.utime(tmp_path / ".incoming" / "old", (0, 0))
    Inbox(tmp_path)
    assert [".incoming", "1.2.3", "new"] == names(tmp_path)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        Inbox(tmp_path / "file" / "inbox")


@pytest.mark.parametrize(
    ("unique_id", "expected"),
    [("1.2.3", "1.2.3"), ("../../etc", "_.._etc"), (".incoming", "incoming"), ("..", "_"), ("", "_")],
)
def test_a_name_stays_in_the_inbox(tmp_path: Path, unique_id: str, expected: str) -> None:
    assert Inbox(tmp_path / "inbox").keep(unique_id, METADATA, [])
    assert sorted([".incoming", expected]) == names(tmp_path / "inbox")


@pytest.mark.parametrize(
    ("number", "unique_id", "mime_type", "expected"),
    [
        (1, "1.2.3", "text/xml", "1-1.2.3.xml"),
        (2, "1.2.3^a/b", "Application/PDF", "2-1.2.3_a_b.pdf"),
        (3, "urn:uuid:0", "application/x-unknown", "3-urn_uuid_0.bin"),
        (4, "../..", "../../x", "4-.._...bin"),
        (5, "x" * 400, "text/plain", f"5-{'x' * 150}.txt"),
    ],
)
def test_a_file_name_stays_in_its_folder(number: int, unique_id: str, mime_type: str, expected: str) -> None:
    assert expected == file_name(number, unique_id, mime_type)
