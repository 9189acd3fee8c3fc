"""The one safe XML parser: no DTD, no entities, no network, no huge trees.

Everything that reads XML goes through here. libxml2's own limits stay on (depth 256, text nodes of 10 MB); what
must be larger is streamed by `stream`, which never builds a tree.

Source: security review of libxml2 2.14 (a document type declaration is refused whatever it holds).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, cast

from lxml import etree

from xds_adapter.errors import MalformedMessage

Element = etree._Element  # noqa: SLF001 - lxml gives the type of an element no public name
"""An element of a parsed message."""

_NO_DTD = "a document type declaration (DTD) is not allowed"


class StreamTarget(Protocol):
    """What receives the events of `stream`, in document order."""

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        """An element opens; names are in Clark notation ``{namespace}local``."""

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


def _parser(*, remove_pis: bool = True) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=remove_pis,
    )


def parse(content: bytes) -> etree._Element:
    """Parse a whole message or document.

    Args:
        content: UTF-8, or another encoding that its XML declaration names; a byte order mark is accepted.

    Returns:
        The root element; comments and processing instructions are left out.

    Raises:
        MalformedMessage: Not well-formed, holds a DTD, or exceeds the parser's limits.
    """
    return _parsed(content, _parser())


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
    return _parsed(content, _parser(remove_pis=False))


def _parsed(content: bytes, parser: etree.XMLParser) -> etree._Element:
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedMessage(f"the XML cannot be read: {error.msg}") from error
    if cast("Any", root.getroottree().docinfo).doctype:
        raise MalformedMessage(_NO_DTD)
    return root


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
        raise MalformedMessage(f"the XML cannot be read: {error.msg}") from error
