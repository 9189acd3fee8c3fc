"""One tree for documents of any size: parsed in one go or streamed, it is the same."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from io import StringIO

import pytest
from lxml import etree

from tests.cda_cases import built
from xds_adapter.cda import tree
from xds_adapter.cda.tree import Unreadable, all_of, first, get, line_of, name_of, read_tree, text_of, xpath_of
from xds_adapter.xmlio import Element

REPORT = built("imaging-report")
SPACES = 'xmlns="urn:hl7-org:v3" xmlns:ps3-20="urn:dicom-org:ps3-20" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:x="urn:x"'


def _streamed(monkeypatch: pytest.MonkeyPatch, document: bytes, **options: object) -> Element:
    monkeypatch.setattr(tree, "WHOLE_SIZE", 0)
    return read_tree([document], **options)  # type: ignore[arg-type] # options of the function under test


def _facts(root: Element) -> list[object]:
    return [(e.tag, sorted(e.items()), e.text, e.tail, e.sourceline, e.nsmap) for e in root.iter()]


def test_a_streamed_document_gives_the_same_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, attributes, texts, lines and prefixes do not tell how a document was read."""
    whole = read_tree([REPORT])
    streamed = _streamed(monkeypatch, REPORT)
    assert _facts(whole) == _facts(streamed)
    assert etree.tostring(whole, method="c14n") == etree.tostring(streamed, method="c14n")


@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_base64_goes_to_its_sink(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of an element that says B64 leaves the tree; other text stays."""
    if way == "streamed":
        monkeypatch.setattr(tree, "WHOLE_SIZE", 0)
    sinks = {"a": StringIO(), "b": StringIO()}
    document = b'<r><a representation=" B64 ">QUI=</a>t<b representation="B64"/><c representation="TXT">QUI=</c></r>'
    root = read_tree([document], sink_for=lambda element: sinks[element.tag])
    assert [(e.text, e.tail) for e in root] == [(None, "t"), (None, None), ("QUI=", None)]
    assert [sink.getvalue() for sink in sinks.values()] == ["QUI=", ""]


def test_base64_is_found_in_any_encoding() -> None:
    """UTF-16 hides the name of the attribute from a search in the octets, not from the reader."""
    sink = StringIO()
    read_tree(['<?xml version="1.0" encoding="UTF-16"?><a representation="B64">QUI=</a>'.encode("utf-16")],
              sink_for=lambda _: sink)  # fmt: skip
    assert sink.getvalue() == "QUI="


@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_a_sink_may_be_refused(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no sink is given, the text stays."""
    if way == "streamed":
        monkeypatch.setattr(tree, "WHOLE_SIZE", 0)
    assert read_tree([b'<a representation="B64">QUI=</a>'], sink_for=lambda _: None).text == "QUI="


def test_lines_are_right_behind_the_last_that_an_element_can_tell() -> None:
    """Elements count to 65,535; the array tells the lines behind it."""
    lines = array("L")
    root = read_tree([b"<long-name>" + b"\n" * 70_000 + b"<b/>\n<c>x</c><d\n><e/></d></long-name>"], lines=lines)
    assert [line_of(element, lines) for element in root.iter()] == [1, 70_001, 70_002, 70_003, 70_003]


def test_without_an_array_a_line_is_the_last_that_is_known() -> None:
    root = read_tree([b"<a>" + b"\n" * 70_000 + b"<b/></a>"])
    assert line_of(root[0], array("L")) == tree.MAX_LINE


def test_a_large_document_is_streamed_with_its_lines() -> None:
    """A body of 3 MB in lines moves what follows it down, and the reader says so."""
    lines = array("L")
    body = (b"QUJD" * 19 + b"\n") * 40_000
    sink = StringIO()
    root = read_tree([b'<a><b representation="B64">', body, b"</b><c/></a>"], sink_for=lambda _: sink, lines=lines)
    assert [line_of(element, lines) for element in root.iter()] == [1, 1, 40_001]
    assert len(sink.getvalue()) == len(body)


@pytest.mark.parametrize(
    ("name", "short"),
    [("a", "a"), ("ps3-20:a", "ps3-20:a"), ("sdtc:a", "sdtc:a"), ("x:a", "{urn:x}a")],
)
def test_an_element_has_a_short_name(name: str, short: str) -> None:
    assert name_of(read_tree([f"<{name} {SPACES}/>".encode()])) == short


def test_an_element_without_namespace_says_so() -> None:
    assert name_of(read_tree([b"<a/>"])) == "{}a"


def test_names_of_a_hostile_document_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_NAMES", dict.fromkeys(range(5000)))
    assert name_of(read_tree([b"<other/>"])) == "{}other"
    assert len(tree._NAMES) == 5000


def test_elements_are_found_by_their_path() -> None:
    """A path goes through every element on its way."""
    root = read_tree([f'<a {SPACES}><b/><b><c n="1"/></b><b><c n=" 2 "/><ps3-20:c/></b> t <b/> u</a>'.encode()])
    assert [get(element, "n") for element in all_of(root, "b/c")] == ["1", "2"]
    found = first(root, "b/c")
    assert found is not None
    assert (get(found, "n"), get(found, "other")) == ("1", "")
    assert first(root, "b/ps3-20:c") is not None
    assert (first(root, "c"), first(root, "b/d")) == (None, None)
    assert text_of(root) == "t u"


def test_an_xpath_numbers_equals_only() -> None:
    root = read_tree([f"<a {SPACES}><b/><b><c/><ps3-20:d/></b></a>".encode()])
    assert [xpath_of(element) for element in root.iter()] == [
        "/a",
        "/a/b[1]",
        "/a/b[2]",
        "/a/b[2]/c",
        "/a/b[2]/ps3-20:d",
    ]


@pytest.mark.parametrize("size", [1, 5, 4096, 1_000_000])
def test_a_header_ends_where_the_body_starts(size: int) -> None:
    """Neither the body nor what follows it is in the tree, however the document arrives."""
    document = REPORT.replace(b"</ClinicalDocument>", b"</Broken>")
    pieces = (document[at : at + size] for at in range(0, len(document), size))
    root = read_tree(pieces, header_only=True)
    assert [child.tag for child in read_tree([REPORT])][:-1] == [child.tag for child in root]


def test_only_a_child_of_the_root_ends_the_header() -> None:
    """An element of that name elsewhere is no body."""
    root = read_tree(
        [f"<a {SPACES}><b><component/></b><c/><component><d/></component><e/></a>".encode()], header_only=True
    )
    assert [name_of(child) for child in root] == ["b", "c"]


def test_a_document_without_body_is_all_header() -> None:
    assert [name_of(e) for e in read_tree([f"<a {SPACES}><b/></a>".encode()], header_only=True)] == ["b"]


def test_nothing_behind_the_header_is_asked_for() -> None:
    def pieces() -> Iterator[bytes]:
        yield f"<a {SPACES}><b/><component>".encode()
        pytest.fail("the body was asked for")

    assert len(read_tree(pieces(), header_only=True)) == 1


def test_a_header_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that goes on for ever is refused."""
    monkeypatch.setattr(tree, "MAX_TEXT", 100_000)
    with pytest.raises(Unreadable, match="more than 100000 octets"):
        read_tree([b"<a>", *[b"<b/>" * 10_000] * 4], header_only=True)


@pytest.mark.parametrize(
    ("document", "line"),
    [(b"<a>\n</b>", 2), (b"<!DOCTYPE a>\n<a/>", 1), (b"", 1), (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 1)],
)
@pytest.mark.parametrize("way", ["whole", "streamed", "header"])
def test_what_cannot_be_read_says_where(way: str, document: bytes, line: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken XML and a DTD are refused on every way of reading."""
    if way == "streamed":
        monkeypatch.setattr(tree, "WHOLE_SIZE", -1)
    with pytest.raises(Unreadable) as refused:
        read_tree([document], header_only=way == "header")
    assert refused.value.line == line
