"""What a database promises, whichever it is."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.contract.conftest import Open
from tests.factories import PATIENT, make_document_entry, make_submission
from xds_adapter.ebxml import encode_leaf
from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import DocumentEntry
from xds_adapter.storage import Database, Transaction, row_of
from xds_adapter.vocabulary.status import AvailabilityStatus

UUID = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f0"


def add(*names: str) -> Callable[[Transaction], int]:
    return lambda transaction: transaction.registry.add_patients(names)


def known(database: Database, *names: str) -> set[str]:
    with database.reading() as transaction:
        return transaction.registry.known_patients(names)


def fail(transaction: Transaction) -> int:
    transaction.registry.add_patients(["lost"])
    raise ValueError("wrong")


def insert(database: Database, *entries: DocumentEntry) -> None:
    rows = [row_of(entry, encode_leaf(entry)) for entry in entries]
    database.write(lambda transaction: transaction.registry.insert(rows), scope=["patient"])


def test_a_write_is_seen_by_readers_once_it_has_returned(database: Database) -> None:
    assert 1 == database.write(add("a"), scope=["a"])
    assert 1 == database.write(add("a", "b"))
    assert {"a", "b"} == known(database, "a", "b", "c")


def test_a_reader_keeps_its_view(database: Database) -> None:
    with database.reading() as transaction:
        assert set() == transaction.registry.known_patients(["a"])
        database.write(add("a"))
        assert set() == transaction.registry.known_patients(["a"])
    assert {"a"} == known(database, "a")


def test_a_reader_that_fails_is_unavailable_and_the_next_is_not(database: Database) -> None:
    for _ in range(12):
        with pytest.raises(StorageUnavailable, match="cannot serve"), database.reading() as transaction:
            transaction.connection.execute(text("SELECT * FROM nothing"))
    assert set() == known(database, "a")


@pytest.mark.parametrize("scope", [None, ["lost"]])
def test_a_work_that_raises_changes_nothing_and_raises_to_its_caller(database: Database, scope: list[str]) -> None:
    for _ in range(12):
        with pytest.raises(ValueError, match="wrong"):
            database.write(fail, scope=scope)
    assert set() == known(database, "lost")
    assert 1 == database.write(add("a"), scope=scope)


def test_a_work_that_raises_does_not_touch_its_neighbours(database: Database) -> None:
    def one(number: int) -> int:
        if number % 3:
            return database.write(add(f"p{number}"), scope=[f"p{number}"])
        with pytest.raises(ValueError, match="wrong"):
            database.write(fail, scope=["lost"])
        return 0

    with ThreadPoolExecutor(6) as pool:
        assert 20 == sum(pool.map(one, range(30)))
    assert {f"p{number}" for number in range(30) if number % 3} == known(
        database, "lost", *(f"p{number}" for number in range(30))
    )


def test_works_with_a_common_member_of_their_scopes_follow_each_other(opened: Open) -> None:
    """Each counts what it finds and adds one: two at a time would count the same."""
    databases = [opened(), opened()]

    def count(number: int) -> int:
        scope = ["shared", f"own{number}"] if number % 4 else None

        def work(transaction: Transaction) -> int:
            names = [f"n{i}" for i in range(40)]
            found = len(transaction.registry.known_patients(names))
            transaction.registry.add_patients([f"n{found}"])
            return found

        return databases[number % 2].write(work, scope=scope)

    with ThreadPoolExecutor(8) as pool:
        assert list(range(40)) == sorted(pool.map(count, range(40)))


def test_scopes_in_any_order_never_block_each_other_for_good(opened: Open) -> None:
    databases = [opened(), opened()]

    def one(number: int) -> int:
        names = ["a", "b", "c"] if number % 2 else ["c", "b", "a"]
        return databases[number % 2].write(add(f"p{number}"), scope=names)

    with ThreadPoolExecutor(8) as pool:
        assert 40 == sum(pool.map(one, range(40)))


def test_a_large_scope_is_taken_whole(database: Database) -> None:
    assert 1 == database.write(add("a"), scope=[f"name{number}" for number in range(5000)])


def test_a_task_gives_its_result_once_it_is_durable(database: Database) -> None:
    def task() -> tuple[int, str]:
        return database.write(add("a"), scope=["a"]), threading.current_thread().name

    new, thread = database.process(task).result(10)
    assert 1 == new
    assert thread != threading.current_thread().name
    assert {"a"} == known(database, "a")


def test_a_task_whose_write_raised_keeps_nothing_although_it_returns(database: Database) -> None:
    def task() -> str:
        with pytest.raises(ValueError, match="wrong"):
            database.write(fail)
        return "refused"

    assert "refused" == database.process(task).result(10)
    assert set() == known(database, "lost")


def test_a_task_that_raises_raises_from_its_future(database: Database) -> None:
    def task() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        database.process(task).result(10)
    assert 1 == database.process(lambda: database.write(add("a"))).result(10)


def test_a_closed_database_takes_nothing(opened: Open) -> None:
    database = opened()
    database.close()
    for act in (lambda: database.write(add("a")), lambda: database.process(lambda: 1)):
        with pytest.raises(StorageUnavailable, match="closed"):
            act()
    assert set() == known(opened(), "a")


def test_a_setting_is_agreed_once_by_all(opened: Open) -> None:
    databases = [opened() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda n: databases[n % 4].setting("name", lambda: f"value {n}"), range(16)))
    assert 1 == len(found)
    assert {opened().setting("name", lambda: "another")} == found


def test_one_entry_uuid_is_inserted_once(opened: Open) -> None:
    """What no scope covers the tables do: whoever comes second fails, and keeps nothing."""
    databases = [opened(), opened()]
    rows = [row_of(entry, encode_leaf(entry)) for entry in [make_document_entry(entry_uuid=f"{UUID}01")]]

    def one(number: int) -> bool:
        def work(transaction: Transaction) -> bool:
            if transaction.registry.known(f"{UUID}01") is not None:
                return False
            transaction.registry.insert(rows)
            return True

        return databases[number % 2].write(work, scope=[f"own{number}"])

    with ThreadPoolExecutor(8) as pool:
        assert 1 == sum(pool.map(one, range(16)))


def test_a_failing_database_names_no_patient(database: Database) -> None:
    """Nothing that the log shows of the error quotes what was to be written."""
    entry = make_document_entry(entry_uuid=f"{UUID}01")
    rows = [row_of(entry, encode_leaf(entry))]
    database.write(lambda transaction: transaction.registry.insert(rows))
    with pytest.raises(StorageUnavailable, match="the database cannot serve") as caught:
        database.write(lambda transaction: transaction.registry.insert(rows))
    words = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in (f"{UUID}01", "187060801203587", "MARTIN", "Marie") if secret in words]
    assert 1 == database.write(add("a"))


def test_facts_are_those_of_everything_a_submission_mentions(database: Database) -> None:
    entry = make_document_entry(entry_uuid=f"{UUID}01", size=1 << 40)
    insert(database, entry)
    database.write(add(PATIENT.key))
    with database.reading() as transaction:
        facts = transaction.registry.facts(make_submission())
        assert [] == transaction.registry.touching(f"{UUID}01")
        assert [1] == [found.version for found in transaction.registry.versions("DocumentEntry", f"{UUID}01")]
    assert {PATIENT.key} == facts.patients
    (found,) = facts.by_unique_id[entry.unique_id or ""]
    assert (f"{UUID}01", AvailabilityStatus.APPROVED, entry.hash, 1 << 40) == (
        found.entry_uuid, found.status, found.hash, found.size
    )  # fmt: skip


def test_a_status_is_set_and_a_leaf_replaced(database: Database) -> None:
    entry = make_document_entry(entry_uuid=f"{UUID}01")
    other = row_of(make_document_entry(entry_uuid=f"{UUID}02"), "<other/>")
    insert(database, entry)
    database.write(lambda transaction: transaction.registry.insert([other]))

    def change(transaction: Transaction) -> None:
        # What is read in pieces must leave the connection fit for writing.
        (before,) = transaction.registry.objects("DocumentEntry", [f"{UUID}01"])
        assert before.status == AvailabilityStatus.APPROVED
        transaction.registry.replace(row_of(entry, "<changed/>"))
        transaction.registry.set_status("DocumentEntry", [f"{UUID}01"], AvailabilityStatus.DEPRECATED)

    database.write(change)
    with database.reading() as transaction:
        first, second = transaction.registry.objects("DocumentEntry", [f"{UUID}02", f"{UUID}01"])
    assert ("<changed/>", AvailabilityStatus.DEPRECATED) == (first.leaf, first.status)
    assert ("<other/>", AvailabilityStatus.APPROVED) == (second.leaf, second.status)
