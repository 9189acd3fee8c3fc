"""What only PostgreSQL can do, and what it must be told."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from tests.factories import make_document_entry
from tests.postgresql import Cluster
from xds_adapter.ebxml import encode_leaf
from xds_adapter.errors import ConfigError, MalformedMessage, StorageUnavailable
from xds_adapter.storage import Database, Transaction, row_of
from xds_adapter.storage.postgresql import lock_key
from xds_adapter.storage.postgresql_link import Link

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgresql: Cluster) -> str:
    return postgresql.new_database()


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "data", url=url)
    yield database
    database.close()


def add(name: str) -> Callable[[Transaction], int]:
    return lambda transaction: transaction.registry.add_patients([name])


def known(database: Database, *names: str) -> set[str]:
    with database.reading() as transaction:
        return transaction.registry.known_patients(names)


def past_the_package(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_an_answer_is_planned_to_be_read_to_its_end(database: Database) -> None:
    """A plan for its first rows walks all entries in their order to find those of one patient."""
    with database.reading() as transaction:
        assert "1" == transaction.connection.scalar(text("SHOW cursor_tuple_fraction"))


def test_works_of_other_scopes_run_at_the_same_time(database: Database) -> None:
    """The first waits for the second, which would wait for ever for a single writer."""
    second_ran = threading.Event()

    def first(transaction: Transaction) -> bool:
        transaction.registry.add_patients(["a"])
        return second_ran.wait(5)

    future = database.process(lambda: database.write(first, scope=["a"]))
    assert 1 == database.write(add("b"), scope=["b"])
    second_ran.set()
    assert future.result(10)


@pytest.mark.parametrize("scope", [None, ["a", "z"]])
def test_a_work_waits_for_those_that_touch_its_scope(database: Database, scope: list[str] | None) -> None:
    entered, go = threading.Event(), threading.Event()

    def first(transaction: Transaction) -> int:
        entered.set()
        go.wait(5)
        return transaction.registry.add_patients(["a"])

    one = database.process(lambda: database.write(first, scope=["a", "b"]))
    assert entered.wait(5)
    two = database.process(lambda: database.write(add("a"), scope=scope))
    time.sleep(0.2)
    assert not two.done()
    go.set()
    assert (1, 0) == (one.result(10), two.result(10))


def test_a_deadlock_is_tried_again(database: Database) -> None:
    """Two works that take rows crosswise under different scopes."""
    database.write(lambda t: t.registry.add_patients(["a", "b"]))
    meet = threading.Barrier(2)
    runs: list[str] = []

    def work(first: str, second: str) -> Callable[[Transaction], None]:
        def run(transaction: Transaction) -> None:
            runs.append(first)
            for name in (first, second):
                update = text("UPDATE patient SET merged_into = 'x' WHERE patient_id = :name")
                transaction.connection.execute(update, {"name": name})
                if name == first and len(runs) <= 2:
                    meet.wait(5)

        return run

    futures = [
        database.process(lambda one=one, two=two: database.write(work(one, two), scope=[one]))  # type: ignore[misc]
        for one, two in (("a", "b"), ("b", "a"))
    ]
    for future in futures:
        future.result(15)
    assert 3 == len(runs)


def test_a_lock_that_is_not_given_back_makes_busy_not_hang(database: Database, url: str) -> None:
    with past_the_package(url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lock_key("a")])
        started = time.monotonic()
        with pytest.raises(StorageUnavailable, match="lock timeout"):
            database.write(add("a"), scope=["a"])
        assert 8 > time.monotonic() - started
        assert 1 == database.write(add("b"), scope=["b"])
    assert 1 == database.write(add("a"), scope=["a"])


@pytest.mark.parametrize(("column", "wrong"), [("hash", "a\0b"), ("size", 1 << 70)])
def test_what_the_database_cannot_hold_is_the_senders_fault(database: Database, column: str, wrong: object) -> None:
    entry = make_document_entry(entry_uuid="urn:uuid:1")
    row = row_of(entry, encode_leaf(entry))
    row.columns[column] = wrong
    with pytest.raises(MalformedMessage, match="cannot hold a value of this message"):
        database.write(lambda transaction: transaction.registry.insert([row]))
    with pytest.raises(MalformedMessage, match="cannot hold"), database.reading() as transaction:
        transaction.registry.known_patients(["a\0b"])
    assert 1 == database.write(add("a"))


def test_a_work_that_hides_a_failed_statement_is_not_acknowledged(database: Database) -> None:
    def work(transaction: Transaction) -> None:
        transaction.registry.add_patients(["a"])
        with pytest.raises(psycopg.Error):
            transaction.connection.connection.cursor().execute("SELECT * FROM nothing")

    with pytest.raises(StorageUnavailable, match="given the transaction up"):
        database.write(work)
    assert set() == known(database, "a")


def test_a_commit_whose_answer_is_lost_is_asked_about(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It happened or it did not; the caller hears which."""
    commit = Link.commit

    def lost_after(link: Link) -> None:
        commit(link)
        link.close()
        raise psycopg.OperationalError("the connection is lost")

    def lost_before(link: Link) -> None:
        link.close()
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(Link, "commit", lost_after)
    assert 1 == database.write(add("a"))
    monkeypatch.setattr(Link, "commit", lost_before)
    with pytest.raises(StorageUnavailable, match="cannot serve") as caught:
        database.write(add("b"))
    assert caught.value.nothing_written
    monkeypatch.undo()
    time.sleep(0.6)
    assert {"a"} == known(database, "a", "b")


def cut(postgresql: Cluster) -> None:
    """Let every connection break, as a crash of the server does."""
    with postgresql.connect("postgres") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'xds-adapter'"
        )


def test_a_commit_that_cannot_be_asked_about_says_so(
    database: Database, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(link: Link) -> None:
        link.close()
        cut(postgresql)
        raise psycopg.OperationalError("the connection is lost")

    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("away")

    def work(transaction: Transaction) -> int:
        monkeypatch.setattr(Link, "connect", refuse)
        return transaction.registry.add_patients(["a"])

    monkeypatch.setattr(Link, "commit", lost)
    with pytest.raises(StorageUnavailable, match="went away while it was writing") as caught:
        database.write(work)
    assert not caught.value.nothing_written


def test_a_server_that_may_have_crashed_is_not_believed(
    database: Database, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have given the number of the transaction to another one, which it committed."""
    commit = Link.commit

    def lost(link: Link) -> None:
        commit(link)
        cut(postgresql)
        link.close()
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(Link, "commit", lost)
    with pytest.raises(StorageUnavailable, match="went away while it was writing") as caught:
        database.write(add("a"))
    assert not caught.value.nothing_written


def test_too_many_tasks_are_said_at_once(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xds_adapter.storage.postgresql._QUEUE", 3)
    database = Database(tmp_path / "data", url=url)
    go = threading.Event()
    try:
        futures = [database.process(lambda: go.wait(10)) for _ in range(3)]
        with pytest.raises(StorageUnavailable, match="too many"):
            database.process(lambda: True)
        go.set()
        assert all(future.result(10) for future in futures)
        assert database.process(lambda: True).result(10)
    finally:
        go.set()
        database.close()


def test_a_task_that_finds_no_thread_in_time_is_given_up(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sender has waited long enough already; it is not acted upon behind his back."""
    monkeypatch.setattr("xds_adapter.storage.postgresql._QUEUE_WAIT_S", 0.1)
    database = Database(tmp_path / "data", url=url)
    go = threading.Event()
    try:
        busy = [database.process(lambda: go.wait(10)) for _ in range(8)]
        late = database.process(lambda: database.write(add("a"), scope=["a"]))
        time.sleep(0.2)
        go.set()
        assert all(future.result(10) for future in busy)
        with pytest.raises(StorageUnavailable, match="too many"):
            late.result(10)
        assert set() == known(database, "a")
    finally:
        go.set()
        database.close()


def test_acknowledged_means_synced_whatever_the_servers_default(url: str, tmp_path: Path) -> None:
    with past_the_package(url) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    database = Database(tmp_path / "data", url=url)
    with database.reading() as transaction:
        assert "on" == transaction.connection.scalar(text("SHOW synchronous_commit"))
        assert "repeatable read" == transaction.connection.scalar(text("SHOW transaction_isolation"))
        assert "on" == transaction.connection.scalar(text("SHOW transaction_read_only"))
    database.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://a:geheim@localhost:port/x", "no usable URL"),
        ("postgresql+psycopg://a:geheim@/x?host=/nowhere", "cannot serve .OperationalError.: .*nowhere"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_password(tmp_path: Path, url: str, words: str) -> None:
    with pytest.raises((ConfigError, StorageUnavailable), match=words) as caught:
        Database(tmp_path / "data", url=url, exclusive=True)
    assert "geheim" not in f"{caught.value} {caught.value.__cause__}"
    Database(tmp_path / "data", exclusive=True).close()


def test_a_database_of_another_encoding_is_refused(postgresql: Cluster, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="encoding LATIN1"):
        Database(tmp_path / "data", url=postgresql.new_database(encoding="LATIN1"))


def test_a_database_of_something_else_is_refused(url: str, tmp_path: Path) -> None:
    with past_the_package(url) as connection:
        connection.execute("CREATE TABLE patient (name text)")
    with pytest.raises(ConfigError, match="tables of something else: patient"):
        Database(tmp_path / "data", url=url)


def test_a_missing_driver_is_named(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "xds_adapter.storage.postgresql")
    monkeypatch.delitem(sys.modules, "xds_adapter.storage.postgresql_link")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"needs the extra \"postgres\": pip install 'xds-adapter\[postgres\]'"):
        Database(tmp_path / "data", url=url, exclusive=True)
    monkeypatch.undo()
    Database(tmp_path / "data", url=url, exclusive=True).close()


def test_several_processes_that_start_at_once_make_one_schema(url: str, tmp_path: Path) -> None:
    databases: list[Database] = []
    threads = [
        threading.Thread(target=lambda: databases.append(Database(tmp_path / "data", url=url, exclusive=True)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 == len(databases)
    for database in databases:
        database.close()
