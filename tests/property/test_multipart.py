"""Laws of the multipart and MTOM code over generated messages."""

from __future__ import annotations

import base64
import contextlib

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.soap.packages import BOUNDARY, CONTENT_TYPE, make_body, make_document, make_envelope, make_part
from xds_adapter.errors import MalformedMessage
from xds_adapter.soap import (
    BytesContent,
    Limits,
    MessageReceiver,
    MtomMessage,
    ReceivedMessage,
    parse_content_type,
    read_envelope,
    xop_include,
)

_LIMITS = Limits(max_envelope_bytes=3000, memory_bytes=50)
_PIECES = st.sampled_from([b"\r", b"\n", b"\r\n", b"\x00", b"--", b" ", f"--{BOUNDARY}".encode(), b"\r\n--", b"x"])
DOCUMENTS = st.binary(max_size=200) | st.lists(_PIECES, max_size=20).map(b"".join)
SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=20)


def receive(body: bytes, content_type: str, sizes: list[int], limits: Limits = _LIMITS) -> ReceivedMessage:
    """Feed a body in pieces of the given sizes, over and over."""
    receiver = MessageReceiver(content_type, limits=limits)
    begin = turn = 0
    while begin < len(body):
        size = sizes[turn % len(sizes)]
        receiver.feed(body[begin : begin + size])
        begin, turn = begin + size, turn + 1
    return receiver.finish()


def documents_of(message: ReceivedMessage) -> list[bytes]:
    return [b"".join(message.resolve(element).chunks()) for element in read_envelope(message.envelope).body]


@settings(deadline=None)
@given(documents=st.lists(DOCUMENTS, max_size=4), sizes=SIZES)
def test_package_round_trip(documents: list[bytes], sizes: list[int]) -> None:
    """What is written as a package is read back octet for octet, however it is cut."""
    includes = "".join(make_document(xop_include(f"{number}@x")) for number in range(len(documents)))
    parts = [(f"{number}@x", "a/b", BytesContent(content)) for number, content in enumerate(documents)]
    sent = MtomMessage(make_envelope(f"<p>{includes}</p>"), parts, "urn:a")
    with receive(b"".join(sent.chunks()), sent.content_type, sizes) as message:
        assert documents_of(message) == documents


@settings(deadline=None)
@given(documents=st.lists(DOCUMENTS, max_size=4), sizes=SIZES, large=st.booleans())
def test_inline_round_trip(documents: list[bytes], sizes: list[int], large: bool) -> None:
    """Inline documents are read back octet for octet, from a small envelope and from a streamed one."""
    elements = "".join(make_document(base64.encodebytes(content).decode()) for content in documents)
    xml = make_envelope(f"<p>{elements}</p>")
    limits = Limits(max_envelope_bytes=len(xml) - 1 if large and any(documents) else len(xml), memory_bytes=50)
    with receive(xml, "application/soap+xml", sizes, limits) as message:
        assert documents_of(message) == documents


PACKAGE = make_body(
    make_part(make_envelope(make_document(xop_include("d@x"))), "Content-Type: application/xop+xml"),
    make_part(b"QUJD" * 10, "Content-ID: <d@x>", "Content-Transfer-Encoding: base64"),
)


Change = tuple[float, int, bytes]
_MARKUP = st.sampled_from(
    [b"<", b">", b"&", b'"', b"<!DOCTYPE a>", b'<?xml version="1.0" encoding="x"?>', b"&#65;", b"]]>", b"<a>", b"</a>"]
)
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), DOCUMENTS | _MARKUP), max_size=4)


@settings(deadline=None)
@given(changes=CHANGES, sizes=SIZES)
def test_broken_package(changes: list[Change], sizes: list[int]) -> None:
    """A package changed at random is read or refused, nothing else; and in the same way for any chunking."""
    body = changed(PACKAGE, changes)
    assert outcome(body, sizes) == outcome(body, [len(body) + 1])


@settings(deadline=None)
@given(changes=CHANGES, sizes=SIZES)
@example(changes=[(0.0, 2, b"<")], sizes=[1])
def test_broken_envelope(changes: list[Change], sizes: list[int]) -> None:
    """An envelope that is parsed in a stream and was changed at random is read or refused, nothing else."""
    xml = changed(make_envelope(f"<p>{make_document('QUJD' * 900)}</p>"), changes)
    assert outcome(xml, sizes, "application/soap+xml") == outcome(xml, [len(xml) + 1], "application/soap+xml")


def changed(body: bytes, changes: list[Change]) -> bytes:
    for at, length, replacement in changes:
        begin = int(at * len(body))
        body = body[:begin] + replacement + body[begin + length :]
    return body


def outcome(body: bytes, sizes: list[int], content_type: str = CONTENT_TYPE) -> object:
    try:
        with receive(body, content_type, sizes) as message:
            attachments = {name: content.content_id for name, content in message.attachments.items()}
            with contextlib.suppress(MalformedMessage):
                documents_of(message)
            return attachments
    except MalformedMessage as refusal:
        return refusal.reason


@settings(deadline=None)
@given(value=st.text(max_size=100) | st.text('a/b;="\\ <', max_size=60).map("a/b;".__add__))
def test_content_type(value: str) -> None:
    """Any header is read or refused, nothing else."""
    with contextlib.suppress(MalformedMessage):
        assert "/" in parse_content_type(value).media_type
