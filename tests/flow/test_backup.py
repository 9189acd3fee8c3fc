"""Backup while submissions arrive, and the way back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.flow.running import Site, post, rows, running
from tests.flow.submissions import mtom, numbered, unique_id
from tests.postgresql import Cluster, binaries
from xds_adapter.cli.main import run
from xds_adapter.config import DatabaseUrl, RegistrySettings, Settings
from xds_adapter.errors import ConfigError, StorageUnavailable
from xds_adapter.storage import Database
from xds_adapter.storage.backup import back_up, files
from xds_adapter.storage.contents import INLINE_BYTES
from xds_adapter.storage.folder_lock import FolderLock

LARGE = INLINE_BYTES + 5_000


def octets(number: int) -> bytes:
    """Every other document is a file."""
    return (b"%d " % number) * (40 if number % 2 else LARGE // 2)


def submit(site: Site, number: int) -> bool:
    return "Success" == post(site.repository, *mtom(numbered(number, octets(number)))).status_word


def document(data: Path, number: int) -> bytes:
    database = Database(data)
    try:
        with database.reading() as transaction:
            found = transaction.documents.find(unique_id(number))
            assert found is not None
            return b"".join(found.content.chunks())
    finally:
        database.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "data") as site:
        assert all(submit(site, number) for number in (1, 2))
        yield site


def taken(site: Site, target: Path, *options: str) -> int:
    return run(["backup", str(target), "--data", str(site.data), *options])


def restored(target: Path, data: Path) -> int:
    return run(["restore", str(target), "--data", str(data)])


def test_what_was_acknowledged_before_a_backup_is_in_it(site: Site, tmp_path: Path) -> None:
    """Writers go on while the first backup and the next are taken; each submission is in them whole or not at all."""
    acknowledged: list[int] = []
    stop = threading.Event()

    def write(first: int) -> None:
        number = first
        while not stop.is_set():
            if submit(site, number):
                acknowledged.append(number)
            number += 3

    threads = [threading.Thread(target=write, args=(100 + offset,)) for offset in range(3)]
    for thread in threads:
        thread.start()
    try:
        for part in range(3):
            count = len(acknowledged)
            while len(acknowledged) < count + 6:
                stop.wait(0.01)
            before = [1, 2, *acknowledged]
            assert 0 == taken(site, tmp_path / "backup")
            assert part == 2 or 0 == run(["fsck", "--data", str(tmp_path / "backup"), "--scrub"])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert 0 == restored(tmp_path / "backup", tmp_path / "new")
    for number in before:
        assert octets(number) == document(tmp_path / "new", number)
    with running(tmp_path / "new") as again:
        assert rows(again.data, "SELECT value FROM setting") == rows(site.data, "SELECT value FROM setting")
        assert submit(again, 99)
    assert 0 == run(["fsck", "--data", str(tmp_path / "new"), "--scrub"])


def test_a_second_backup_brings_what_is_new_only(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "backup"
    assert 0 == taken(site, target)
    assert submit(site, 4)
    assert 0 == taken(site, target)
    first, second = capsys.readouterr().out.splitlines()
    assert ("1 file, 1 new" in first, "2 files, 1 new" in second) == (True, True)


def test_what_was_removed_leaves_the_next_backup(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    assert 0 == taken(site, target)
    database = site.installation.database
    database.collect(database.write(lambda transaction: transaction.documents.unbind(unique_id(2))))
    assert 0 == taken(site, target)
    assert [] == list((target / "content").glob("*/*"))


def test_links_share_the_bytes(site: Site, tmp_path: Path) -> None:
    assert 0 == taken(site, tmp_path / "backup", "--link")
    (path,) = (tmp_path / "backup" / "content").glob("*/*")
    assert 2 == path.stat().st_nlink
    assert 0 == restored(tmp_path / "backup", tmp_path / "new")
    assert octets(2) == document(tmp_path / "new", 2)
    assert 2 == path.stat().st_nlink


def test_where_links_cannot_be_made_bytes_are_copied(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("xds_adapter.storage.backup.files.os.link", refused)
    assert 0 == taken(site, tmp_path / "backup", "--link")
    (path,) = (tmp_path / "backup" / "content").glob("*/*")
    assert (1, octets(2)) == (path.stat().st_nlink, path.read_bytes())


def test_a_document_that_is_removed_during_a_backup_is_not_in_it(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = site.installation.database
    _meanwhile(
        monkeypatch,
        lambda: database.collect(database.write(lambda transaction: transaction.documents.unbind(unique_id(2)))),
    )
    assert 0 == taken(site, tmp_path / "backup")
    assert [(1,)] == rows(tmp_path / "backup", "SELECT count(*) FROM document")


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between the snapshot and the files."""
    usual = files.bring_all
    acts = [act]

    def brought(*arguments: object, **options: object) -> object:
        if acts:
            acts.pop()()
        return usual(*arguments, **options)  # type: ignore[arg-type] # whatever the caller gives

    monkeypatch.setattr("xds_adapter.storage.backup.backup.bring_all", brought)


def test_a_backup_that_removals_outrun_is_given_up(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanished(*_: object, **__: object) -> None:
        raise files.Vanished

    monkeypatch.setattr("xds_adapter.storage.backup.backup.bring_all", vanished)
    with pytest.raises(StorageUnavailable, match="being removed"):
        back_up(site.data, tmp_path / "backup", link=False, progress=lambda _done, _total: None)


def test_damage_is_told_and_does_not_replace_a_good_copy(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = (site.data / "content").glob("*/*")
    whole = path.read_bytes()
    for broken, words in ((b"x" + whole[1:], "damaged"), (whole[1:], "damaged"), (None, "missing")):
        path.unlink() if broken is None else path.write_bytes(broken)
        assert 1 == taken(site, tmp_path / "backup")
        assert words in capsys.readouterr().err
    for options in (("--link",), ()):
        assert 1 == taken(site, tmp_path / "backup", *options)
        assert "missing" in capsys.readouterr().err
    assert 1 == restored(tmp_path / "backup", tmp_path / "half")
    assert f"ghost     {unique_id(2)}" in capsys.readouterr().out
    path.write_bytes(whole)
    assert 0 == taken(site, tmp_path / "backup")
    path.write_bytes(b"x" + whole[1:])
    # The copy is there, and is not looked for in the store again.
    assert 0 == taken(site, tmp_path / "backup")
    assert 0 == run(["fsck", "--data", str(tmp_path / "backup"), "--scrub"])


def test_a_damaged_backup_is_found_out_by_its_restore(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == taken(site, tmp_path / "backup")
    (path,) = (tmp_path / "backup" / "content").glob("*/*")
    path.write_bytes(b"x" * path.stat().st_size)
    with closing(sqlite3.connect(tmp_path / "backup" / "xds.sqlite3")) as connection:
        connection.execute("UPDATE content SET body = zeroblob(length(body)) WHERE body IS NOT NULL")
        connection.commit()
    assert 1 == restored(tmp_path / "backup", tmp_path / "new")
    printed = capsys.readouterr()
    assert "another SHA-256" in printed.err
    assert [f"damage    {unique_id(1)}", f"ghost     {unique_id(2)}"] == sorted(
        line.split("  its")[0] for line in printed.out.splitlines() if line.startswith(("damage", "ghost"))
    )


def test_an_interrupted_restore_starts_no_empty_server(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 == taken(site, tmp_path / "backup")
    with monkeypatch.context() as patch:
        patch.setattr("xds_adapter.storage.backup.restoring.bring_all", _full)
        assert 1 == restored(tmp_path / "backup", tmp_path / "new")
    with pytest.raises(ConfigError, match="has not been finished"):
        Database(tmp_path / "new", exclusive=True)
    assert 0 == restored(tmp_path / "backup", tmp_path / "new")
    assert octets(1) == document(tmp_path / "new", 1)


def test_an_interrupted_backup_is_the_former_one(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 == taken(site, tmp_path / "backup")
    assert submit(site, 4)
    with monkeypatch.context() as patch:
        patch.setattr("xds_adapter.storage.backup.backup.bring_all", _full)
        assert 1 == taken(site, tmp_path / "backup")
    assert 0 == restored(tmp_path / "backup", tmp_path / "new")
    assert octets(2) == document(tmp_path / "new", 2)
    assert [(2,)] == rows(tmp_path / "new", "SELECT count(*) FROM document")


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_backup_that_was_opened_meanwhile_can_be_restored(site: Site, tmp_path: Path) -> None:
    """A killed tool leaves the log of the database behind."""
    assert 0 == taken(site, tmp_path / "backup")
    copy = tmp_path / "copy"
    database = Database(tmp_path / "backup")
    database.write(lambda transaction: transaction.setting("x", lambda: "y"))
    shutil.copytree(tmp_path / "backup", copy)
    database.close()
    assert (copy / "xds.sqlite3-wal").stat().st_size
    assert 0 == restored(copy, tmp_path / "new")
    assert [("y",)] == rows(tmp_path / "new", "SELECT value FROM setting WHERE name = 'x'")
    assert 0 == taken(site, copy)
    assert not (copy / "xds.sqlite3-wal").exists()


def test_a_wrong_place_is_refused(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes").touch()
    for target, words in (
        (site.data, "outside the data folder"),
        (site.data / "backup", "outside the data folder"),
        (tmp_path, "outside the data folder"),
        (other, "neither empty nor a backup"),
        (other / "notes", "is no folder"),
    ):
        assert 2 == taken(site, target)
        assert words in capsys.readouterr().err
    assert 0 == taken(site, tmp_path / "backup")
    for backup, data, words in (
        (other, tmp_path / "new", "is no finished backup"),
        (tmp_path / "backup", other, "is not empty"),
        (tmp_path / "backup", other / "notes", "is no folder"),
    ):
        assert 2 == restored(backup, data)
        assert words in capsys.readouterr().err


def test_two_at_once_are_refused(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == taken(site, tmp_path / "backup")
    with running(tmp_path / "backup"):
        assert 2 == taken(site, tmp_path / "backup")
        assert 2 == restored(tmp_path / "backup", tmp_path / "new")
    assert 2 == capsys.readouterr().err.count("another backup or a server is using")


def test_postgresql_has_its_own_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[registry]\ndatabase = "postgresql+psycopg://a@b/c"\n')
    assert 2 == run(["backup", str(tmp_path / "b"), "--config", str(config)])
    assert "pg_dump" in capsys.readouterr().err
    assert 2 == run(["restore", str(tmp_path / "b"), "--config", str(config)])
    assert "pg_restore" in capsys.readouterr().err


def test_a_backup_on_a_medium_that_cannot_be_written(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 == taken(site, tmp_path / "backup")
    usual = FolderLock

    def lock(folder: Path, *, shared: bool) -> FolderLock:
        if folder == tmp_path / "backup":
            raise StorageUnavailable("the document store cannot serve (Read-only file system)")
        return usual(folder, shared=shared)

    monkeypatch.setattr("xds_adapter.storage.backup.restoring.FolderLock", lock)
    assert 0 == restored(tmp_path / "backup", tmp_path / "new")


@pytest.mark.postgres
def test_postgresql_by_its_own_tools(postgresql: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As docs/operations.md says: the dump first, the documents after it, and a check of what was brought back."""
    former, present = postgresql.new_database(), postgresql.new_database()
    with running(tmp_path / "data", _settings(former)) as site:
        assert all(submit(site, number) for number in (1, 2))
        _tool("pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", f"--dbname={_plain(former)}")
        assert submit(site, 4)
        shutil.copytree(site.data / "content", tmp_path / "new" / "content")
    _tool("pg_restore", f"--dbname={_plain(present)}", str(tmp_path / "dump"))
    config = tmp_path / "config.toml"
    config.write_text(f'[registry]\ndatabase = "{present}"\n')
    command = ["fsck", "--data", str(tmp_path / "new"), "--config", str(config)]
    # The document submitted after the dump has its file, but the dump does not know it.
    assert 1 == run([*command, "--scrub"])
    assert "2 documents, 2 contents (1 file), 0.1 MB, 2 entries" in capsys.readouterr().out
    assert 0 == run([*command, "--collect"])
    assert "1 orphan; all removed" in capsys.readouterr().out
    with running(tmp_path / "new", _settings(present)) as again:
        assert submit(again, 4)


def _settings(url: str) -> Settings:
    return Settings(registry=RegistrySettings(database=DatabaseUrl(url)))


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _tool(name: str, *arguments: str) -> None:
    folder = binaries()
    assert folder is not None
    subprocess.run([str(folder / name), *arguments], check=True, capture_output=True)
