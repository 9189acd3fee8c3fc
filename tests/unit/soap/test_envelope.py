"""Envelopes and faults, read and written."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.unit.soap.packages import SOAP_NS, WSA_NS, make_envelope
from xds_adapter import xmlio
from xds_adapter.errors import MalformedMessage, MustUnderstand, VersionMismatch
from xds_adapter.soap import (
    WS_ADDRESSING_HEADERS,
    Envelope,
    FaultCode,
    fault_http_status,
    new_message_id,
    read_envelope,
    read_fault,
    write_envelope,
    write_fault,
)

ACTION = "<w:Action>urn:a</w:Action>"
ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
SECURITY = '<x:Security xmlns:x="urn:x" {}/>'


def read(header: str | None = None, body: str | None = None) -> Envelope:
    return read_envelope(xmlio.parse(make_envelope(header=header, body=body)))


def test_read_request() -> None:
    """All addressing values are read, without white space around them."""
    envelope = read(
        '<w:Action s:mustUnderstand="1"> urn:a\n</w:Action><w:MessageID> urn:uuid:1 </w:MessageID><w:To>http://t</w:To>'
        "<w:ReplyTo><w:Address> http://r </w:Address></w:ReplyTo><w:FaultTo><w:Address>http://f</w:Address></w:FaultTo>"
        '<w:RelatesTo RelationshipType="urn:other">urn:0</w:RelatesTo><w:RelatesTo>urn:uuid:0</w:RelatesTo>'
    )
    assert (envelope.action, envelope.message_id, envelope.to) == ("urn:a", "urn:uuid:1", "http://t")
    assert (envelope.reply_to, envelope.fault_to, envelope.relates_to) == ("http://r", "http://f", "urn:uuid:0")
    assert envelope.header is not None
    assert envelope.body.tag == "p"


def test_read_the_least() -> None:
    """Only Action is needed."""
    envelope = read(ACTION)
    assert (envelope.message_id, envelope.to, envelope.reply_to, envelope.relates_to) == (None, None, None, None)


@pytest.mark.parametrize(
    ("header", "body", "reason"),
    [
        (ACTION, "", "has no Body"),
        (ACTION, "<a/>", "has no Body"),
        (ACTION, "<s:Body><p/></s:Body><s:Body><p/></s:Body>", "an element after its Body"),
        (ACTION, "<s:Body/>", "the SOAP Body is empty"),
        (ACTION, "<s:Body> text </s:Body>", "the SOAP Body is empty"),
        (ACTION, "<s:Body><p/><p/></s:Body>", "holds several elements"),
        (ACTION, "<s:Body>x<p/></s:Body>", "holds text"),
        (ACTION, "<s:Body><p/>x</s:Body>", "holds text"),
        ("", None, "wsa:Action is missing"),
        ("<w:Action> </w:Action>", None, "wsa:Action is missing"),
        (ACTION + ACTION, None, "wsa:Action is given twice"),
        (ACTION + "<w:To>a</w:To><w:To>a</w:To>", None, "wsa:To is given twice"),
        (ACTION + "<w:MessageID>a</w:MessageID><w:MessageID>a</w:MessageID>", None, "wsa:MessageID is given twice"),
        (ACTION + "<w:ReplyTo/>", None, "wsa:ReplyTo needs one Address"),
        (ACTION + "<w:RelatesTo>a</w:RelatesTo><w:RelatesTo>b</w:RelatesTo>", None, "a reply to several messages"),
        (ACTION + SECURITY.format('s:mustUnderstand="yes"'), None, "not a boolean"),
    ],
)
def test_refused(header: str, body: str | None, reason: str) -> None:
    """Each broken rule is named."""
    with pytest.raises(MalformedMessage, match=reason):
        read(header, body)


def test_no_header() -> None:
    """An envelope without any header lacks its action, and says so with the subcode of WS-Addressing."""
    xml = f'<s:Envelope xmlns:s="{SOAP_NS}"><s:Body><p/></s:Body></s:Envelope>'.encode()
    with pytest.raises(MalformedMessage) as refusal:
        read_envelope(xmlio.parse(xml))
    assert refusal.value.subcode == "MessageAddressingHeaderRequired"


def test_header_that_is_repeated() -> None:
    """A repeated header has the subcode of WS-Addressing."""
    with pytest.raises(MalformedMessage) as refusal:
        read(ACTION + ACTION)
    assert refusal.value.subcode == "InvalidAddressingHeader"


@pytest.mark.parametrize(
    ("namespace", "error"),
    [("http://schemas.xmlsoap.org/soap/envelope/", VersionMismatch), ("urn:x", VersionMismatch)],
)
def test_other_soap_version(namespace: str, error: type[MalformedMessage]) -> None:
    """An envelope of another version is told which one is needed."""
    with pytest.raises(error, match=r"SOAP 1\.2 is needed"):
        read_envelope(xmlio.parse(f'<Envelope xmlns="{namespace}"/>'.encode()))


def test_no_envelope() -> None:
    """Any other XML is no SOAP message."""
    with pytest.raises(MalformedMessage, match=r"the root element is html, not a SOAP 1\.2 Envelope"):
        read_envelope(xmlio.parse(b"<html/>"))


@pytest.mark.parametrize(
    "attributes",
    [
        's:mustUnderstand="1"',
        's:mustUnderstand=" true "',
        's:mustUnderstand="1" s:role=""',
        f's:mustUnderstand="1" s:role="{SOAP_NS}/role/next"',
        f's:mustUnderstand="1" s:role="{SOAP_NS}/role/ultimateReceiver"',
    ],
)
def test_must_understand(attributes: str) -> None:
    """A mandatory header block for us that nobody here knows stops the message."""
    with pytest.raises(MustUnderstand, match=r"\{urn:x\}Security is not understood"):
        read(ACTION + SECURITY.format(attributes))


@pytest.mark.parametrize(
    "attributes",
    ["", 's:mustUnderstand="0"', 's:mustUnderstand="false"', 's:mustUnderstand="1" s:role="urn:somebody"'],
)
def test_optional_header_blocks(attributes: str) -> None:
    """Header blocks that are optional or for others are passed over."""
    assert read(ACTION + SECURITY.format(attributes)).action == "urn:a"


def test_caller_understands_more() -> None:
    """The caller says which header blocks it processes."""
    xml = xmlio.parse(make_envelope(header=ACTION + SECURITY.format('s:mustUnderstand="1"')))
    assert read_envelope(xml, understood=WS_ADDRESSING_HEADERS | {"{urn:x}Security"}).action == "urn:a"


def test_write_request() -> None:
    """A request asks for the answer on the same connection; only Action is mandatory."""
    message_id = new_message_id()
    xml = xmlio.parse(write_envelope(b"<p/>", action="urn:a", message_id=message_id, to="http://h/?a=1&b=<"))
    envelope = read_envelope(xml)
    assert (envelope.action, envelope.message_id, envelope.to) == ("urn:a", message_id, "http://h/?a=1&b=<")
    assert (envelope.reply_to, envelope.relates_to) == (ANONYMOUS, None)
    assert envelope.header is not None
    marks = {etree.QName(block).localname: block.get(f"{{{SOAP_NS}}}mustUnderstand") for block in envelope.header}
    assert marks == {"Action": "true", "MessageID": None, "To": None, "ReplyTo": None}


def test_write_response() -> None:
    """A response relates to its request and wants no answer."""
    xml = write_envelope(["<p>", b"\xc3\xa9", "è</p>"], action="b", relates_to="urn:1", must_understand=False)
    envelope = read_envelope(xmlio.parse(xml))
    assert (envelope.relates_to, envelope.reply_to, envelope.message_id) == ("urn:1", None, None)
    assert envelope.body.text == "éè"
    assert b"mustUnderstand" not in xml


def test_write_asynchronous() -> None:
    """Another reply address and further header blocks are written as given."""
    xml = write_envelope("<p/>", action="a", message_id="m", reply_to="http://r", header_xml=b"<h/>")
    envelope = read_envelope(xmlio.parse(xml))
    assert envelope.reply_to == "http://r"
    assert envelope.header is not None
    assert envelope.header[-1].tag == "h"


@pytest.mark.parametrize(
    ("code", "status"), [("Sender", 400), ("Receiver", 500), ("MustUnderstand", 500), ("VersionMismatch", 500)]
)
def test_fault(code: FaultCode, status: int) -> None:
    """A fault can be read back; its status follows the HTTP binding."""
    xml = write_fault(code, "a < b & \x01", relates_to="urn:1")
    envelope = read_envelope(xmlio.parse(xml))
    assert read_fault(envelope.body) == (code, "a < b & \ufffd")
    assert (envelope.relates_to, envelope.action) == ("urn:1", f"{WSA_NS}/soap/fault")
    assert b'xml:lang="en"' in xml
    assert (b"Upgrade" in xml) == (code == "VersionMismatch")
    assert fault_http_status(code) == status


@pytest.mark.parametrize(
    ("subcode", "namespace", "action"),
    [
        ("ActionNotSupported", WSA_NS, f"{WSA_NS}/fault"),
        ("MessageAddressingHeaderRequired", WSA_NS, f"{WSA_NS}/fault"),
        ("Busy", "urn:xds-adapter:fault", f"{WSA_NS}/soap/fault"),
    ],
)
def test_fault_subcode(subcode: str, namespace: str, action: str) -> None:
    """A subcode is in the namespace of WS-Addressing, or in the package's own."""
    envelope = read_envelope(xmlio.parse(write_fault("Sender", "r", subcode=subcode)))
    value = envelope.body[0][1][0]
    assert value.text is not None
    prefix, _, local = value.text.partition(":")
    assert (value.nsmap[prefix], local) == (namespace, subcode)
    assert envelope.action == action
    assert read_fault(envelope.body) == (subcode, "r")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ('<x:A xmlns:x="urn:x" b="1">c</x:A> <y:B xmlns:y="urn:y"/>', ["{urn:x}A", "{urn:y}B"]),
        ("<wsa:Action>urn:other</wsa:Action><s:Fault/><plain/>", []),
        ("", []),
    ],
)
def test_reference_parameters_become_header_blocks(parameters: str, expected: list[str]) -> None:
    """What a requester wants to be told comes back as header blocks, but not as headers of ours."""
    request = write_envelope("<a/>", action="urn:a", message_id="urn:1", reply_to="http://a.example/")
    inside = f"</wsa:Address><wsa:ReferenceParameters>{parameters}</wsa:ReferenceParameters>"
    envelope = read_envelope(xmlio.parse(request.replace(b"</wsa:Address>", inside.encode())))
    answer = write_envelope("<b/>", action="urn:b", relates_to="urn:1", header_xml=envelope.reply_parameters)
    header = read_envelope(xmlio.parse(answer)).header
    assert header is not None
    assert [block.tag for block in header if block.get(f"{{{WSA_NS}}}IsReferenceParameter") == "true"] == expected


def test_a_subcode_stands_within_the_one_that_it_refines() -> None:
    """OnlyAnonymousAddressSupported is a kind of InvalidAddressingHeader."""
    envelope = read_envelope(xmlio.parse(write_fault("Sender", "r", subcode="OnlyAnonymousAddressSupported")))
    outer = envelope.body[0][1]
    assert [outer[0].text, outer[1][0].text] == ["f:InvalidAddressingHeader", "f:OnlyAnonymousAddressSupported"]
    assert {outer[0].nsmap["f"], outer[1][0].nsmap["f"]} == {WSA_NS}
    assert read_fault(envelope.body) == ("OnlyAnonymousAddressSupported", "r")


def test_a_fault_on_a_connection_of_its_own_has_its_own_id_and_address() -> None:
    """It is addressed like any other message."""
    xml = write_fault("Sender", "r", relates_to="urn:1", message_id="urn:2", to="http://a.example/")
    envelope = read_envelope(xmlio.parse(xml))
    found = (envelope.relates_to, envelope.message_id, envelope.to, envelope.reply_to)
    assert found == ("urn:1", "urn:2", "http://a.example/", None)


def test_fault_action() -> None:
    """The action of a fault can be given."""
    assert read_envelope(xmlio.parse(write_fault("Sender", "r", action="urn:f"))).action == "urn:f"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", ("", "")),
        ("<s:Code><s:Value>Sender</s:Value></s:Code>", ("Sender", "")),
        ('<s:Reason><s:Text xml:lang="fr">non</s:Text><s:Text xml:lang="en-GB">no</s:Text></s:Reason>', ("", "no")),
        ("<s:Reason><s:Text> no </s:Text></s:Reason>", ("", "no")),
        ("<s:Reason><s:Text/></s:Reason>", ("", "")),
    ],
)
def test_read_fault_of_a_peer(content: str, fault: tuple[str, str]) -> None:
    """What a peer in trouble leaves out is empty, its action included."""
    envelope = read("", f"<s:Body><s:Fault>{content}</s:Fault></s:Body>")
    assert envelope.action == ""
    assert read_fault(envelope.body) == fault


def test_read_fault_of_another_payload() -> None:
    """Any other payload is no fault."""
    assert read_fault(read(ACTION).body) is None
