"""The one safe XML parser: no DTD, no entities, no network, no huge trees.

Everything that reads XML goes through here. libxml2's own limits stay on (depth 256, text nodes of 10 MB); what
must be larger is streamed by `stream`, which never builds a tree.

Source: security review of libxml2 2.14 (a document type declaration is refused whatever it holds).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypedDict, cast

from lxml import etree

from xds_adapter.errors import MalformedMessage

Element = etree._Element  # noqa: SLF001 - lxml gives the type of an element no public name
"""An element of a parsed message."""

_PIECE = 256 * 1024
_NO_DTD = "a document type declaration (DTD) is not allowed"


class StreamTarget(Protocol):
    """What receives the events of `stream`, in document order."""

    def start(self, tag: str, attrib: Mapping[str, str], nsmap: Mapping[str | None, str], /) -> None:
        """An element opens; names are in Clark notation ``{namespace}local``, `nsmap` holds what it declares."""

    def end(self, tag: str) -> None:
        """An element closes."""

    def data(self, text: str) -> None:
        """A piece of character data; one text may arrive in several pieces."""


class _Guarded:
    """Adds to a target what lxml also calls, and refuses a DTD."""

    def __init__(self, target: StreamTarget) -> None:
        self.start = target.start
        self.end = target.end
        self.data = target.data

    def doctype(self, *_: object) -> None:
        raise MalformedMessage(_NO_DTD)

    def comment(self, *_: object) -> None:
        """Comments carry nothing."""

    def pi(self, *_: object) -> None:
        """Processing instructions carry nothing."""

    def close(self) -> None:
        """Lxml asks for a result; events have delivered it already."""


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def namespace(element: etree._Element) -> str | None:
    """The namespace of an element, or None."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else None


class _Options(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    huge_tree: bool
    remove_comments: bool
    remove_pis: bool


_SAFE = _Options(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)


def _without_dtd(root: etree._Element) -> etree._Element:
    if cast("Any", root.getroottree().docinfo).doctype:
        raise MalformedMessage(_NO_DTD)
    return root


def _unreadable(error: etree.XMLSyntaxError) -> MalformedMessage:
    """Say what the parser says, without its advice to a programmer who would lift its limits."""
    words = (error.msg or "").replace(", use XML_PARSE_HUGE option", "")
    return MalformedMessage(f"the XML cannot be read: {words}")


def file_chunks(path: Path) -> Iterator[bytes]:
    """Yield the octets of a file in pieces.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def parse(content: bytes) -> etree._Element:
    """Parse a whole message or document.

    Args:
        content: UTF-8, or another encoding that its XML declaration names; a byte order mark is accepted.

    Returns:
        The root element; comments and processing instructions are left out.

    Raises:
        MalformedMessage: Not well-formed, holds a DTD, or exceeds the parser's limits.
    """
    return _parsed(content, _SAFE)


def parse_signed(content: bytes) -> etree._Element:
    """Parse a document that is signed, or is to be.

    Processing instructions are part of what a signature covers and are kept; comments are not, and are left out, so
    that none can split a text in two.

    Args:
        content: As for `parse`.

    Raises:
        MalformedMessage: As for `parse`.

    Source: W3C XML Signature 1.1, 4.4.3.3 (a same-document reference leaves comments out).
    """
    return _parsed(content, {**_SAFE, "remove_pis": False})


def _parsed(content: bytes, options: _Options) -> etree._Element:
    try:
        root = etree.fromstring(content, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from error
    return _without_dtd(root)


def _fed(chunks: Iterable[bytes], stop: str) -> etree._Element:
    """Read until a child `stop` of the root element opens and return it; the root element when there is none."""
    parser = etree.XMLPullParser(("start",), tag=stop, **_SAFE)
    for chunk in chunks:
        fault: etree.XMLSyntaxError | None = None
        try:
            parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            # What is wrong may stand behind the element that ends the reading.
            fault = error
        for _, element in cast("Iterable[tuple[str, Element]]", parser.read_events()):
            parent = element.getparent()
            if parent is not None and parent.getparent() is None:
                return element
        if fault is not None:
            raise fault
    return parser.close()


def parse_before(chunks: Iterable[bytes], stop: str) -> etree._Element:
    """Parse what stands before a child of the root element.

    Args:
        chunks: The XML in pieces; those after the one that holds the child are not asked for.
        stop: Name of the child in Clark notation; neither it nor what follows it is in the tree.

    Returns:
        The root element; comments and processing instructions are left out. What follows `stop` need not be
        well-formed.

    Raises:
        MalformedMessage: Not well-formed before the element, holds a DTD, or exceeds the parser's limits.
    """
    try:
        last = _fed(chunks, stop)
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from error
    root = last.getroottree().getroot()
    parent = last.getparent()
    if parent is not None:
        for element in (*last.itersiblings(), last):
            parent.remove(element)
    return _without_dtd(root)


def stream(chunks: Iterable[bytes], target: StreamTarget) -> None:
    """Parse without building a tree, so that a text of any length needs no memory.

    Args:
        chunks: The XML in pieces of any size.
        target: Receives the events; whatever it raises ends the parse and is passed on.

    Raises:
        MalformedMessage: Not well-formed or holds a DTD.
    """
    # Not False: libxml2 then hands a target `&#38;` where an attribute holds `&`. A DTD, which alone could declare an
    # entity, ends the parse before its first declaration is read.
    resolve: Any = "internal"
    parser = etree.XMLParser(
        target=cast("Any", _Guarded(target)), resolve_entities=resolve, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        for chunk in chunks:
            parser.feed(chunk)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from error
