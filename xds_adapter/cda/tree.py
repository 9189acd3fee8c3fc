"""A light tree of a CDA document, read as a stream: base64 bodies never enter it.

An ordinary tree cannot hold a text node over 10 MB under the parser's limits, and a scanned report is larger. Here
the text of an element with ``representation="B64"`` goes piece by piece to a sink, and the rest, which is small,
becomes nodes that know their line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from xds_adapter import xmlio
from xds_adapter.errors import MalformedMessage
from xds_adapter.vocabulary.namespaces import CDA, DICOM_CDA

MAX_NODES = 1_000_000
MAX_TEXT = 10_000_000
_PIECE = 64 * 1024
_CDA_PREFIX = f"{{{CDA}}}"
_SHORT_PREFIXES = {f"{{{DICOM_CDA}}}": "ps3-20:"}


class Sink(Protocol):
    """What takes the text of a base64 element."""

    def write(self, text: str) -> None:
        """Take a piece of the text."""


class Node:
    """One element.

    Attributes:
        name: Local name for the CDA namespace, ``ps3-20:local`` for DICOM's, Clark notation for
            others (``{}local`` without a namespace).
        attrib: Attributes by Clark name.
        line: Line on which its start tag ends.
        binary: The sink that took its text, or None.
    """

    __slots__ = ("_texts", "attrib", "binary", "children", "line", "name", "parent")

    def __init__(self, name: str, attrib: Mapping[str, str], line: int, parent: Node | None) -> None:
        self.name = name
        self.attrib = attrib
        self.line = line
        self.parent = parent
        self.children: list[Node] = []
        self.binary: Sink | None = None
        self._texts: list[str] = []

    def get(self, attribute: str) -> str:
        """Return an attribute without surrounding blanks; empty when it is absent."""
        return self.attrib.get(attribute, "").strip()

    @property
    def text(self) -> str:
        """Its own character data, blanks collapsed; text of children is not part of it."""
        return " ".join("".join(self._texts).split())

    def add_text(self, text: str) -> None:
        """Append character data."""
        self._texts.append(text)

    def all(self, path: str) -> list[Node]:
        """Return the elements at a path of names relative to this one, e.g. ``order/id``."""
        found = [self]
        for name in path.split("/"):
            found = [child for node in found for child in node.children if child.name == name]
        return found

    def first(self, path: str) -> Node | None:
        """Return the first element at a path, or None."""
        return next(iter(self.all(path)), None)

    def walk(self) -> Iterator[Node]:
        """Yield this element and everything in it, in document order."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    @property
    def xpath(self) -> str:
        """Where it stands: ``/ClinicalDocument/author[2]/time``; its number is written among equals."""
        steps: list[str] = []
        node: Node | None = self
        while node is not None:
            steps.append(node.name + _place(node))
            node = node.parent
        return "/" + "/".join(reversed(steps))


def _place(node: Node) -> str:
    equals = [child for child in node.parent.children if child.name == node.name] if node.parent else []
    return f"[{equals.index(node) + 1}]" if len(equals) > 1 else ""


class _Enough(Exception):
    """Everything asked for has been read."""


class _Builder:
    """Receives the events of the parser; the reader keeps `line` up to date."""

    def __init__(self, sink_for: Callable[[Node], Sink] | None, *, header_only: bool) -> None:
        self.root: Node | None = None
        self.line = 1
        self._sink_for = sink_for
        self._header_only = header_only
        self._open: list[Node] = []
        self._nodes = 0
        self._text = 0

    @property
    def in_binary(self) -> bool:
        """True between the tags of a base64 element."""
        return bool(self._open) and self._open[-1].binary is not None

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        name = _short(tag)
        if self._header_only and len(self._open) == 1 and name == "component":
            raise _Enough
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise MalformedMessage(f"the document holds more than {MAX_NODES} elements")
        parent = self._open[-1] if self._open else None
        node = Node(name, dict(attrib), self.line, parent)
        if parent is None:
            self.root = node
        else:
            parent.children.append(node)
        if node.get("representation") == "B64" and self._sink_for is not None:
            node.binary = self._sink_for(node)
        self._open.append(node)

    def end(self, _: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        node = self._open[-1]
        if node.binary is not None:
            node.binary.write(text)
            return
        self._text += len(text)
        if self._text > MAX_TEXT:
            raise MalformedMessage(f"the document holds more than {MAX_TEXT} characters of text")
        node.add_text(text)


def _short(tag: str) -> str:
    if tag.startswith(_CDA_PREFIX):
        return tag[len(_CDA_PREFIX) :]
    for namespace, prefix in _SHORT_PREFIXES.items():
        if tag.startswith(namespace):
            return prefix + tag[len(namespace) :]
    return tag if tag.startswith("{") else f"{{}}{tag}"


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


class Unreadable(MalformedMessage):
    """The XML cannot be read; `line` says where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def read_tree(
    chunks: Iterable[bytes], *, header_only: bool = False, sink_for: Callable[[Node], Sink] | None = None
) -> Node:
    """Read a document into nodes.

    Args:
        chunks: The XML in pieces of any size.
        header_only: Stop where the body starts; nothing after it is looked at, not even its well-formedness.
        sink_for: Gives the sink for the text of an element with ``representation="B64"``; without it such text is
            kept like any other.

    Raises:
        Unreadable: Not well-formed, holds a DTD, or is larger than a document can be.
    """
    builder = _Builder(sink_for, header_only=header_only)
    try:
        xmlio.stream(_pieces(chunks, builder), builder)
    except _Enough:
        pass
    except MalformedMessage as error:
        raise Unreadable(error.reason, builder.line) from error
    if builder.root is None:  # pragma: no cover - the parser itself refuses a document without an element
        raise Unreadable("the XML holds no element", builder.line)
    return builder.root
