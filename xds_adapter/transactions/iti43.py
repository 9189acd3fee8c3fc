"""ITI-43 Retrieve Document Set.

Source: IHE ITI TF-2 3.43.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from xds_adapter.ebxml import decode_outcome, encode_outcome
from xds_adapter.ebxml.text import escape
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import DocumentRequest, Outcome, RetrievedDocument
from xds_adapter.transactions.body import Attachment, Body, Resolve
from xds_adapter.vocabulary.namespaces import RS, XDS, qname

_REQUEST = qname(XDS, "RetrieveDocumentSetRequest")
_RESPONSE = qname(XDS, "RetrieveDocumentSetResponse")
_DOCUMENT_REQUEST = qname(XDS, "DocumentRequest")
_DOCUMENT_RESPONSE = qname(XDS, "DocumentResponse")
_REGISTRY_RESPONSE = qname(RS, "RegistryResponse")
_HOME = qname(XDS, "HomeCommunityId")
_REPOSITORY = qname(XDS, "RepositoryUniqueId")
_DOCUMENT_ID = qname(XDS, "DocumentUniqueId")
_NEW_REPOSITORY = qname(XDS, "NewRepositoryUniqueId")
_NEW_DOCUMENT_ID = qname(XDS, "NewDocumentUniqueId")
_MIME_TYPE = qname(XDS, "mimeType")
_DOCUMENT = qname(XDS, "Document")


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<xds:{name}>{escape(text)}</xds:{name}>"


def _text(parent: etree._Element, name: str) -> str | None:
    text = (parent.findtext(name) or "").strip()
    return text or None


def encode_request(requests: Sequence[DocumentRequest]) -> Body:
    """Write xds:RetrieveDocumentSetRequest."""
    start = f'<xds:RetrieveDocumentSetRequest xmlns:xds="{XDS}">'
    return Body((start, encode_document_requests(requests), "</xds:RetrieveDocumentSetRequest>"))


def encode_document_requests(requests: Sequence[DocumentRequest]) -> str:
    """Write an xds:DocumentRequest for each document; the prefix ``xds`` is bound outside."""
    return "".join(
        f"<xds:DocumentRequest>{_element('HomeCommunityId', request.home_community_id)}"
        f"{_element('RepositoryUniqueId', request.repository_unique_id)}"
        f"{_element('DocumentUniqueId', request.document_unique_id)}</xds:DocumentRequest>"
        for request in requests
    )


def decode_request(element: etree._Element) -> list[DocumentRequest]:
    """Read xds:RetrieveDocumentSetRequest.

    Raises:
        MalformedMessage: The body is another message, asks for nothing, or a request lacks an id.
    """
    return decode_document_requests(element, _REQUEST, "xds:RetrieveDocumentSetRequest")


def decode_document_requests(element: etree._Element, name: str, shown: str) -> list[DocumentRequest]:
    """Read the xds:DocumentRequest children of a request.

    Args:
        element: The request.
        name: What it must be, in Clark notation.
        shown: The same for a reader.

    Raises:
        MalformedMessage: The element is another, it asks for nothing, or a document lacks an id.
    """
    children = list(element.iterchildren(_DOCUMENT_REQUEST))
    if element.tag != name or not children:
        raise MalformedMessage(f"the message needs {shown} with xds:DocumentRequest")
    requests = []
    for child in children:
        repository, document = _text(child, _REPOSITORY), _text(child, _DOCUMENT_ID)
        if repository is None or document is None:
            raise MalformedMessage("xds:DocumentRequest needs RepositoryUniqueId and DocumentUniqueId")
        home = _text(child, _HOME)
        requests.append(
            DocumentRequest(repository_unique_id=repository, document_unique_id=document, home_community_id=home)
        )
    return requests


def encode_response(outcome: Outcome, documents: Sequence[RetrievedDocument]) -> Body:
    """Write xds:RetrieveDocumentSetResponse, each document beside it as an attachment."""
    attachments = tuple(Attachment.of(document.content, document.mime_type) for document in documents)

    def pieces() -> Iterator[str]:
        yield f'<xds:RetrieveDocumentSetResponse xmlns:xds="{XDS}">{encode_outcome(outcome)}'
        for document, attachment in zip(documents, attachments, strict=True):
            yield (
                f"<xds:DocumentResponse>{_element('HomeCommunityId', document.home_community_id)}"
                f"{_element('RepositoryUniqueId', document.repository_unique_id)}"
                f"{_element('DocumentUniqueId', document.document_unique_id)}"
                f"{_element('NewRepositoryUniqueId', document.new_repository_unique_id)}"
                f"{_element('NewDocumentUniqueId', document.new_document_unique_id)}"
                f"{_element('mimeType', document.mime_type)}"
                f"<xds:Document>{attachment.include}</xds:Document></xds:DocumentResponse>"
            )
        yield "</xds:RetrieveDocumentSetResponse>"

    return Body(tuple(pieces()), attachments)


def decode_response(element: etree._Element, resolve: Resolve) -> tuple[Outcome, list[RetrievedDocument]]:
    """Read xds:RetrieveDocumentSetResponse.

    Args:
        element: The content of soap:Body.
        resolve: Gives the bytes of an xds:Document.

    Raises:
        RemoteFault: The body is another message, or lacks what it needs.
        MalformedMessage: A document cannot be resolved.
    """
    response = element.find(_REGISTRY_RESPONSE)
    if element.tag != _RESPONSE or response is None:
        raise RemoteFault("the answer is no xds:RetrieveDocumentSetResponse with rs:RegistryResponse")
    return decode_outcome(response), [_retrieved(child, resolve) for child in element.iterchildren(_DOCUMENT_RESPONSE)]


def _retrieved(element: etree._Element, resolve: Resolve) -> RetrievedDocument:
    document = element.find(_DOCUMENT)
    repository, document_id = _text(element, _REPOSITORY), _text(element, _DOCUMENT_ID)
    if document is None or repository is None or document_id is None:
        raise RemoteFault("an xds:DocumentResponse of the answer lacks its ids or its Document")
    return RetrievedDocument(
        repository_unique_id=repository,
        document_unique_id=document_id,
        home_community_id=_text(element, _HOME),
        new_repository_unique_id=_text(element, _NEW_REPOSITORY),
        new_document_unique_id=_text(element, _NEW_DOCUMENT_ID),
        mime_type=_text(element, _MIME_TYPE) or "application/octet-stream",
        content=resolve(document),
    )
