"""What metadata need of a document, read from as little of it as possible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cda_cases import built
from xds_adapter.cda.description import Description, describe, read_description
from xds_adapter.cda.document import read_document
from xds_adapter.cda.metadata import document_entry
from xds_adapter.errors import CdaInvalid
from xds_adapter.vocabulary.cda import DCM, LOINC, SNOMED_CT

LEVEL_1 = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3">{}<component><nonXMLBody><realmCode code="FR"/>'
    '<text mediaType=" image/jpeg " representation="B64">QUJD</text></nonXMLBody></component></ClinicalDocument>'
)
TEMPLATE = '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'


def both(document: bytes) -> Description:
    """The description of the tree and that of the pieces, which must be the same."""
    found = describe(read_document(document))
    assert found == read_description(lambda: [document])
    return found


def test_the_media_type_of_a_level_1_body_is_read() -> None:
    assert "image/jpeg" == both(LEVEL_1.format(TEMPLATE).encode()).body_media_type


def test_a_structured_body_has_no_media_type() -> None:
    """Whatever the template says of it."""
    assert (
        "" == both(built("imaging-report").replace(b"<realmCode", TEMPLATE.encode() + b"<realmCode", 1)).body_media_type
    )
    document = f'<ClinicalDocument xmlns="urn:hl7-org:v3">{TEMPLATE}</ClinicalDocument>'.encode()
    assert "" == both(document).body_media_type


def test_the_body_of_a_level_1_document_is_not_read() -> None:
    """Its start tag is enough: what follows is not asked for."""
    head = LEVEL_1.format(TEMPLATE).split("QUJD")[0].encode()

    def pieces() -> Iterator[bytes]:
        yield head
        pytest.fail("the body was asked for")

    assert "image/jpeg" == read_description(pieces).body_media_type


def test_the_body_of_a_report_is_not_read() -> None:
    head, body = built("imaging-report").split(b"<structuredBody>", 1)

    def pieces() -> Iterator[bytes]:
        yield head
        yield body[:10]
        pytest.fail("the body was asked for")

    assert "imaging" not in read_description(pieces).mime_type


def test_a_request_is_found_by_what_it_asks_for() -> None:
    """Modalities and sites of its exams join its event codes, each under its own code system."""
    description = both(built("imaging-request"))
    codes = [(code.code, code.scheme) for code in document_entry(description).entry.event_code_list]
    assert ("55115-0", LOINC) == codes[0]
    asked = dict.fromkeys((concept.code, concept.system) for concept in description.requested)
    assert list(asked) == codes[-len(asked) :]
    assert {DCM, SNOMED_CT} <= {system for _, system in asked}
    assert () == both(built("imaging-report")).requested


@pytest.mark.parametrize("name", ["stylesheet", "transform"])
def test_a_document_in_its_stylesheet_has_that_media_type(name: str) -> None:
    """A self-presenting document is a stylesheet around the document; its metadata are the document's."""
    inner = built("imaging-report").split(b"?>", 1)[1]
    document = (
        f'<xsl:{name} version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"/>'.encode()
        + inner
        + f"</xsl:{name}>".encode()
    )
    description = both(document)
    assert "application/xslt+xml" == description.mime_type
    entry, plain = document_entry(description).entry, document_entry(both(built("imaging-report"))).entry
    assert ("application/xslt+xml", plain.unique_id, plain.authors) == (entry.mime_type, entry.unique_id, entry.authors)


def test_a_stylesheet_alone_is_no_document() -> None:
    with pytest.raises(CdaInvalid, match="stylesheet, not ClinicalDocument"):
        read_description(lambda: [b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>'])
