"""ITI-86 Remove Documents.

Source: IHE ITI Remove Metadata and Documents 3.86.4.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from xds_adapter.model import DocumentRequest
from xds_adapter.transactions.body import Body
from xds_adapter.transactions.iti42 import decode_response, encode_response
from xds_adapter.transactions.iti43 import decode_document_requests, encode_document_requests
from xds_adapter.vocabulary.namespaces import RMD, XDS, qname

__all__ = ["decode_request", "decode_response", "encode_request", "encode_response"]

_REQUEST = qname(RMD, "RemoveDocumentsRequest")


def encode_request(requests: Sequence[DocumentRequest]) -> Body:
    """Write rmd:RemoveDocumentsRequest."""
    start = f'<rmd:RemoveDocumentsRequest xmlns:rmd="{RMD}" xmlns:xds="{XDS}">'
    return Body((start, encode_document_requests(requests), "</rmd:RemoveDocumentsRequest>"))


def decode_request(element: etree._Element) -> list[DocumentRequest]:
    """Read rmd:RemoveDocumentsRequest.

    Raises:
        MalformedMessage: The body is another message, names nothing, or a document lacks an id.
    """
    return decode_document_requests(element, _REQUEST, "rmd:RemoveDocumentsRequest")
