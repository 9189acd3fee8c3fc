"""The parser takes well-formed XML and nothing that reaches outside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from xds_adapter.errors import MalformedMessage
from xds_adapter.xmlio import local_name, namespace, parse, stream

NO_DTD = "document type declaration"
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>'
FILE_ENTITY = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
WITH_DTD = [b"<!DOCTYPE a><a/>", LAUGHS, OUTSIDE, FILE_ENTITY]
NOT_XML = [b"", b"   ", b"<!-- x -->", b"no xml"]
BROKEN = [*NOT_XML, b"<a>", b"<a></b>", b"<a/><b/>", b"<a>\x00</a>", b"<a>&b;</a>", b"<a>\xff</a>"]


class Events:
    """Writes down what it is told; fails at an element called ``stop``."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def start(self, tag: str, attrib: Mapping[str, str], nsmap: Mapping[str | None, str], /) -> None:
        if tag == "stop":
            raise RuntimeError("stopped")
        self.seen.append((tag, dict(attrib)))

    def end(self, tag: str) -> None:
        self.seen.append(f"/{tag}")

    def data(self, text: str) -> None:
        self.seen.append(text)


def _streamed(chunks: Iterable[bytes]) -> list[object]:
    events = Events()
    stream(chunks, events)
    return events.seen


def test_comments_and_processing_instructions_are_left_out() -> None:
    root = parse(b"<a><!-- x --><b/><?x y?></a>")
    assert ["b"] == [child.tag for child in root]


@pytest.mark.parametrize(
    "content",
    [
        "<a>é</a>".encode(),
        b"\xef\xbb\xbf" + "<a>é</a>".encode(),
        "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"),
    ],
    ids=["utf-8", "byte order mark", "declared"],
)
def test_the_encoding_is_utf_8_or_as_declared(content: bytes) -> None:
    assert "é" == parse(content).text


@pytest.mark.parametrize("content", WITH_DTD)
def test_a_tree_with_a_document_type_declaration_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedMessage, match=NO_DTD):
        parse(content)


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_not_well_formed_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedMessage, match="the XML cannot be read"):
        parse(content)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="the XML cannot be read"):
        parse(b"<?xml version='1.0' encoding='klingon'?><a/>")


def test_a_tree_deeper_than_256_elements_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="the XML cannot be read"):
        parse(b"<a>" * 300 + b"</a>" * 300)


def test_a_text_above_ten_megabytes_needs_the_stream() -> None:
    with pytest.raises(MalformedMessage, match="the XML cannot be read"):
        parse(b"<a>" + b"x" * 10_000_001 + b"</a>")


def test_events_arrive_in_document_order_whatever_the_pieces() -> None:
    content = b'<n:a xmlns:n="urn:n" x="1"><!-- c --><b>text</b><?p i?></n:a>'
    expected = [("{urn:n}a", {"x": "1"}), ("b", {}), "text", "/b", "/{urn:n}a"]
    assert expected == _streamed([content])
    pieces = _streamed(content[i : i + 1] for i in range(len(content)))
    assert [event for event in expected if event != "text"] == [
        event for event in pieces if not isinstance(event, str) or event.startswith("/")
    ]
    assert "text" == "".join(event for event in pieces if isinstance(event, str) and not event.startswith("/"))


def test_a_streamed_text_may_be_longer_than_a_tree_allows() -> None:
    piece = b"x" * 1_000_000
    seen = _streamed([b"<a>", *[piece] * 12, b"</a>"])
    assert 12_000_000 == sum(len(event) for event in seen if isinstance(event, str) and event != "/a")


@pytest.mark.parametrize("content", WITH_DTD)
def test_a_stream_with_a_document_type_declaration_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedMessage, match=NO_DTD):
        _streamed([content])


@pytest.mark.parametrize("content", BROKEN)
def test_a_stream_that_is_not_well_formed_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedMessage, match="the XML cannot be read"):
        _streamed([content])


def test_a_stream_without_any_piece_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="the XML cannot be read"):
        _streamed([])


def test_what_the_target_raises_is_passed_on() -> None:
    with pytest.raises(RuntimeError, match="stopped"):
        _streamed([b"<a><stop/></a>"])


REFERENCES = [
    "a&amp;b",
    "&#38;",
    "&#x26;",
    "&amp;amp;",
    "&amp;#38;",
    "&lt;&gt;&quot;&apos;",
    "&#233;&#x1F600;",
    "a&#10;b",
]


@pytest.mark.parametrize("written", REFERENCES)
def test_a_stream_reads_references_as_a_tree_does(written: str) -> None:
    content = f'<a b="{written}">{written}</a>'.encode()
    tree = parse(content)
    for pieces in ([content], [content[i : i + 1] for i in range(len(content))]):
        (start, *texts, _end) = _streamed(pieces)
        assert ("a", {"b": tree.get("b")}) == start
        assert tree.text == "".join(map(str, texts))


def test_a_stream_reads_no_entity_of_a_declaration_that_comes_in_pieces(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for entity in ('"secret"', f'SYSTEM "{secret.as_uri()}"'):
        content = f'<!DOCTYPE a [<!ENTITY b {entity}>]><a c="&b;">&b;</a>'.encode()
        events = Events()
        with pytest.raises(MalformedMessage, match=NO_DTD):
            stream((content[i : i + 1] for i in range(len(content))), events)
        assert [] == events.seen


@pytest.mark.parametrize(
    ("content", "local", "uri"),
    [
        (b"<a/>", "a", None),
        (b'<a xmlns="urn:x"/>', "a", "urn:x"),
        (b'<p:a xmlns:p="urn:x"/>', "a", "urn:x"),
    ],
)
def test_name_and_namespace_of_an_element(content: bytes, local: str, uri: str | None) -> None:
    element = parse(content)
    assert (local, uri) == (local_name(element), namespace(element))


def test_depth_is_refused_without_advice_to_lift_the_limit() -> None:
    with pytest.raises(MalformedMessage, match=r"^the XML cannot be read: Excessive depth in document: 256, line 1"):
        parse(b"<x>" * 300 + b"</x>" * 300)
