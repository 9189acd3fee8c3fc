"""A CDA document that has been read once, for everything that looks at it.

    document (XML, any size)  --read_document-->  CdaDocument  --validate, header_of-->  findings, Header

Embedded files are decoded as they pass and never held; what is known of them stands beside the tree.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xds_adapter import xmlio
from xds_adapter.cda.base64body import Base64Body
from xds_adapter.cda.tree import read_tree
from xds_adapter.xmlio import Element


@dataclass(frozen=True, slots=True)
class CdaDocument:
    """A document in memory.

    Attributes:
        root: Its root element, without the text of embedded files.
        bodies: Every element that holds a file in base64, with what the file is.
        lines: Lines that elements of a very long document cannot tell; see `tree.line_of`.
    """

    root: Element
    bodies: tuple[tuple[Element, Base64Body], ...]
    lines: array[int]


def read_document(document: bytes | Path | Iterable[bytes]) -> CdaDocument:
    """Read a document once.

    Args:
        document: Its bytes, the path of its file, or its bytes in pieces of any size.

    Raises:
        Unreadable: Not well-formed, holds a DTD, or is larger than a document can be.
        OSError: The file cannot be read.
    """
    if isinstance(document, Path):
        document = xmlio.file_chunks(document)
    found: list[tuple[Element, Base64Body]] = []
    lines = array("L")

    def body_of(element: Element) -> Base64Body:
        body = Base64Body()
        found.append((element, body))
        return body

    root = read_tree([document] if isinstance(document, bytes) else document, sink_for=body_of, lines=lines)
    for _, body in found:
        body.close()
    return CdaDocument(root, tuple(found), lines)
