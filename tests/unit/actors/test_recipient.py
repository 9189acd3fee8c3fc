"""The Document Recipient: all or nothing, the same again, and a disk that fails."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_folder
from tests.flow.submissions import numbered
from tests.unit.storage.test_inbox import Broken
from xds_adapter.actors import DocumentRecipient
from xds_adapter.errors import StorageUnavailable
from xds_adapter.model import Outcome, Submission, SubmittedDocument
from xds_adapter.storage import Inbox
from xds_adapter.vocabulary.status import ResponseStatus

METADATA = b"<metadata/>"


def received(folder: Path, submission: Submission, metadata: bytes = METADATA, **options: Any) -> Outcome:
    return DocumentRecipient(Inbox(folder), **options).receive(submission, metadata)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_submission_is_handed_over(tmp_path: Path) -> None:
    assert Outcome(ResponseStatus.SUCCESS) == received(tmp_path, numbered(1, b"a report"))
    assert ["1.2.250.1.999.30.1/1-1.2.250.1.999.20.1.xml", "1.2.250.1.999.30.1/metadata.xml"] == files(tmp_path)
    assert b"a report" == (tmp_path / files(tmp_path)[0]).read_bytes()


def test_the_same_may_come_again_and_another_may_not(tmp_path: Path) -> None:
    first = numbered(1, b"a report")
    assert [True, True] == [received(tmp_path, first).is_success for _ in range(2)]
    for outcome in (received(tmp_path, numbered(1, b"another")), received(tmp_path, first, b"<other/>")):
        assert [("XDR-003", "XDSDuplicateUniqueIdInRegistry")] == [(e.rule, e.code) for e in outcome.errors]
        assert ["SubmissionSet 1.2.250.1.999.30.1"] == [error.object_id for error in outcome.errors]
    assert b"a report" == (tmp_path / files(tmp_path)[0]).read_bytes()


def test_a_refusal_leaves_nothing(tmp_path: Path) -> None:
    outcome = received(tmp_path, numbered(1, b"a report", hash="0" * 40, class_code=None))
    assert ["XDR-001", "REPO-003"] == [error.rule for error in outcome.errors]
    assert [] == files(tmp_path)


def test_a_folder_is_a_warning(tmp_path: Path) -> None:
    outcome = received(tmp_path, replace(numbered(1, b"a report"), folders=(make_folder(),)))
    assert (True, ["XDR-010"]) == (outcome.is_success, [error.rule for error in outcome.errors])
    assert 2 == len(files(tmp_path))


def test_a_message_without_a_set_is_refused(tmp_path: Path) -> None:
    submission = replace(numbered(1, b"a report"), submission_set=None, associations=())
    outcome = received(tmp_path, submission)
    assert (["META-001"], []) == ([error.rule for error in outcome.errors], files(tmp_path))


def test_many_findings_are_bounded(tmp_path: Path) -> None:
    whole = numbered(1, b"a report")
    entries = tuple(replace(whole.document_entries[0], entry_uuid=f"D{n}", hash="x") for n in range(400))
    outcome = received(tmp_path, replace(whole, document_entries=entries))
    assert (1001, "META-070") == (len(outcome.errors), outcome.errors[-1].rule)


def _on(number: int) -> Submission:
    broken = SubmittedDocument(document_id="Document01", content=Broken(number))
    return replace(numbered(1, b"x"), documents=(broken,))


def test_a_full_disk_is_said_so(tmp_path: Path) -> None:
    outcome = received(tmp_path, _on(errno.ENOSPC))
    assert [("XDR-004", "XDSRepositoryOutOfResources")] == [(e.rule, e.code) for e in outcome.errors]
    assert [] == files(tmp_path)


def test_a_disk_that_fails_is_for_the_operator(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        received(tmp_path, _on(errno.EIO))
    assert [] == files(tmp_path)
