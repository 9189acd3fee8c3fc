"""Two submissions at the same moment: of those that exclude each other one wins, and the other learns why."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from tests.factories import make_association, make_document_entry, make_folder, make_submission, make_submission_set
from tests.flow.running import HttpAnswer, Site, post, rows, running
from tests.flow.submissions import mtom, numbered, plain, unique_id
from xds_adapter.datatypes import new_uuid_urn
from xds_adapter.model import Submission
from xds_adapter.transactions import iti42
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.transactions import ITI_42

CLIENTS = 4
ROUNDS = 6
NUMBERS = itertools.count(1)
Request = tuple[str, str, bytes]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("races") / "data") as site:
        yield site


def at_once(requests: Sequence[Request]) -> list[HttpAnswer]:
    """Send all of them at the same moment."""
    barrier = threading.Barrier(len(requests))
    answers: list[HttpAnswer] = []

    def send(request: Request) -> None:
        barrier.wait()
        answers.append(post(*request))

    threads = [threading.Thread(target=send, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def provided(site: Site, submission: Submission) -> Request:
    return (site.repository, *mtom(submission))


def registered(site: Site, submission: Submission) -> Request:
    return (site.registry, *plain(iti42.encode_request(submission), ITI_42))


def outcomes(answers: Sequence[HttpAnswer]) -> Counter[tuple[str, ...]]:
    """How often each outcome came: the status word, and the error codes."""
    return Counter((answer.status_word, *answer.codes) for answer in answers)


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


def held(entry_uuid: str, folder_uuid: str) -> Submission:
    """A document in a folder of its own."""
    number = next(NUMBERS)
    links = ((("L1", "SubmissionSet01", folder_uuid)), ("L2", folder_uuid, entry_uuid), ("L3", "SubmissionSet01", "L2"))
    return make_submission(
        submission_set=make_submission_set(unique_id=f"1.2.250.1.999.40.{number}"),
        document_entries=(make_document_entry(entry_uuid=entry_uuid, unique_id=unique_id(number)),),
        folders=(make_folder(entry_uuid=folder_uuid, unique_id=f"1.2.250.1.999.41.{number}"),),
        associations=(
            make_association(target_object=entry_uuid),
            *(
                make_association(
                    entry_uuid=uuid, source_object=source, target_object=target, submission_set_status=None
                )
                for uuid, source, target in links
            ),
        ),
    )


def replacing(entry_uuid: str) -> Submission:
    number = next(NUMBERS)
    rplc = make_association(
        entry_uuid="Replacement",
        association_type=AssociationType.RPLC,
        source_object="Document01",
        target_object=entry_uuid,
        submission_set_status=None,
    )
    submission = make_submission(
        submission_set=make_submission_set(unique_id=f"1.2.250.1.999.40.{number}"),
        document_entries=(make_document_entry(unique_id=unique_id(number)),),
    )
    return replace(submission, associations=(*submission.associations, rplc))


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
    requests = []
    for _ in range(CLIENTS):
        submission = replacing(old)
        membership = make_association(
            entry_uuid="M", source_object=folder, target_object="Document01", submission_set_status=None
        )
        link = make_association(entry_uuid="N", target_object="M", submission_set_status=None)
        links = (submission.associations[0], membership, link)
        requests.append(registered(site, replace(submission, associations=links)))
    assert {("Success",): CLIENTS} == outcomes(at_once(requests))
    count = f"SELECT count(*) FROM association WHERE source_object = '{folder}'"
    assert [(1 + CLIENTS,)] == rows(site.data, count)
