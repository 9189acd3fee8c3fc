"""The tree of a CDA document, of any size, and short ways to read it.

    document (XML)  --read_tree-->  lxml elements

A document of ordinary size goes through the parser in one go. A larger one is streamed: the text of an element with
``representation="B64"``, which may be larger than any text node that the parser allows, goes piece by piece to a
sink, and the rest becomes elements. Both give the same tree.

Names here are short: the local name in the CDA namespace, ``ps3-20:local`` and ``sdtc:local`` for the extensions,
Clark notation for others (``{}local`` without a namespace).

Source: HL7 CDA R2; DICOM PS3.20.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol, cast

from lxml import etree

from xds_adapter import xmlio
from xds_adapter.errors import MalformedMessage
from xds_adapter.vocabulary.namespaces import CDA, DICOM_CDA, SDTC
from xds_adapter.xmlio import Element

MAX_NODES = 1_000_000
MAX_TEXT = 10_000_000
WHOLE_SIZE = 2_000_000
"""Octets up to which a document is parsed in one go."""
MAX_LINE = 65_535
"""The last line that an element can tell: `sourceline` has two octets."""
_PIECE = 64 * 1024
_HEAD_PIECE = 8 * 1024
_BODY = f"{{{CDA}}}component"
_PREFIXES = {f"{{{CDA}}}": "", f"{{{DICOM_CDA}}}": "ps3-20:", f"{{{SDTC}}}": "sdtc:"}
_NAMES: dict[str, str] = {}
# Encodings in which the letters of ASCII are written as in ASCII.
_LIKE_ASCII = frozenset({"UTF-8", "ISO-8859-1", "US-ASCII", "ASCII", "WINDOWS-1252"})
_BINARIES = etree.XPath("//*[normalize-space(@representation) = 'B64']")


class Sink(Protocol):
    """What takes the text of a base64 element."""

    def write(self, text: str, /) -> object:
        """Take a piece of the text."""


SinkFor = Callable[[Element], Sink | None]


class Unreadable(MalformedMessage):
    """The XML cannot be read; `line` says where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def name_of(element: Element) -> str:
    """Return the short name of an element."""
    tag = element.tag
    name = _NAMES.get(tag)
    return _learn(tag) if name is None else name


def _learn(tag: str) -> str:
    space, _, local = tag.rpartition("}")
    name = _PREFIXES[space + "}"] + local if space + "}" in _PREFIXES else tag if space else f"{{}}{tag}"
    # Hostile documents may hold any number of names: those of one document are not worth keeping.
    if len(_NAMES) < 5000:
        _NAMES[tag] = name
    return name


@lru_cache(4096)
def _tags(path: str) -> tuple[str, ...]:
    spaces = {prefix: space for space, prefix in _PREFIXES.items()}
    parts = ((prefix + colon, local) for prefix, colon, local in (step.rpartition(":") for step in path.split("/")))
    return tuple(spaces[prefix] + local for prefix, local in parts)


def all_of(element: Element, path: str) -> list[Element]:
    """Return the elements at a path of short names relative to `element`, e.g. ``order/id``."""
    tags = _tags(path)
    found = [*element.iterchildren(tags[0])]
    for tag in tags[1:]:
        found = [child for parent in found for child in parent.iterchildren(tag)]
    return found


def first(element: Element, path: str) -> Element | None:
    """Return the first element at a path, or None."""
    tags = _tags(path)
    if len(tags) == 1:
        return next(element.iterchildren(tags[0]), None)
    return next(iter(all_of(element, path)), None)


def get(element: Element, attribute: str) -> str:
    """Return an attribute without surrounding blanks; empty when it is absent."""
    return element.get(attribute, "").strip()


def text_of(element: Element) -> str:
    """Return an element's own character data, blanks collapsed; text of children is not part of it."""
    text = element.text or ""
    if len(element):
        text += "".join(child.tail or "" for child in element)
    return " ".join(text.split())


def xpath_of(element: Element, known: dict[Element, str] | None = None) -> str:
    """Say where an element stands: ``/ClinicalDocument/author[2]/time``; its number is written among equals.

    Args:
        element: From `read_tree`.
        known: Places found before, for one who asks for many of one document; is added to.
    """
    if known is None:
        known = {}
    path = known.get(element)
    if path is None:
        parent = element.getparent()
        if parent is None:
            path = f"/{name_of(element)}"
        else:
            path = f"{xpath_of(parent, known)}/{name_of(element)}{_place(element)}"
        known[element] = path
    return path


def _place(element: Element) -> str:
    tag = element.tag
    before = sum(1 for _ in element.itersiblings(tag, preceding=True))
    return f"[{before + 1}]" if before or next(element.itersiblings(tag), None) is not None else ""


def line_of(element: Element, lines: array[int]) -> int:
    """Return the line on which the start tag of an element ends.

    Args:
        element: From `read_tree`.
        lines: What `read_tree` filled; it is used for the lines that an element cannot tell.
    """
    line = cast("int | None", element.sourceline)
    if line is not None and line < MAX_LINE:
        return line
    if not lines:
        return MAX_LINE
    root = element.getroottree().getroot()
    return next(line for line, other in zip(lines, root.iter(), strict=False) if other is element)


class _Builder:
    """Receives the events of the parser; the reader keeps `line` up to date."""

    def __init__(self, sink_for: SinkFor | None, lines: array[int]) -> None:
        self.root: Element | None = None
        self.line = 1
        self._lines = lines
        self._sink_for = sink_for
        self._open: list[Element] = []
        self._sink: Sink | None = None
        self._sink_depth = 0
        self._texts: list[str] = []
        self._last: Element | None = None
        self._nodes = 0
        self._text = 0

    @property
    def in_binary(self) -> bool:
        """True between the tags of a base64 element."""
        return self._sink is not None

    def start(self, tag: str, attrib: Mapping[str, str], nsmap: Mapping[str | None, str]) -> None:
        self._flush()
        # The parser calls the default namespace "", a new element wants None.
        spaces: Any = {prefix or None: space for prefix, space in nsmap.items()}
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise MalformedMessage(f"the document holds more than {MAX_NODES} elements")
        if self._open:
            element = etree.SubElement(self._open[-1], tag, dict(attrib), spaces)
        else:
            element = self.root = etree.Element(tag, dict(attrib), spaces)
        cast("Any", element).sourceline = min(self.line, MAX_LINE)
        self._lines.append(self.line)
        self._open.append(element)
        self._sink = self._sink_for(element) if self._sink_for and is_binary(element) else None

    def end(self, _: str) -> None:
        self._flush()
        self._last = self._open.pop()
        self._sink = None

    def data(self, text: str) -> None:
        if self._sink is not None:
            self._sink.write(text)
            return
        self._text += len(text)
        if self._text > MAX_TEXT:
            raise MalformedMessage(f"the document holds more than {MAX_TEXT} characters of text")
        self._texts.append(text)

    def _flush(self) -> None:
        """Hang the text read since the last tag behind the last element, or into the one that is open."""
        if self._texts:
            text = "".join(self._texts)
            if self._last is not None:
                self._last.tail = text
            else:
                self._open[-1].text = text
            self._texts.clear()
        self._last = None


def is_binary(element: Element) -> bool:
    """Tell whether the text of an element is base64."""
    return get(element, "representation") == "B64"


def _pieces(chunks: Iterable[bytes], builder: _Builder) -> Iterator[bytes]:
    """Cut chunks so that a piece ends with its line: the parser does not tell lines, so they are counted here.

    Inside base64 no tag can start before the next ``<``, so long pieces are safe there.
    """
    for chunk in chunks:
        at = 0
        while at < len(chunk):
            stop = chunk.find(b"<" if builder.in_binary else b"\n", at, at + _PIECE)
            end = min(at + _PIECE, len(chunk)) if stop < 0 else stop + (not builder.in_binary)
            end = max(end, at + 1)
            piece = chunk[at:end]
            yield piece
            builder.line += piece.count(b"\n")
            at = end


def _streamed(chunks: Iterable[bytes], sink_for: SinkFor | None, lines: array[int]) -> Element:
    builder = _Builder(sink_for, lines)
    try:
        xmlio.stream(_pieces(chunks, builder), builder)
    except MalformedMessage as error:
        raise Unreadable(error.reason, builder.line) from error
    if builder.root is None:  # pragma: no cover - the parser itself refuses a document without an element
        raise Unreadable("the XML holds no element", builder.line)
    return builder.root


def _line_of_fault(error: MalformedMessage) -> int:
    cause = error.__cause__
    return (cause.lineno or 1) if isinstance(cause, SyntaxError) else 1


def _whole(content: bytes, sink_for: SinkFor | None) -> Element:
    try:
        root = xmlio.parse(content)
    except MalformedMessage as error:
        raise Unreadable(error.reason, _line_of_fault(error)) from error
    if sink_for is not None and (b"representation" in content or not _like_ascii(root)):
        for element in cast("list[Element]", _BINARIES(root)):
            _pour(element, sink_for)
    return root


def _like_ascii(root: Element) -> bool:
    return (root.getroottree().docinfo.encoding or "UTF-8").upper() in _LIKE_ASCII


def _pour(element: Element, sink_for: SinkFor) -> None:
    """Move the text of an element to its sink; what stands around elements in it is its text too."""
    sink = sink_for(element)
    if sink is not None and element.text:
        sink.write(element.text)
        element.text = None


def _head_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks small, so that little behind the header is read, and bound what a header can hold."""
    size = 0
    for chunk in chunks:
        for at in range(0, len(chunk), _HEAD_PIECE):
            piece = chunk[at : at + _HEAD_PIECE]
            size += len(piece)
            if size > MAX_TEXT:
                raise MalformedMessage(f"the header holds more than {MAX_TEXT} octets")
            yield piece


def _head(chunks: Iterable[bytes]) -> Element:
    try:
        return xmlio.parse_before(_head_pieces(chunks), _BODY)
    except MalformedMessage as error:
        raise Unreadable(error.reason, _line_of_fault(error)) from error


def _beginning(chunks: Iterator[bytes]) -> tuple[list[bytes], int, int]:
    """Take chunks until they are more than fits in one go; return them, their octets and their lines."""
    taken: list[bytes] = []
    size = newlines = 0
    for chunk in chunks:
        taken.append(chunk)
        size += len(chunk)
        newlines += chunk.count(b"\n")
        if size > WHOLE_SIZE:
            break
    return taken, size, newlines


def read_tree(
    chunks: Iterable[bytes],
    *,
    header_only: bool = False,
    sink_for: SinkFor | None = None,
    lines: array[int] | None = None,
) -> Element:
    """Read a document.

    Args:
        chunks: The XML in pieces of any size.
        header_only: Stop where the body starts; nothing after it is looked at, not even its well-formedness.
        sink_for: Gives the sink for the text of an element with ``representation="B64"``, or None to leave the text
            in the tree. Without it all such text stays, which a document with a large one does not survive.
        lines: Is filled, for a document in which a line could be over `MAX_LINE`, with the line of every element in
            document order; see `line_of`.

    Returns:
        The root element; comments and processing instructions are left out.

    Raises:
        Unreadable: Not well-formed, holds a DTD, or is larger than a document can be.
    """
    if header_only:
        return _head(chunks)
    rest = iter(chunks)
    taken, size, newlines = _beginning(rest)
    # An element takes four octets, so a small document cannot hold too many of them.
    if size <= min(WHOLE_SIZE, 4 * MAX_NODES) and newlines < MAX_LINE:
        return _whole(b"".join(taken), sink_for)
    return _streamed(chain(taken, rest), sink_for, array("L") if lines is None else lines)
