"""`fsck` beside a running server: what it prints, and what its exit code says."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.operations import fill
from tests.flow.running import post, running
from tests.flow.submissions import mtom, numbered, unique_id
from xds_adapter.cli.main import run
from xds_adapter.soap import BytesContent
from xds_adapter.storage import BoundDocument


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("fsck") / "data"
    with running(data) as site:
        for number, size in ((1, 100), (2, 300_000)):
            assert "Success" == post(site.repository, *mtom(numbered(number, b"%d" % number * size))).status_word
    return data


def test_a_store_that_is_whole(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["fsck", "--data", str(data), "--scrub"])
    printed = capsys.readouterr()
    assert ("", 1) == (printed.err, len(printed.out.splitlines()))
    assert "2 documents, 2 contents (1 file), 0.3 MB, 2 entries, 0.3 MB read and hashed: no problem\n" == printed.out


def test_damage_is_named_and_nothing_else_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (path for path in (data / "content").glob("*/*"))
    whole = path.read_bytes()
    path.write_bytes(b"3" + whole[1:])
    orphan = path.parent / (path.parent.name + "0" * 62)
    orphan.write_bytes(b"x")
    assert 1 == run(["fsck", "--data", str(data), "--scrub", "--json"])
    *problems, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert [("damage", unique_id(2)), ("orphan", f"content/{orphan.parent.name}/{orphan.name}")] == [
        (problem["kind"], problem["name"]) for problem in problems
    ]
    assert ({"damage": 1, "orphan": 1}, 2) == (summary["summary"]["problems"], summary["summary"]["remaining"])
    path.write_bytes(whole)
    assert 0 == run(["fsck", "--data", str(data), "--collect"])
    assert not orphan.exists()
    assert "1 orphan; all removed" in capsys.readouterr().out


def test_beside_a_server_that_takes_submissions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is old goes, what is new stays, and each submission is whole afterwards."""
    data = tmp_path / "data"
    with running(data) as site:
        assert "Success" == post(site.repository, *mtom(numbered(1, b"x" * 300_000))).status_word
        waiting = site.installation.database.contents.spool / "incoming-1.part"
        waiting.write_bytes(b"x")
        assert 0 == run(["fsck", "--data", str(data), "--collect", "--scrub"])
        assert waiting.exists()
        os.utime(waiting, (time.time() - 90_000,) * 2)
        # Its inode was changed just now.
        assert 0 == run(["fsck", "--data", str(data), "--collect", "--scrub"])
        assert waiting.exists()
        assert "Success" == post(site.repository, *mtom(numbered(2, b"y" * 300_000))).status_word
    assert 0 == run(["fsck", "--data", str(data), "--collect", "--scrub"])
    assert "1 leftover; all removed" in capsys.readouterr().out.splitlines()[-1]
    assert not waiting.exists()


def test_collecting_takes_nothing_from_submissions_on_their_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even if no file were too young: what goes, goes while nothing is being written."""
    monkeypatch.setattr("xds_adapter.storage.check.contents.ABANDONED_S", 0.0)
    data = tmp_path / "data"
    stop = threading.Event()
    answers: list[str] = []

    def write(number: int) -> None:
        while not stop.is_set():
            answers.append(post(site.repository, *mtom(numbered(number, b"%d " % number * 70_000))).status_word)
            number += 3

    with running(data) as site:
        writers = [threading.Thread(target=write, args=(first,)) for first in (1, 2, 3)]
        for writer in writers:
            writer.start()
        try:
            codes = {run(["fsck", "--data", str(data), "--collect"]) for _ in range(12)}
        finally:
            stop.set()
            for writer in writers:
                writer.join()
    assert ({0}, {"Success"}) == (codes, set(answers))
    assert 0 == run(["fsck", "--data", str(data), "--scrub"])
    assert f"{len(answers):,} documents" in capsys.readouterr().out.splitlines()[-1]


def test_a_folder_without_database_is_a_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty database beside documents would make orphans of them all."""
    assert 2 == run(["fsck", "--data", str(tmp_path), "--collect"])
    assert "holds no database" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())
    assert 2 == run(["fsck", "--data", str(tmp_path / "nowhere")])
    assert "is no folder" in capsys.readouterr().err


def test_many_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The small version of `benchmarks.operations`."""
    fill(tmp_path / "data", 300)
    assert 0 == run(["fsck", "--data", str(tmp_path / "data"), "--scrub"])
    assert "300 documents, 300 contents (30 files), 0.6 MB, 300 entries, 0.6 MB" in capsys.readouterr().out


def test_on_a_terminal_progress_is_shown(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert 0 == run(["fsck", "--data", str(data)])
    printed = capsys.readouterr()
    assert ("checking" in printed.err, 1) == (True, len(printed.out.splitlines()))


def test_what_is_no_problem_is_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document without entry, and a file that a submission may be about to take up."""
    with running(tmp_path / "data") as site:
        database = site.installation.database
        contents = database.contents
        staged = contents.stage(BytesContent(b"x"))
        document = BoundDocument(document_unique_id="1.2.3", mime_type="text/plain", staged=staged)
        database.write(lambda transaction: transaction.documents.add([document], "1.2.4"))
        contents.keep(contents.stage(BytesContent(b"x" * 200_000)))
        assert 0 == run(["fsck", "--data", str(site.data)])
    said = capsys.readouterr().out
    assert "1 document without entry in this registry" in said
    assert "1 file of the last hour left for submissions" in said


def test_a_page_of_the_database_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    with running(data) as site:
        assert "Success" == post(site.repository, *mtom(numbered(1, b"x"))).status_word
    with closing(sqlite3.connect(data / "xds.sqlite3")) as connection:
        _redefine(connection, "mime_type TEXT NOT NULL", "mime_type TEXT")
        connection.execute("UPDATE document SET mime_type = NULL")
        _redefine(connection, "mime_type TEXT", "mime_type TEXT NOT NULL")
        connection.commit()
    assert 1 == run(["fsck", "--data", str(data), "--scrub"])
    assert "damage    database  NULL value in document.mime_type" in capsys.readouterr().out


def _redefine(connection: sqlite3.Connection, former: str, present: str) -> None:
    connection.execute("PRAGMA writable_schema=ON")
    statement = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'document'"
    connection.execute(statement, (former, present))
    connection.execute("PRAGMA writable_schema=RESET")
