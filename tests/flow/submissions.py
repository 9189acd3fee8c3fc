"""Submissions and their messages: each has uniqueIds of its own, by its number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.messages import inline, mtom
from tests.factories import make_document_entry, make_submission, make_submission_set
from xds_adapter.model import Submission, SubmittedDocument
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, BytesContent, new_message_id, write_envelope
from xds_adapter.transactions.body import Body
from xds_adapter.vocabulary.transactions import Transaction

__all__ = ["inline", "mtom", "numbered", "plain", "unique_id"]

DOCUMENT_ARC = "1.2.250.1.999.20"
SET_ARC = "1.2.250.1.999.30"

Message = tuple[str, bytes]
"""Content-Type and body of an HTTP request."""

Change = Callable[[str], str]


def unique_id(number: int) -> str:
    """The document uniqueId of submission `number`."""
    return f"{DOCUMENT_ARC}.{number}"


def numbered(number: int, content: bytes, *, set_number: int | None = None, **changes: Any) -> Submission:
    """A submission of one document, whose uniqueIds end with `number`, without size and hash.

    Args:
        number: Its number.
        content: The document.
        set_number: The number of its SubmissionSet, if another.
        changes: Attributes of the entry.
    """
    entry = make_document_entry(**{"unique_id": unique_id(number), "hash": None, "size": None, **changes})
    of_set = make_submission_set(
        unique_id=f"{SET_ARC}.{number if set_number is None else set_number}", patient_id=entry.patient_id
    )
    return make_submission(
        submission_set=of_set,
        document_entries=(entry,),
        documents=(SubmittedDocument(document_id="Document01", content=BytesContent(content)),),
    )


def plain(body: Body, transaction: Transaction, change: Change = str) -> Message:
    """Any request without documents as plain SOAP."""
    xml = change("".join(body.xml))
    return SIMPLE_CONTENT_TYPE, write_envelope(
        xml, action=transaction.request_action, message_id=new_message_id(), to="http://127.0.0.1/xds"
    )
