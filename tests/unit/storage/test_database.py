"""One writer, many readers; a job that fails touches nobody else."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.factories import PATIENT, make_document_entry, make_submission
from xds_adapter.ebxml import encode_leaf
from xds_adapter.errors import ConfigError, StorageUnavailable
from xds_adapter.storage import Database, Transaction, row_of
from xds_adapter.storage.writer import GroupCommitWriter


def add(name: str) -> Callable[[Transaction], int]:
    return lambda transaction: transaction.registry.add_patients([name])


def fail(transaction: Transaction) -> int:
    transaction.registry.add_patients(["lost"])
    raise ValueError("wrong")


def known(database: Database, *names: str) -> set[str]:
    with database.reading() as transaction:
        return transaction.registry.known_patients(names)


class Held:
    """Holds the writer, so that what is queued meanwhile becomes one group."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entered, self._go = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self.results: dict[str, object] = {}
        self.write("first", self._wait)
        assert self._entered.wait(10)

    def _wait(self, _transaction: Transaction) -> str:
        self._entered.set()
        assert self._go.wait(10)
        return "went on"

    def write(self, name: str, work: Callable[[Transaction], object]) -> None:
        def run() -> None:
            try:
                self.results[name] = self._database.write(work)
            except (ValueError, StorageUnavailable) as error:
                self.results[name] = error

        thread = threading.Thread(target=run)
        self._threads.append(thread)
        thread.start()

    def go(self) -> dict[str, object]:
        self._go.set()
        for thread in self._threads:
            thread.join()
        return self.results


def test_a_write_is_seen_by_readers_once_it_has_returned(database: Database) -> None:
    assert 1 == database.write(add("a"))
    assert {"a"} == known(database, "a", "b")


def test_a_reader_keeps_its_view(database: Database) -> None:
    with database.reading() as transaction:
        assert set() == transaction.registry.known_patients(["a"])
        database.write(add("a"))
        assert set() == transaction.registry.known_patients(["a"])


def test_a_job_that_raises_changes_nothing_and_raises_to_its_caller(database: Database) -> None:
    with pytest.raises(ValueError, match="wrong"):
        database.write(fail)
    assert set() == known(database, "lost")


def test_a_job_that_raises_does_not_touch_its_neighbours(database: Database) -> None:
    held = Held(database)
    held.write("fails", fail)
    for name in "abc":
        held.write(name, add(name))
    results = held.go()
    assert isinstance(results.pop("fails"), ValueError)
    assert {"first": "went on", "a": 1, "b": 1, "c": 1} == results
    assert {"a", "b", "c"} == known(database, "a", "b", "c", "lost")


def test_close_finishes_what_is_queued(tmp_path: Path) -> None:
    database = Database(tmp_path / "data")
    held = Held(database)
    held.write("a", add("a"))
    closer = threading.Thread(target=database.close)
    closer.start()
    held.go()
    closer.join()
    database.close()
    with pytest.raises(StorageUnavailable, match="closed"):
        database.write(add("b"))
    again = Database(tmp_path / "data")
    assert "a" in known(again, "a") or isinstance(held.results["a"], StorageUnavailable)
    again.close()


def test_a_task_joins_its_writes_into_one_transaction(database: Database) -> None:
    def task() -> int:
        return database.write(add("a")) + database.write(add("b"))

    assert 2 == database.process(task).result()
    assert {"a", "b"} == known(database, "a", "b")


def test_a_task_whose_write_raised_keeps_nothing_although_it_returns(database: Database) -> None:
    def task() -> str:
        database.write(add("a"))
        with pytest.raises(ValueError, match="wrong"):
            database.write(fail)
        return "refused"

    assert "refused" == database.process(task).result()
    assert set() == known(database, "a", "lost")


def test_a_task_whose_write_raised_does_not_touch_its_neighbours(database: Database) -> None:
    def task() -> str:
        with pytest.raises(ValueError, match="wrong"):
            database.write(fail)
        return "refused"

    held = Held(database)
    futures: list[Future[str]] = [database.process(task)]
    held.write("a", add("a"))
    assert "went on" == held.go()["first"]
    assert "refused" == futures[0].result()
    assert {"a"} == known(database, "a", "lost")


def _same(number: int, _transaction: None) -> int:
    return number


def test_a_full_queue_is_said_at_once() -> None:
    go = threading.Event()

    def run_group(group: list[Callable[[None], int]]) -> list[int]:
        go.wait(10)
        return [work(None) for work in group]

    writer: GroupCommitWriter[None] = GroupCommitWriter(run_group)
    futures: list[Future[int]] = []

    def fill() -> None:
        for number in range(2000):
            futures.append(writer.submit(partial(_same, number)))  # noqa: PERF401 - it ends half way

    with pytest.raises(StorageUnavailable, match="too many"):
        fill()
    go.set()
    writer.close()
    assert list(range(len(futures))) == [future.result() for future in futures]
    assert 1000 < len(futures)


def test_a_setting_is_remembered(tmp_path: Path) -> None:
    for _ in range(2):
        database = Database(tmp_path / "data")
        assert "one" == database.setting("name", lambda: "one")
        assert "one" == database.setting("name", lambda: "two")
        database.close()


def test_a_folder_of_a_newer_version_is_refused_and_released(tmp_path: Path) -> None:
    Database(tmp_path / "data").close()
    with closing(sqlite3.connect(tmp_path / "data" / "xds.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 99")
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"newer version \(schema 99\)"):
            Database(tmp_path / "data", exclusive=True)
    with closing(sqlite3.connect(tmp_path / "data" / "xds.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 2")
    Database(tmp_path / "data", exclusive=True).close()


def test_an_exclusive_folder_is_held_until_it_is_closed(tmp_path: Path) -> None:
    held = Database(tmp_path / "data", exclusive=True)
    with pytest.raises(ConfigError, match="another server is using the data folder"):
        Database(tmp_path / "data", exclusive=True)
    other = Database(tmp_path / "data")
    assert 1 == other.write(add("a"))
    other.close()
    held.close()
    Database(tmp_path / "data", exclusive=True).close()


def test_an_exclusive_start_clears_what_was_unfinished(tmp_path: Path) -> None:
    Database(tmp_path / "data").close()
    left = [tmp_path / "data" / folder / "left" for folder in ("staging", "spool")]
    for path in left:
        path.write_bytes(b"x")
    Database(tmp_path / "data").close()
    assert [True, True] == [path.exists() for path in left]
    Database(tmp_path / "data", exclusive=True).close()
    assert [False, False] == [path.exists() for path in left]


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(StorageUnavailable, match="document store"):
        Database(tmp_path / "data")


def test_a_damaged_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "xds.sqlite3").write_bytes(os.urandom(8192))
    with pytest.raises(StorageUnavailable, match="database cannot serve"):
        Database(tmp_path / "data")


def test_a_failing_database_names_no_patient(database: Database) -> None:
    """Neither the message nor its cause's text quotes what was to be written."""
    entry = make_document_entry(entry_uuid="urn:uuid:1")
    found = [row_of(entry, encode_leaf(entry))]
    database.write(lambda transaction: transaction.registry.insert(found))
    for work in (
        lambda transaction: transaction.registry.insert(found),
        lambda transaction: transaction.registry.insert([*found, *found]),
        lambda transaction: transaction.connection.execute(text("INSERT INTO nothing VALUES ('DUPONT')")),
    ):
        with pytest.raises(StorageUnavailable, match="the database cannot serve") as caught:
            database.write(work)
        words = f"{caught.value} {caught.value.__cause__}"
        assert not [secret for secret in ("187060801203587", "PAT-4711", "MARTIN", "Marie") if secret in words]
    assert 1 == database.write(add("a"))


def test_a_reader_that_fails_is_unavailable(database: Database) -> None:
    with pytest.raises(StorageUnavailable, match="cannot serve"), database.reading() as transaction:
        transaction.connection.execute(text("SELECT * FROM nothing"))
    assert set() == known(database, "a")


def test_a_commit_that_fails_is_told_to_all_of_its_group(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise StorageUnavailable("the disk is gone")

    held = Held(database)
    held.write("a", add("a"))
    monkeypatch.setattr(database.contents, "sync", broken)
    results = held.go()
    assert ["the disk is gone"] * 2 == [str(result) for result in results.values()]
    monkeypatch.undo()
    assert set() == known(database, "a")
    assert 1 == database.write(add("a"))


def test_a_transaction_that_the_database_has_ended_itself_is_not_ended_again(database: Database) -> None:
    """A full disk makes SQLite roll back by itself."""

    def ended(transaction: Transaction) -> None:
        transaction.connection.exec_driver_sql("ROLLBACK")
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        database.write(ended)
    assert 1 == database.write(add("a"))


def test_facts_of_a_message_without_submission_set(database: Database) -> None:
    """It will be refused, with everything else that is wrong."""
    database.write(add(PATIENT.key))
    with database.reading() as transaction:
        facts = transaction.registry.facts(make_submission(submission_set=None))
    assert {PATIENT.key} == facts.patients
