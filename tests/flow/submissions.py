"""Submissions and their messages: each has uniqueIds of its own, by its number."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.factories import make_document_entry, make_submission, make_submission_set
from xds_adapter.model import Submission, SubmittedDocument
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, BytesContent, MtomMessage, new_message_id, write_envelope
from xds_adapter.transactions import iti41
from xds_adapter.transactions.body import Body
from xds_adapter.vocabulary.transactions import ITI_41, Transaction

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


def mtom(submission: Submission, change: Change = str) -> Message:
    """An ITI-41 as MTOM; `change` edits its body."""
    body = iti41.encode_request(submission)
    envelope = _envelope(change("".join(body.xml)), ITI_41)
    sent = MtomMessage(envelope, [(a.cid, a.mime_type, a.content) for a in body.attachments], ITI_41.request_action)
    return sent.content_type, b"".join(sent.chunks())


def inline(submission: Submission, change: Change = str) -> Message:
    """An ITI-41 as plain SOAP, documents as base64 text; `change` edits its body before they are put in."""
    body = iti41.encode_request(submission)
    xml = change("".join(body.xml))
    for attachment in body.attachments:
        xml = xml.replace(attachment.include, base64.b64encode(b"".join(attachment.content.chunks())).decode())
    return SIMPLE_CONTENT_TYPE, _envelope(xml, ITI_41)


def plain(body: Body, transaction: Transaction, change: Change = str) -> Message:
    """Any request without documents as plain SOAP."""
    return SIMPLE_CONTENT_TYPE, _envelope(change("".join(body.xml)), transaction)


def _envelope(xml: str, transaction: Transaction) -> bytes:
    return write_envelope(
        (xml,), action=transaction.request_action, message_id=new_message_id(), to="http://127.0.0.1/xds"
    )
