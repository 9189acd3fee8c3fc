"""Two submissions at the same moment: of those that exclude each other one wins, and the other learns why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flow.racing import NUMBERS, adding, at_once, held, outcomes, provided, registered, replacing
from tests.flow.running import Site, rows, running
from tests.flow.submissions import numbered, unique_id
from xds_adapter.datatypes import new_uuid_urn

CLIENTS = 4
ROUNDS = 6


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("races") / "data") as site:
        yield site


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_the_same_set_one_is_stored(site: Site, _round: int) -> None:
    of_set = next(NUMBERS)
    answers = at_once([provided(site, numbered(next(NUMBERS), b"<a/>", set_number=of_set)) for _ in range(CLIENTS)])
    lost = ("Failure", "XDSDuplicateUniqueIdInRegistry")
    assert {("Success",): 1, lost: CLIENTS - 1} == outcomes(answers)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_one_document_id_with_other_bytes_one_is_stored(site: Site, _round: int) -> None:
    number = next(NUMBERS)
    contents = [f"<a>{client}</a>".encode() for client in range(CLIENTS)]
    answers = at_once([provided(site, numbered(number, content, set_number=next(NUMBERS))) for content in contents])
    assert {("Success",): 1, ("Failure", "XDSNonIdenticalHash"): CLIENTS - 1} == outcomes(answers)
    found = rows(site.data, f"SELECT count(*) FROM document_entry WHERE unique_id = '{unique_id(number)}'")
    assert [(1,)] == found


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_document_id_with_equal_bytes_is_accepted_every_time(site: Site, _round: int) -> None:
    number = next(NUMBERS)
    answers = at_once([provided(site, numbered(number, b"<same/>", set_number=next(NUMBERS))) for _ in range(CLIENTS)])
    assert {("Success",): CLIENTS} == outcomes(answers)
    found = rows(site.data, f"SELECT count(*) FROM document_entry WHERE unique_id = '{unique_id(number)}'")
    assert [(CLIENTS,)] == found


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_the_replacements_of_one_document_one_wins(site: Site, _round: int) -> None:
    old, folder = new_uuid_urn(), new_uuid_urn()
    assert {("Success",): 1} == outcomes(at_once([registered(site, held(old, folder))]))
    answers = at_once([registered(site, replacing(old)) for _ in range(CLIENTS)])
    lost = ("Failure", "XDSRegistryDeprecatedDocumentError")
    assert {("Success",): 1, lost: CLIENTS - 1} == outcomes(answers)
    # The old document and the winner.
    assert [(2,)] == rows(site.data, f"SELECT count(*) FROM association WHERE source_object = '{folder}'")


def test_documents_put_into_one_folder_at_once_are_all_in_it(site: Site) -> None:
    old, folder = new_uuid_urn(), new_uuid_urn()
    at_once([registered(site, held(old, folder))])
    answers = at_once([registered(site, adding(folder)) for _ in range(CLIENTS)])
    assert {("Success",): CLIENTS} == outcomes(answers)
    count = f"SELECT count(*) FROM association WHERE source_object = '{folder}'"
    assert [(1 + CLIENTS,)] == rows(site.data, count)
