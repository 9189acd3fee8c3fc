"""Receiving messages: packages, plain messages, inline documents, refusals."""

from __future__ import annotations

import base64
import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
from lxml import etree

from tests.unit.soap.packages import (
    BOUNDARY,
    CONTENT_TYPE,
    ROOT_HEADERS,
    SOAP_NS,
    XOP_NS,
    cut,
    make_body,
    make_document,
    make_envelope,
    make_include,
    make_part,
    receive,
)
from xds_adapter.errors import MalformedMessage, StorageUnavailable, VersionMismatch
from xds_adapter.model import DocumentContent
from xds_adapter.soap import Limits, MessageReceiver, ReceivedMessage, read_envelope

PLAIN = "application/soap+xml; charset=UTF-8"
DOCUMENT = b"\r\n\x00\xffdocument\r\n"


def octets(content: DocumentContent) -> bytes:
    return b"".join(content.chunks())


def document_of(message: ReceivedMessage) -> DocumentContent:
    return message.resolve(read_envelope(message.envelope).body)


def make_package(content: bytes = DOCUMENT, *headers: str, href: str = "cid:d@x") -> bytes:
    root = make_part(make_envelope(make_document(make_include(href))), *ROOT_HEADERS)
    return make_body(root, make_part(content, *(headers or ("Content-ID: <d@x>",))))


@pytest.mark.parametrize("size", [1, 100, 65536])
def test_package(size: int) -> None:
    """A package gives its envelope and its documents, octet for octet."""
    with receive(make_package(), size=size) as message:
        assert message.is_mtom
        assert list(message.attachments) == ["d@x"]
        content = document_of(message)
        assert octets(content) == DOCUMENT
        assert (content.size, content.sha1) == (len(DOCUMENT), hashlib.sha1(DOCUMENT).hexdigest())
        assert content.content_id == hashlib.sha256(DOCUMENT).hexdigest()


def test_plain_message() -> None:
    """A plain message holds its documents as base64 text, white space allowed."""
    text = base64.encodebytes(DOCUMENT * 20).decode()
    with receive(make_envelope(make_document(f"\n {text} ")), PLAIN) as message:
        assert not message.is_mtom
        assert octets(document_of(message)) == DOCUMENT * 20


def test_empty_document() -> None:
    """No text is a document of no octets."""
    with receive(make_envelope(make_document("")), PLAIN) as message:
        assert octets(document_of(message)) == b""


@pytest.mark.parametrize("start", ["<root@x>", "root@x", " < root@x > "])
def test_root_named_by_start(start: str) -> None:
    """The root may come after the attachments when start names it."""
    root = make_part(make_envelope(make_document(make_include("cid:d@x"))), *ROOT_HEADERS)
    body = make_body(make_part(DOCUMENT, "Content-ID: <d@x>"), root)
    with receive(body, f'{CONTENT_TYPE}; start="{start}"') as message:
        assert octets(document_of(message)) == DOCUMENT


def test_root_without_start_and_content_id() -> None:
    """The first part is the root by default."""
    body = make_body(make_part(make_envelope(), "Content-Type: application/xop+xml"))
    with receive(body) as message:
        assert message.attachments == {}


@pytest.mark.parametrize(
    ("header", "content"),
    [
        ("binary", DOCUMENT),
        ("8BIT", DOCUMENT),
        ("7bit", DOCUMENT),
        ("Base64", base64.encodebytes(DOCUMENT)),
        ("quoted-printable", b"=0D=0A=00=FFdocu=  \r\nment  \r\n"),
    ],
)
@pytest.mark.parametrize("size", [1, 65536])
def test_transfer_encoding(header: str, content: bytes, size: int) -> None:
    """Each legal transfer encoding is undone."""
    body = make_package(content, "Content-ID: <d@x>", f"Content-Transfer-Encoding: {header}")
    with receive(body, size=size) as message:
        assert octets(document_of(message)) == DOCUMENT


@pytest.mark.parametrize("size", [1, 65536])
@pytest.mark.parametrize(
    ("encoding", "content", "reason"),
    [
        ("base64", b"QUI=" * 2, "padding|cannot be decoded"),
        ("base64", b"QUJ", "multiple of four"),
        ("base64", b"QU-D", "cannot be decoded"),
        ("quoted-printable", b"=XY", "cannot be decoded"),
        ("quoted-printable", b"=4\r\n", "cannot be decoded"),
        ("quoted-printable", b"x" * 9000, "exceeds 8192 octets|cannot be decoded"),
        ("quoted-printable", b"x" * 9000 + b"\r\n", "exceeds 8192 octets|cannot be decoded"),
    ],
)
def test_transfer_encoding_refused(encoding: str, content: bytes, reason: str, size: int) -> None:
    """An encoding that is broken gives no document."""
    with pytest.raises(MalformedMessage, match=reason):
        receive(make_package(content, "Content-ID: <d@x>", f"Content-Transfer-Encoding: {encoding}"), size=size)


def test_percent_encoded_reference() -> None:
    """A cid URL is percent-decoded before it is compared; its scheme is in any case."""
    body = make_package(DOCUMENT, "Content-ID: <1@urn:x>", href="CID:1@urn%3Ax")
    with receive(body) as message:
        assert octets(document_of(message)) == DOCUMENT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (make_include("cid:other@x"), 'no MIME part with the Content-ID "other@x"'),
        (make_include("cid:root@x"), 'no MIME part with the Content-ID "root@x"'),
        (make_include("file:///etc/passwd"), "must be a cid: URL"),
        (make_include(""), "must be a cid: URL"),
        (make_include("cid:d@x") + make_include("cid:d@x"), "nothing else"),
        (make_include("cid:d@x") + "text", "nothing else"),
        ("text" + make_include("cid:d@x"), "nothing else"),
        ("<a/>", "the element Document must hold base64 text or one xop:Include"),
        (f'<i:Include xmlns:i="{XOP_NS}" href="cid:d@x"><a/></i:Include>', "nothing else"),
        (f'<i:Include xmlns:i="{XOP_NS}" href="cid:d@x">a</i:Include>', "nothing else"),
        ("QUJ", "not a multiple of four"),
        ("QUI=QUI=", "cannot be decoded"),
        ("QU!D", "cannot be decoded"),
        ("QUé=", "outside ASCII"),
    ],
)
def test_resolve_refuses(content: str, reason: str) -> None:
    """A document element holds base64 text or one Include of this message."""
    root = make_part(make_envelope(make_document(content)), *ROOT_HEADERS)
    message = receive(make_body(root, make_part(DOCUMENT, "Content-ID: <d@x>")))
    with message, pytest.raises(MalformedMessage, match=reason):
        document_of(message)


ROOT = make_part(make_envelope(), *ROOT_HEADERS)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (make_body(), "no root part"),
        (make_body(ROOT, ROOT), "two MIME parts|Content-ID"),
        (make_body(ROOT, make_part(b"", "Content-ID: <a>"), make_part(b"", "Content-ID: a")), '"a"'),
        (make_body(ROOT, make_part(b"")), "no Content-ID"),
        (make_body(make_part(make_envelope(), "Content-Type: text/xml")), 'the root part is "text/xml"'),
        (make_body(make_part(make_envelope())), "Content-Type header is missing"),
        (make_body(make_part(b"<a", *ROOT_HEADERS)), "cannot be read"),
        (make_body(ROOT)[:-10], "cut off"),
        (make_package(b"", "Content-ID: <d@x>", "Content-Transfer-Encoding: x-gzip"), '"x-gzip" is not supported'),
        (make_package(b"QUJ", "Content-ID: <d@x>", "Content-Transfer-Encoding: base64"), "multiple of four"),
    ],
)
def test_package_refused(body: bytes, reason: str, tmp_path: Path) -> None:
    """A broken package is refused, and nothing of it stays on the disk."""
    with pytest.raises(MalformedMessage, match=reason):
        receive(body, folder=tmp_path, limits=Limits(memory_bytes=0))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", ["<other@x>", "<root@x>"])
def test_start_refused(start: str) -> None:
    """The start parameter names one part exactly."""
    with pytest.raises(MalformedMessage, match=r"no root part|two MIME parts"):
        receive(make_body(ROOT, make_part(b"", "Content-ID: <b>"), ROOT), f'{CONTENT_TYPE}; start="{start}"')


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        ("", "Content-Type header is missing"),
        ("text/html", "not text/html"),
        ("multipart/form-data; boundary=a", "not multipart/form-data"),
        ('multipart/related; type="text/xml"; boundary=a', 'type "text/xml"'),
        ('multipart/related; type="application/xop+xml"', "boundary"),
    ],
)
def test_content_type_refused(content_type: str, reason: str) -> None:
    """Only SOAP 1.2 and MTOM packages are taken."""
    with pytest.raises(MalformedMessage, match=reason):
        MessageReceiver(content_type)


def test_soap11_content_type() -> None:
    """SOAP 1.1 is told that SOAP 1.2 is needed."""
    with pytest.raises(VersionMismatch, match=r"SOAP 1\.2 is needed.*text/xml is SOAP 1\.1"):
        MessageReceiver("text/xml; charset=utf-8")


@pytest.mark.parametrize("content_type", [PLAIN, CONTENT_TYPE])
def test_message_bound(content_type: str) -> None:
    """The octets of the whole message are bounded."""
    with pytest.raises(MalformedMessage, match="the message exceeds 10 octets"):
        receive(make_envelope(), content_type, limits=Limits(max_message_bytes=10))


def test_document_bound(tmp_path: Path) -> None:
    """A document that is too large is refused as soon as it is."""
    receiver = MessageReceiver(CONTENT_TYPE, limits=Limits(max_document_bytes=11, memory_bytes=5), folder=tmp_path)
    with receiver, pytest.raises(MalformedMessage, match="exceeds the 11 octets"):
        receiver.feed(make_package(b"x" * 12))
    assert list(tmp_path.iterdir()) == []


def test_large_documents_go_to_files(tmp_path: Path) -> None:
    """A document beyond the memory bound lies in a file, which closing removes."""
    message = receive(make_package(b"x" * 1000), size=100, folder=tmp_path, limits=Limits(memory_bytes=100))
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
    assert octets(document_of(message)) == b"x" * 1000
    message.close()
    message.close()
    assert list(tmp_path.iterdir()) == []


def test_many_small_documents_share_the_memory(tmp_path: Path) -> None:
    """Beyond sixteen times the memory bound even small documents go to files."""
    parts = [make_part(b"x" * 100, f"Content-ID: <{number}>") for number in range(20)]
    with receive(make_body(ROOT, *parts), folder=tmp_path, limits=Limits(memory_bytes=100)) as message:
        assert len(message.attachments) == 20
        assert len(list(tmp_path.iterdir())) == 4


def test_disk_refuses(tmp_path: Path) -> None:
    """A spool folder that cannot be written is the operator's matter."""
    with pytest.raises(StorageUnavailable):
        receive(make_package(b"x" * 1000), folder=tmp_path / "missing", limits=Limits(memory_bytes=100))


def test_sender_goes_away(tmp_path: Path) -> None:
    """Closing a receiver half-way removes what was spooled."""
    receiver = MessageReceiver(CONTENT_TYPE, limits=Limits(memory_bytes=1), folder=tmp_path)
    receiver.feed(make_package(b"x" * 1000)[:-500])
    assert len(list(tmp_path.iterdir())) == 1
    receiver.close()
    receiver.close()
    assert list(tmp_path.iterdir()) == []


LARGE = Limits(max_envelope_bytes=2000, memory_bytes=1000)


@pytest.mark.parametrize("size", [1, 65536])
@pytest.mark.parametrize("content", [b"", b"x", os.urandom(500), os.urandom(5000)], ids=len)
def test_large_inline_document(content: bytes, size: int, tmp_path: Path) -> None:
    """A large envelope is parsed in a stream, and its documents are cut out."""
    payload = make_document(base64.encodebytes(content).decode()) + make_document("") + make_document("A" * 8000)
    limits = Limits(max_envelope_bytes=1000, memory_bytes=1000)
    with receive(make_envelope(f"<p>{payload}</p>"), PLAIN, size=size, limits=limits, folder=tmp_path) as message:
        first, second, _ = read_envelope(message.envelope).body
        assert octets(message.resolve(first)) == content
        assert octets(message.resolve(second)) == b""
        assert first.nsmap["x"] == "urn:ihe:iti:xds-b:2007"
    assert list(tmp_path.iterdir()) == []


def test_large_envelope_with_include() -> None:
    """An Include in a large envelope refers to its part as in a small one."""
    inline = make_document(base64.b64encode(b"y" * 5000).decode())
    payload = f"<p>{make_document(' ' + make_include('cid:d@x') + ' ')}{inline}</p>"
    body = make_body(make_part(make_envelope(payload), *ROOT_HEADERS), make_part(DOCUMENT, "Content-ID: <d@x>"))
    with receive(body, limits=LARGE) as message:
        first, second = read_envelope(message.envelope).body
        assert octets(message.resolve(first)) == DOCUMENT
        assert octets(message.resolve(second)) == b"y" * 5000


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (make_document("QUJD<a/>" + "A" * 4000), "holds base64 text and an element"),
        (make_document("A" * 4001), "multiple of four"),
        (make_document("A" * 4000 + "=" + "A" * 3), "cannot be decoded"),
        (make_document("A" * 4000 + "é"), "outside ASCII"),
        (make_document("A" * 4000) + "<a", "cannot be read"),
        ("<a>" + "A" * 4000 + "</a>", "exceeds 2000 octets"),
        (make_document("A" * 8000), "exceeds the 5000 octets"),
    ],
)
def test_large_envelope_refused(payload: str, reason: str, tmp_path: Path) -> None:
    """What is refused in a stream leaves nothing on the disk."""
    limits = Limits(max_envelope_bytes=2000, memory_bytes=10, max_document_bytes=5000)
    with pytest.raises(MalformedMessage, match=reason):
        receive(make_envelope(payload), PLAIN, limits=limits, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_large_envelope_keeps_namespaces() -> None:
    """Prefixes survive the streamed parse, as signatures and QNames in content need them."""
    header = f'<w:Action>a</w:Action><q:h xmlns:q="urn:q" xmlns:u="urn:unused" q:t="u:type">{"x" * 3000}</q:h>'
    xml = make_envelope(make_document("A" * 8000), header)
    with receive(xml, PLAIN, limits=Limits(max_envelope_bytes=4000)) as message:
        block = message.envelope[0][1]
        assert (block.prefix, block.nsmap["u"], block.get("{urn:q}t")) == ("q", "urn:unused", "u:type")
        assert message.envelope.prefix == "s"
        assert message.envelope.nsmap["s"] == SOAP_NS


@pytest.mark.parametrize(
    "payload",
    [
        '<a xmlns="urn:b" c="d"><e xmlns="urn:c"/> x <f/> y </a>',
        '<q:a xmlns:q="urn:q" xmlns="urn:r" q:c="1"><b/><q:b c="1"/></q:a>',
        '<a xml:lang="fr" xmlns:xml="http://www.w3.org/XML/1998/namespace">é&amp;&lt;&#13;<![CDATA[<]]></a>',
        f"<p>{make_document('')}{make_document(make_include('cid:a'))}</p>",
        "<a><!-- c -->b<?p i?>c</a>",
    ],
)
def test_streamed_tree_is_the_same(payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The streamed parse gives the tree that the other gives, to the canonical octet."""
    xml = make_envelope(payload)
    expected = receive(xml, PLAIN).envelope
    monkeypatch.setattr("xds_adapter.soap.inline.TREE_BYTES", 0)
    assert etree.tostring(receive(xml, PLAIN).envelope, method="c14n") == etree.tostring(expected, method="c14n")


@pytest.mark.parametrize(
    "payload", ['<a xmlns="urn:b"><e xmlns=""/><f/></a>', '<q:a xmlns:q="urn:q" xmlns="urn:q"><b q:c="1"/></q:a>']
)
def test_streamed_tree_has_the_same_names(payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where lxml cannot build the same prefixes, the names are the same still."""
    expected = [(e.tag, dict(e.attrib)) for e in receive(make_envelope(payload), PLAIN).envelope.iter()]
    monkeypatch.setattr("xds_adapter.soap.inline.TREE_BYTES", 0)
    assert [(e.tag, dict(e.attrib)) for e in receive(make_envelope(payload), PLAIN).envelope.iter()] == expected


def test_document_type_declaration_is_refused_in_a_stream() -> None:
    """The streamed parse refuses a DTD as the other does."""
    xml = b"<!DOCTYPE a>" + make_envelope(make_document("A" * 8000))
    with pytest.raises(MalformedMessage, match="DTD"):
        receive(xml, PLAIN, limits=LARGE)


def test_memory_stays_flat_for_a_large_part(tmp_path: Path) -> None:
    """A document of 256 MiB passes through less than 8 MiB of memory."""
    head, tail = make_package(b"SPLIT").split(b"SPLIT")
    piece = bytes(1 << 20)
    receiver = MessageReceiver(CONTENT_TYPE, folder=tmp_path)
    tracemalloc.start()
    try:
        receiver.feed(head)
        for _ in range(256):
            receiver.feed(piece)
        receiver.feed(tail)
        with receiver.finish() as message:
            assert document_of(message).size == 256 << 20
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_memory_stays_flat_for_a_large_inline_document(tmp_path: Path) -> None:
    """An inline document of 60 MB, far beyond the parser's limit for a text, passes in less than 8 MiB."""
    head, tail = make_envelope(make_document("SPLIT")).split(b"SPLIT")
    piece = base64.b64encode(os.urandom(750_000))
    receiver = MessageReceiver(PLAIN, folder=tmp_path)
    tracemalloc.start()
    try:
        for chunk in (head, *[piece] * 80, tail):
            receiver.feed(chunk)
        with receiver.finish() as message:
            assert document_of(message).size == 60_000_000
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_boundary_in_the_header_needs_no_quotes() -> None:
    """A sender that leaves the quotes away is understood."""
    content_type = f"multipart/related;boundary={BOUNDARY};type=application/xop+xml;start=<root@x>"
    receiver = MessageReceiver(content_type)
    for chunk in cut(make_package(), 50):
        receiver.feed(chunk)
    with receiver.finish() as message:
        assert octets(document_of(message)) == DOCUMENT
