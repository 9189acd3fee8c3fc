"""Bytes become durable before they are bound, and nothing unbound is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from xds_adapter.errors import StorageUnavailable
from xds_adapter.soap import BytesContent, FileContent
from xds_adapter.storage import BoundDocument, ContentFolder, Database, StagedContent, Transaction
from xds_adapter.storage.contents import INLINE_BYTES

LARGE = b"L" * (INLINE_BYTES + 1)


@pytest.fixture
def folder(tmp_path: Path) -> ContentFolder:
    return ContentFolder(tmp_path)


def files(tmp_path: Path) -> list[str]:
    return sorted(path.parent.name for path in tmp_path.rglob("*") if path.is_file() and "xds" not in path.name)


def test_a_small_content_is_held_in_memory(folder: ContentFolder, tmp_path: Path) -> None:
    staged = folder.stage(BytesContent(LARGE[:-1]))
    assert (LARGE[:-1], None, INLINE_BYTES) == (staged.body, staged.path, staged.size)
    folder.keep(staged)
    folder.discard(staged)
    assert [] == files(tmp_path)


def test_a_larger_content_is_copied_and_moved_into_place(folder: ContentFolder, tmp_path: Path) -> None:
    staged = folder.stage(BytesContent(LARGE))
    assert ["staging"] == files(tmp_path)
    folder.keep(staged)
    folder.sync()
    assert LARGE == folder.path(staged.content_id).read_bytes()
    assert 0o600 == folder.path(staged.content_id).stat().st_mode & 0o777
    # A second run of the same job finds it in place.
    folder.keep(staged)
    folder.discard(staged)
    assert [staged.content_id.hex()[:2]] == files(tmp_path)
    folder.remove(staged.content_id)
    folder.remove(staged.content_id)
    assert [] == files(tmp_path)


def test_a_content_with_a_file_is_linked(folder: ContentFolder, tmp_path: Path) -> None:
    path = tmp_path / "spool" / "arrived"
    path.write_bytes(LARGE)
    staged = folder.stage(FileContent(path))
    assert staged.path is not None
    assert path.stat().st_ino == staged.path.stat().st_ino


def test_a_file_that_cannot_be_linked_is_copied(
    folder: ContentFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("cross-device link")

    path = tmp_path / "spool" / "arrived"
    path.write_bytes(LARGE)
    monkeypatch.setattr("os.link", refuse)
    staged = folder.stage(FileContent(path))
    assert staged.path is not None
    assert LARGE == staged.path.read_bytes()


def test_a_staged_file_that_has_disappeared_is_unavailable(folder: ContentFolder) -> None:
    staged = folder.stage(BytesContent(LARGE))
    folder.discard(staged)
    with pytest.raises(StorageUnavailable, match="disappeared"):
        folder.keep(staged)


def test_clear_removes_what_is_unfinished(folder: ContentFolder, tmp_path: Path) -> None:
    kept, staged = folder.stage(BytesContent(LARGE)), folder.stage(BytesContent(LARGE + b"2"))
    folder.keep(kept)
    (folder.spool / "arriving").write_bytes(b"x")
    assert staged.path is not None
    folder.clear()
    assert [kept.content_id.hex()[:2]] == files(tmp_path)


def bound(unique_id: str, staged: StagedContent) -> BoundDocument:
    return BoundDocument(document_unique_id=unique_id, mime_type="text/plain", staged=staged)


@pytest.mark.parametrize("content", [b"", b"small", LARGE])
def test_a_bound_document_is_read_back(database: Database, content: bytes) -> None:
    staged = database.contents.stage(BytesContent(content))
    for _ in range(2):
        database.write(lambda transaction: transaction.documents.add([bound("1.2.3", staged)], "1.2.4"))
    with database.reading() as transaction:
        found = transaction.documents.find("1.2.3")
        assert None is transaction.documents.find("1.2.5")
    assert found is not None
    assert ("text/plain", len(content), content) == (
        found.mime_type, found.content.size, b"".join(found.content.chunks())
    )  # fmt: skip


def test_a_file_that_is_missing_or_of_another_size_is_unavailable(database: Database) -> None:
    staged = database.contents.stage(BytesContent(LARGE))
    database.write(lambda transaction: transaction.documents.add([bound("1.2.3", staged)], "1.2.4"))
    with database.reading() as transaction:
        found = transaction.documents.find("1.2.3")
    assert found is not None
    assert found.content.path is not None
    found.content.path.write_bytes(LARGE + b"x")
    with pytest.raises(StorageUnavailable, match="another size"):
        list(found.content.chunks())
    found.content.path.unlink()
    with pytest.raises(StorageUnavailable, match="No such file"):
        list(found.content.chunks())


def test_pending_documents_are_bound_or_dropped_once(database: Database) -> None:
    one, two = (database.contents.stage(BytesContent(octets)) for octets in (LARGE, b"small"))

    def pend(staged: StagedContent) -> list[int]:
        return database.write(lambda t: t.documents.add_pending([bound("1.2.3", staged)], "1.2.4"))

    first, second, third = pend(one), pend(one), pend(two)
    assert [] == database.write(lambda t: t.documents.drop_pending(second))
    assert [] == database.write(lambda t: t.documents.drop_pending(second))
    database.write(lambda t: t.documents.bind_pending([*first, *first, *second]))
    assert [] == database.write(lambda t: t.documents.drop_pending(first))
    orphans = database.write(lambda t: t.documents.drop_pending(third))
    assert [two.content_id] == orphans
    database.collect([])
    database.collect([one.content_id, two.content_id])
    with database.reading() as transaction:
        assert one.content_id == transaction.documents.bound_content("1.2.3")
        assert [] == transaction.documents.pending()
    assert database.contents.path(one.content_id).exists()


def test_a_number_is_never_given_again(database: Database) -> None:
    """Who judges an open outcome late must not meet another document under its number."""
    staged = database.contents.stage(BytesContent(b"x"))

    def pend_and_drop(transaction: Transaction) -> int:
        (number,) = transaction.documents.add_pending([bound("1.2.3", staged)], "1.2.4")
        transaction.documents.drop_pending([number])
        return number

    assert 3 == len({database.write(pend_and_drop) for _ in range(3)})
