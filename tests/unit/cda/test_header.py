"""Reading the header of any CDA document."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cda_cases import built
from xds_adapter.cda.header import read_header
from xds_adapter.cda.metadata import document_entry
from xds_adapter.cda.validate import validate
from xds_adapter.errors import CdaInvalid, MalformedMessage

DOCUMENT = '<ClinicalDocument xmlns="urn:hl7-org:v3">{}</ClinicalDocument>'


def test_the_header_of_a_report_is_read() -> None:
    """Ids, code, patient, author, order, act and encounter come out as values."""
    header = read_header([built("imaging-report")])
    assert header.document_id is not None
    assert header.document_id.root == "1.2.250.1.999.1.9.102"
    assert header.code is not None
    assert (header.code.code, header.code.translations[0].code) == ("18748-4", "24628-0")
    assert header.patient is not None
    assert [(name.family, name.given, name.use) for name in header.patient.names] == [
        ("PAT-TROIS", "DOMINIQUE", "BR"),
        ("DUBREUIL", "DOMINIQUE", "CL"),
    ]
    (author,) = header.authors
    assert author.name is not None
    assert author.name.family == "MARTEL"
    (order,) = header.orders
    assert order.accession_number is not None
    assert (order.identifiers[0].extension, order.accession_number.extension) == ("OPN-101", "ACN-101")
    (event,) = header.service_events
    assert event.code is not None
    assert [concept.qualifiers for concept in event.code.translations] == [(), ("121139",), ("39111-0",)]
    assert (event.low, event.high) == ("20260106101000+0100", "20260106102500+0100")
    assert header.encounter_code is not None
    assert header.encounter_code.code == "EMER"


def test_values_know_where_they_stand() -> None:
    """A value carries the XPath of its element, with a number where there are several."""
    header = read_header([built("imaging-report")])
    assert header.patient is not None
    assert header.patient.identifiers[1].path == "/ClinicalDocument/recordTarget/patientRole/id[2]"


@pytest.mark.parametrize("size", [1, 3, 4096])
def test_the_size_of_the_pieces_does_not_matter(size: int) -> None:
    """A document in pieces of any size reads the same as in one."""
    document = built("imaging-request")
    pieces = (document[at : at + size] for at in range(0, len(document), size))
    assert read_header(pieces) == read_header([document])


def test_a_byte_order_mark_is_accepted() -> None:
    """Published samples start with one."""
    document = built("imaging-request")
    assert read_header([b"\xef\xbb\xbf" + document]) == read_header([document])


def test_nothing_is_read_behind_the_header() -> None:
    """The reader stops where the body starts and does not ask for the rest."""
    header, body = built("imaging-report").split(b"<structuredBody>", 1)

    def pieces() -> Iterator[bytes]:
        yield header
        yield body[:10]
        pytest.fail("the body was asked for")

    assert read_header(pieces()).title == "CR d'imagerie médicale - angioscanner thoracique"


def test_a_text_over_the_parsers_limit_does_not_matter() -> None:
    """A body text of 12 MB in the same piece as the header costs nothing."""
    body = '<title>t</title><component><nonXMLBody><text representation="B64">' + "QUJD" * 3_000_000
    document = DOCUMENT.format(f"{body}</text></nonXMLBody></component>").encode()
    assert read_header([document]).title == "t"


def test_missing_parts_are_none() -> None:
    """A document that has nothing gives a header that has nothing."""
    header = read_header([DOCUMENT.format("").encode()])
    assert (header.document_id, header.code, header.patient, header.authors) == (None, None, None, ())


def test_an_authoring_device_is_read() -> None:
    """An author may be software."""
    device = (
        "<assignedAuthoringDevice><manufacturerModelName>M</manufacturerModelName>"
        "<softwareName>S</softwareName></assignedAuthoringDevice>"
    )
    document = DOCUMENT.format(f"<author><assignedAuthor>{device}</assignedAuthor></author><author/>")
    first, second = read_header([document.encode()]).authors
    assert (first.device, second.device) == (("S", "M"), None)


def test_only_a_replaced_document_counts_as_replaced() -> None:
    """Another kind of relation is not a replacement."""
    related = '<relatedDocument typeCode="{}"><parentDocument><id root="1.2.3"/></parentDocument></relatedDocument>'
    appended, replaced = (read_header([DOCUMENT.format(related.format(kind)).encode()]) for kind in ("APND", "RPLC"))
    assert appended.replaced_document is None
    assert replaced.replaced_document is not None
    assert replaced.replaced_document.root == "1.2.3"


@pytest.mark.parametrize("document", [b"", b"no xml", b"<a>", b"<!DOCTYPE a><ClinicalDocument/>", b"<a xmlns='"])
def test_unreadable_xml_is_malformed(document: bytes) -> None:
    """What is no XML, or XML with a DTD, is refused as malformed."""
    with pytest.raises(MalformedMessage):
        read_header([document])


@pytest.mark.parametrize("document", [b"<Bundle/>", b"<ClinicalDocument/>", b"<a xmlns='urn:hl7-org:v3'/>"])
def test_another_root_is_no_cda(document: bytes) -> None:
    """XML that is no ClinicalDocument is refused as no CDA, with the root that was found."""
    with pytest.raises(CdaInvalid, match="the root element is"):
        read_header([document])


@settings(max_examples=60, deadline=None)
@given(start=st.integers(0, 9000), length=st.integers(1, 400), put=st.binary(max_size=20))
def test_a_damaged_document_never_breaks_the_readers(start: int, length: int, put: bytes) -> None:
    """Whatever is cut out or put in, the header is read or refused, and the validator answers."""
    document = built("imaging-report")
    damaged = document[:start] + put + document[start + length :]
    with contextlib.suppress(MalformedMessage, CdaInvalid):
        document_entry(read_header([damaged]))
    validate(damaged)


def test_a_code_may_stand_in_its_translation_only() -> None:
    """A code without code but with a translation, and a display in words, are kept."""
    code = '<code><originalText>mots</originalText><translation code="X" codeSystem="1.2"/></code>'
    header = read_header([DOCUMENT.format(code + '<confidentialityCode nullFlavor="NI"/>').encode()])
    assert header.code is not None
    assert (header.code.code, header.code.display, header.code.translations[0].code) == ("", "mots", "X")
    assert header.confidentiality_code is None
