"""ITI-86, both directions."""

from __future__ import annotations

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, REPOSITORY_UNIQUE_ID
from tests.unit.transactions.bodies import element, received
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import DocumentRequest
from xds_adapter.transactions import iti43, iti86
from xds_adapter.vocabulary.namespaces import RMD

ONE = DocumentRequest(repository_unique_id=REPOSITORY_UNIQUE_ID, document_unique_id=DOCUMENT_UNIQUE_ID)
OTHER = DocumentRequest(repository_unique_id="1.2", document_unique_id="1.2^<&>", home_community_id="urn:oid:1.2")


@pytest.mark.parametrize("requests", [[ONE], [ONE, OTHER, ONE]], ids=["one", "several"])
def test_a_request_is_read_as_it_was_written(requests: list[DocumentRequest]) -> None:
    body = iti86.encode_request(requests)
    assert (requests, ()) == (iti86.decode_request(received(body)), body.attachments)


def test_a_request_without_documents_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="needs rmd:RemoveDocumentsRequest with xds:DocumentRequest"):
        iti86.decode_request(element(f'<rmd:RemoveDocumentsRequest xmlns:rmd="{RMD}"/>'))


def test_a_retrieve_is_no_removal() -> None:
    with pytest.raises(MalformedMessage, match="needs rmd:RemoveDocumentsRequest"):
        iti86.decode_request(received(iti43.encode_request([ONE])))


def test_a_document_without_id_is_malformed() -> None:
    xml = "".join(iti86.encode_request([ONE]).xml).replace(DOCUMENT_UNIQUE_ID, " ")
    with pytest.raises(MalformedMessage, match="needs RepositoryUniqueId and DocumentUniqueId"):
        iti86.decode_request(element(xml))
