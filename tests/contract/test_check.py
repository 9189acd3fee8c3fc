"""A check of the store finds what lacks and what is too much, and harms nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Open
from tests.factories import make_document_entry
from xds_adapter.ebxml import encode_leaf
from xds_adapter.errors import ConfigError
from xds_adapter.soap import BytesContent
from xds_adapter.storage import BoundDocument, Database, Transaction, row_of
from xds_adapter.storage.check import Problem, StoreCheck
from xds_adapter.storage.check.contents import ContentCheck
from xds_adapter.storage.contents import INLINE_BYTES
from xds_adapter.storage.folder_lock import FolderLock
from xds_adapter.storage.tables import CONTENT, DOCUMENT

LARGE = b"L" * (INLINE_BYTES + 1)
HOUR = 3600
OWN = "1.2.250.1.999.1"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def stored(database: Database, name: str, octets: bytes) -> bytes:
    """Bind a document and return its content id."""
    staged = database.contents.stage(BytesContent(octets))
    document = BoundDocument(document_unique_id=name, mime_type="text/plain", staged=staged)
    database.write(lambda transaction: transaction.documents.add([document], "1.2.3"))
    database.contents.discard(staged)
    return staged.content_id


def found(database: Database, data: Path, *, scrub: bool = False, collect: bool = False) -> list[tuple[str, str, bool]]:
    return [
        (problem.kind.value, problem.name, problem.collected)
        for problem in problems(database, data, scrub=scrub, collect=collect)
    ]


def problems(database: Database, data: Path, *, scrub: bool = False, collect: bool = False) -> list[Problem]:
    return list(StoreCheck(database, data, repository_unique_id=OWN, scrub=scrub, collect=collect).problems())


def file_of(database: Database, content_id: bytes) -> Path:
    return database.contents.path(content_id)


def path_name(content_id: bytes) -> str:
    return f"content/{content_id.hex()[:2]}/{content_id.hex()}"


def test_a_whole_store_has_no_problem(database: Database, data: Path) -> None:
    stored(database, "1.1", b"small")
    stored(database, "1.2", LARGE)
    check = StoreCheck(database, data, repository_unique_id=OWN, scrub=True)
    assert [] == list(check.problems())
    counts = check.counts
    assert (2, 2, 1, len(LARGE) + 5, len(LARGE) + 5, 2) == (
        counts.documents,
        counts.contents,
        counts.files,
        counts.octets,
        counts.scrubbed_octets,
        counts.without_entry,
    )


def orphan(database: Database) -> bytes:
    staged = database.contents.stage(BytesContent(b"O" + LARGE))
    database.contents.keep(staged)
    database.contents.sync()
    return staged.content_id


def test_a_file_without_row_is_an_orphan_and_can_be_collected(database: Database, data: Path) -> None:
    """What a crash between rename and commit leaves."""
    stored(database, "1.1", LARGE)
    content_id = orphan(database)
    assert [("orphan", path_name(content_id), False)] == found(database, data)
    assert file_of(database, content_id).exists()
    assert [("orphan", path_name(content_id), True)] == found(database, data, collect=True)
    assert not file_of(database, content_id).exists()
    assert [] == found(database, data, scrub=True)


def test_beside_a_server_a_young_file_is_left_alone(
    database: Database, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its submission may be about to be committed."""
    stored(database, "1.1", LARGE)
    content_id = orphan(database)
    server = FolderLock(data, shared=False)
    check = StoreCheck(database, data, collect=True)
    assert [] == list(check.problems())
    assert (1, True) == (check.counts.in_progress, file_of(database, content_id).exists())
    now = time.time()
    monkeypatch.setattr("xds_adapter.storage.check.contents.time.time", lambda: now + 2 * HOUR)
    assert [("orphan", path_name(content_id), True)] == found(database, data, collect=True)
    server.release()


def test_a_file_whose_row_is_committed_meanwhile_is_no_orphan(
    database: Database, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are read, a submission is committed, the files are listed."""
    monkeypatch.setattr("xds_adapter.storage.check.contents._list", interfering(lambda: stored(database, "1.1", LARGE)))
    assert [] == found(database, data)
    assert 1 == database_count(database)


def test_a_file_that_is_removed_meanwhile_is_no_ghost(
    database: Database, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content_id = stored(database, "1.1", LARGE)

    monkeypatch.setattr("xds_adapter.storage.check.contents._list", interfering(lambda: remove(database, "1.1")))
    assert [] == found(database, data)
    assert not file_of(database, content_id).exists()


def remove(database: Database, name: str) -> None:
    database.collect(database.write(lambda transaction: transaction.documents.unbind(name)))


def interfering(act: Callable[[], object]) -> Callable[..., object]:
    from xds_adapter.storage.check import contents

    listed: Any = contents._list
    acts = [act]

    def interfered(*arguments: object) -> object:
        if acts:
            acts.pop()()
        return listed(*arguments)

    return interfered


def database_count(database: Database) -> int:
    with database.reading() as transaction:
        return len(transaction.connection.execute(DOCUMENT.select()).all())


def test_a_missing_file_is_a_ghost_of_each_of_its_documents(database: Database, data: Path) -> None:
    content_id = stored(database, "1.1", LARGE)
    stored(database, "1.2", LARGE)
    file_of(database, content_id).unlink()
    assert [("ghost", "1.1", False), ("ghost", "1.2", False)] == found(database, data, collect=True)


def test_a_content_row_that_was_lost_is_a_ghost(database: Database, data: Path) -> None:
    stored(database, "1.1", b"small")
    database.write(lambda transaction: transaction.connection.execute(CONTENT.delete()))
    assert [("ghost", "1.1", False)] == found(database, data)


def test_a_content_row_without_document_is_an_orphan(database: Database, data: Path) -> None:
    content_id = stored(database, "1.1", LARGE)
    stored(database, "1.2", b"x" + LARGE)
    database.write(
        lambda transaction: transaction.connection.execute(
            DOCUMENT.delete().where(DOCUMENT.c.document_unique_id == "1.1")
        )
    )
    assert [("orphan", path_name(content_id), False)] == found(database, data)
    assert [("orphan", path_name(content_id), True)] == found(database, data, collect=True)
    assert not file_of(database, content_id).exists()
    assert [] == found(database, data)


def test_a_file_of_another_size_is_damaged(database: Database, data: Path) -> None:
    with file_of(database, stored(database, "1.1", LARGE)).open("ab") as file:
        file.write(b"x")
    (problem,) = problems(database, data)
    assert ("damage", "1.1") == (problem.kind, problem.name)
    assert f"has {len(LARGE) + 1} octets instead of {len(LARGE)}" in problem.what


def test_only_reading_all_finds_a_changed_octet(database: Database, data: Path) -> None:
    path = file_of(database, stored(database, "1.1", LARGE))
    with path.open("r+b") as file:
        file.seek(100_000)
        file.write(b"x")
    assert [] == found(database, data)
    (problem,) = problems(database, data, scrub=True)
    assert ("damage", "1.1", True) == (problem.kind, problem.name, "another SHA-256" in problem.what)


def test_a_changed_octet_in_the_database_is_found(database: Database, data: Path) -> None:
    stored(database, "1.1", b"small")
    database.write(lambda transaction: transaction.connection.execute(CONTENT.update().values(body=b"smaLl")))
    assert [("damage", "1.1", False)] == found(database, data, scrub=True)


def test_a_recorded_sha1_that_does_not_fit_is_found(database: Database, data: Path) -> None:
    stored(database, "1.1", b"small")
    database.write(lambda transaction: transaction.connection.execute(DOCUMENT.update().values(sha1="0" * 40)))
    (problem,) = problems(database, data, scrub=True)
    assert ("damage", True) == (problem.kind, "their SHA-1 is not the recorded" in problem.what)


def test_a_file_that_cannot_be_read_is_damaged(database: Database, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(database, stored(database, "1.1", LARGE))
    usual: Any = Path.open

    def broken(self: Path, *arguments: str) -> object:
        if self == path:
            raise OSError(5, "Input/output error")
        return usual(self, *arguments)

    monkeypatch.setattr(Path, "open", broken)
    (problem,) = problems(database, data, scrub=True)
    assert ("damage", True) == (problem.kind, problem.what.endswith("cannot be read: Input/output error"))


def registered(database: Database, **changes: object) -> None:
    entry = make_document_entry(**{"repository_unique_id": OWN, **changes})

    def work(transaction: Transaction) -> None:
        transaction.registry.insert([row_of(entry, encode_leaf(entry))])

    database.write(work)


def test_an_entry_without_document_is_a_ghost(database: Database, data: Path) -> None:
    registered(database, unique_id="1.7")
    assert [("ghost", "1.7", False)] == found(database, data)


def test_an_entry_of_another_repository_needs_no_document_here(database: Database, data: Path) -> None:
    registered(database, unique_id="1.7", repository_unique_id="1.2.3.4")
    assert [] == found(database, data)


def test_an_entry_whose_document_was_removed_is_no_ghost(database: Database, data: Path) -> None:
    from xds_adapter.storage import Removed

    registered(database, unique_id="1.7")
    removed = Removed(kind="Document", removed_id="1.7")
    database.write(lambda transaction: transaction.removals.record([removed], "ITI-86"))
    assert [] == found(database, data)


def test_an_entry_with_another_hash_is_damaged(database: Database, data: Path) -> None:
    registered(database, unique_id="1.7", hash="A" * 40)
    stored(database, "1.7", b"small")
    (problem,) = problems(database, data)
    assert ("damage", "1.7") == (problem.kind, problem.name)


def test_temporary_files_go_when_no_server_runs(database: Database, data: Path) -> None:
    (data / "spool" / "incoming-x.part").write_bytes(b"x")
    (data / "staging" / "token").mkdir()
    (data / "staging" / "token" / "abc").write_bytes(b"x")
    expected = [("leftover", "staging/token"), ("leftover", "spool/incoming-x.part")]
    assert [(*each, False) for each in expected] == found(database, data)
    assert [(*each, True) for each in expected] == found(database, data, collect=True)
    assert [] == found(database, data)


def test_beside_a_server_only_what_is_nobodys_goes(opened: Open, url: str | None, data: Path) -> None:
    tool = opened()
    server = Database(data, url=url, exclusive=True)
    try:
        own = server.contents.spool
        for path in (own / "new", own / "old", data / "inbox" / ".incoming" / "old"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        dead = data / "spool" / "dead"
        dead.mkdir()
        aged = {own / "old": 25 * HOUR, data / "inbox" / ".incoming" / "old": 2 * HOUR}
        from xds_adapter.storage.check import leftovers

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(leftovers, "_age", lambda path: aged.get(path, 0.0))
            names = sorted(name for _, name, collected in found(tool, data, collect=True) if collected)
        assert sorted([str((own / "old").relative_to(data)), "inbox/.incoming/old", "spool/dead"]) == names
        assert [True, False, False] == [(own / "new").exists(), (own / "old").exists(), dead.exists()]
    finally:
        (server.contents.spool / "new").unlink()
        server.close()


def test_what_is_not_ours_is_named_and_left_alone(database: Database, data: Path) -> None:
    stored(database, "1.1", LARGE)
    (data / "content" / "ab" / "notes.txt").write_bytes(b"x")
    assert [("foreign", "content/ab/notes.txt", False)] == found(database, data, collect=True)
    assert (data / "content" / "ab" / "notes.txt").exists()


def test_the_wrong_database_costs_no_document(opened: Open, data: Path) -> None:
    """All files would be orphans of an empty database."""
    orphan(database := opened())
    with pytest.raises(ConfigError, match="refers to none of the files"):
        found(database, data, collect=True)
    assert 1 == len([path for path in (data / "content").glob("*/*") if os.path.getsize(path)])


def test_a_document_that_is_removed_while_its_bytes_are_read_is_not_damaged(
    database: Database, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, octets in (("1.1", b"small"), ("1.2", LARGE)):
        stored(database, name, octets)
    usual: Any = ContentCheck._bodies

    def removed(self: ContentCheck, content_ids: list[bytes]) -> object:
        for name in ("1.1", "1.2"):
            remove(database, name)
        return usual(self, content_ids)

    monkeypatch.setattr(ContentCheck, "_bodies", removed)
    assert [] == found(database, data, scrub=True)
    assert 0 == database_count(database)
