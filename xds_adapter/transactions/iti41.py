"""ITI-41 Provide and Register Document Set-b.

Source: IHE ITI TF-2 3.41.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from xds_adapter.ebxml import decode_submission, encode_submission
from xds_adapter.ebxml.text import escape
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import RegistryError, Submission, SubmittedDocument
from xds_adapter.transactions.body import Attachment, Body, Resolve
from xds_adapter.transactions.iti42 import decode_response, encode_response
from xds_adapter.vocabulary.namespaces import LCM, XDS, qname

__all__ = ["decode_request", "decode_response", "encode_request", "encode_response", "metadata_of"]

_REQUEST = qname(XDS, "ProvideAndRegisterDocumentSetRequest")
_SUBMIT_OBJECTS = qname(LCM, "SubmitObjectsRequest")
_DOCUMENT = qname(XDS, "Document")


def encode_request(submission: Submission) -> Body:
    """Write xds:ProvideAndRegisterDocumentSetRequest, each document beside it as an attachment."""
    mime_types = {entry.entry_uuid: entry.mime_type for entry in submission.document_entries}
    attachments = tuple(
        Attachment.of(document.content, mime_types.get(document.document_id) or "application/octet-stream")
        for document in submission.documents
    )

    def pieces() -> Iterator[str]:
        yield f'<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds="{XDS}">'
        yield encode_submission(submission)
        for document, attachment in zip(submission.documents, attachments, strict=True):
            yield f'<xds:Document id="{escape(document.document_id)}">{attachment.include}</xds:Document>'
        yield "</xds:ProvideAndRegisterDocumentSetRequest>"

    return Body(tuple(pieces()), attachments)


def decode_request(element: etree._Element, resolve: Resolve) -> tuple[Submission, list[RegistryError]]:
    """Read xds:ProvideAndRegisterDocumentSetRequest.

    Args:
        element: The content of soap:Body.
        resolve: Gives the bytes of an xds:Document.

    Returns:
        The submission with its documents, and what is wrong with its form.

    Raises:
        MalformedMessage: The body is another message, or a document cannot be resolved.
    """
    submit_objects = element.find(_SUBMIT_OBJECTS)
    if element.tag != _REQUEST or submit_objects is None:
        needed = "xds:ProvideAndRegisterDocumentSetRequest with lcm:SubmitObjectsRequest"
        raise MalformedMessage(f"the message needs {needed}")
    submission, errors = decode_submission(submit_objects)
    documents = tuple(
        SubmittedDocument(document_id=document.get("id", ""), content=resolve(document))
        for document in element.iterchildren(_DOCUMENT)
    )
    return replace(submission, documents=documents), errors


def metadata_of(element: etree._Element) -> bytes:
    """Write the lcm:SubmitObjectsRequest of a request as a document of its own, as it was received.

    Args:
        element: The content of soap:Body.

    Raises:
        MalformedMessage: There is none.
    """
    submit_objects = element.find(_SUBMIT_OBJECTS)
    if submit_objects is None:
        raise MalformedMessage("the message has no lcm:SubmitObjectsRequest")
    return etree.tostring(submit_objects, encoding="UTF-8", xml_declaration=True, with_tail=False)
