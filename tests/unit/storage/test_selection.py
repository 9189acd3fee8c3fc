"""One statement for each combination of conditions selects what a statement of its own would."""

from __future__ import annotations

import pytest

from tests.factories import make_document_entry, make_folder
from xds_adapter.ebxml import encode_leaf
from xds_adapter.model import ParameterSlot, StoredQuery
from xds_adapter.storage import Database, row_of
from xds_adapter.vocabulary.status import AvailabilityStatus

COUNT = 620
"""More than a statement that is kept has values, and several times what is read at once."""


def uuid(number: int) -> str:
    return f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-{number:012x}"


def unique_id(number: int) -> str:
    return f"1.2.3.{number}"


def fill(database: Database, count: int) -> None:
    entries = [make_document_entry(entry_uuid=uuid(n), unique_id=unique_id(n)) for n in range(count)]
    found = [row_of(entry, encode_leaf(entry)) for entry in entries]
    database.write(lambda transaction: transaction.registry.insert(found))


def by_unique_id(*numbers: int) -> StoredQuery:
    slot = ParameterSlot(tuple(map(unique_id, numbers)), listed=True)
    return StoredQuery(query_id="", parameters={"$XDSDocumentEntryUniqueId": (slot,)})


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 33, 512, 513, COUNT])
def test_as_many_objects_are_found_as_are_named(database: Database, count: int) -> None:
    fill(database, COUNT)
    with database.reading() as transaction:
        found = [
            stored.entry_uuid for stored in transaction.registry.find("DocumentEntry", by_unique_id(*range(count)))
        ]
    assert [uuid(number) for number in range(count)] == found


def test_a_statement_remembers_no_values(database: Database) -> None:
    fill(database, 8)
    with database.reading() as transaction:
        for numbers in ([0, 1, 2], [5, 6, 7], [3, 4, 99], [98, 99, 97]):
            found = [s.entry_uuid for s in transaction.registry.find("DocumentEntry", by_unique_id(*numbers))]
            assert [uuid(number) for number in numbers if number < 8] == found


def test_objects_within_a_long_list_come_oldest_first(database: Database) -> None:
    fill(database, COUNT)
    within = [uuid(number) for number in range(COUNT)]
    with database.reading() as transaction:
        found = [stored.entry_uuid for stored in transaction.registry.find("DocumentEntry", within=within)]
        assert [] == list(transaction.registry.find("DocumentEntry", within=[]))
    assert within == found


def test_a_transaction_reads_on_while_an_answer_is_read(database: Database) -> None:
    fill(database, 250)
    folder = make_folder(entry_uuid=uuid(900))
    database.write(lambda transaction: transaction.registry.insert([row_of(folder, encode_leaf(folder))]))
    with database.reading() as transaction:
        registry = transaction.registry
        both = list(zip(registry.find("DocumentEntry"), registry.find("DocumentEntry"), strict=True))
        inner = [(s.entry_uuid, len(registry.objects("Folder", [uuid(900)]))) for s in registry.find("DocumentEntry")]
    assert [uuid(number) for number in range(250)] == [one.entry_uuid for one, _ in both]
    assert all(one == other for one, other in both)
    assert [(uuid(number), 1) for number in range(250)] == inner


def test_an_answer_that_is_not_read_to_its_end_does_no_harm(database: Database) -> None:
    fill(database, 250)
    for _ in range(3):
        with database.reading() as transaction:
            objects = transaction.registry.find("DocumentEntry")
            assert uuid(0) == next(objects).entry_uuid
    with database.reading() as transaction:
        assert 250 == len(list(transaction.registry.find("DocumentEntry")))


@pytest.mark.parametrize("name", ["status", "unique_id", "$unique_id"])
def test_a_parameter_called_like_a_column_means_nothing(database: Database, name: str) -> None:
    fill(database, 1)
    query = StoredQuery(query_id="", parameters={name: (ParameterSlot((AvailabilityStatus.DEPRECATED,)),)})
    with database.reading() as transaction:
        assert 1 == len(list(transaction.registry.find("DocumentEntry", query)))
