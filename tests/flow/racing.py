"""Requests that are sent at the same moment, and submissions that exclude each other."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from tests.factories import make_association, make_document_entry, make_folder, make_submission, make_submission_set
from tests.flow.running import HttpAnswer, post
from tests.flow.submissions import mtom, plain, unique_id
from xds_adapter.model import Submission
from xds_adapter.transactions import iti42
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.transactions import ITI_42

NUMBERS = itertools.count(1)
Request = tuple[str, str, bytes]


class Endpoints(Protocol):
    """A server, in this process or in one of its own."""

    @property
    def registry(self) -> str: ...

    @property
    def repository(self) -> str: ...


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


def provided(site: Endpoints, submission: Submission) -> Request:
    return (site.repository, *mtom(submission))


def registered(site: Endpoints, submission: Submission) -> Request:
    return (site.registry, *plain(iti42.encode_request(submission), ITI_42))


def outcomes(answers: Sequence[HttpAnswer]) -> Counter[tuple[str, ...]]:
    """How often each outcome came: the status word, and the error codes."""
    return Counter((answer.status_word, *answer.codes) for answer in answers)


def held(entry_uuid: str, folder_uuid: str, *, folder_number: int | None = None) -> Submission:
    """A document in a new folder, whose uniqueId ends with `folder_number`."""
    number = next(NUMBERS)
    of_folder = number if folder_number is None else folder_number
    links = ((("L1", "SubmissionSet01", folder_uuid)), ("L2", folder_uuid, entry_uuid), ("L3", "SubmissionSet01", "L2"))
    return make_submission(
        submission_set=make_submission_set(unique_id=f"1.2.250.1.999.40.{number}"),
        document_entries=(make_document_entry(entry_uuid=entry_uuid, unique_id=unique_id(number)),),
        folders=(make_folder(entry_uuid=folder_uuid, unique_id=f"1.2.250.1.999.41.{of_folder}"),),
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


def registering() -> Submission:
    """A new document."""
    number = next(NUMBERS)
    return make_submission(
        submission_set=make_submission_set(unique_id=f"1.2.250.1.999.40.{number}"),
        document_entries=(make_document_entry(unique_id=unique_id(number)),),
    )


def replacing(entry_uuid: str) -> Submission:
    """A new document that replaces another."""
    rplc = make_association(
        entry_uuid="Replacement",
        association_type=AssociationType.RPLC,
        source_object="Document01",
        target_object=entry_uuid,
        submission_set_status=None,
    )
    submission = registering()
    return replace(submission, associations=(*submission.associations, rplc))


def adding(folder_uuid: str) -> Submission:
    """A new document in a folder that is there."""
    submission = registering()
    membership = make_association(
        entry_uuid="M", source_object=folder_uuid, target_object="Document01", submission_set_status=None
    )
    link = make_association(entry_uuid="N", target_object="M", submission_set_status=None)
    return replace(submission, associations=(*submission.associations, membership, link))
