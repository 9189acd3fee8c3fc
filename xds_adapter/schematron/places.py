"""Say where in a document a finding belongs: the element, its XPath for a reader, its line.

An XPath is written ``/ClinicalDocument/author[2]/time/@value``: its number is written where an element stands among
equals.
"""

from __future__ import annotations

import re
from typing import Any, cast

from xds_adapter.vocabulary.namespaces import CDA, DICOM_CDA, SDTC
from xds_adapter.xmlio import Element

_PREFIXES = {CDA: "", DICOM_CDA: "ps3-20:", SDTC: "sdtc:"}
_LINES = 65_535
"""An element cannot tell a line from here on."""
_STEP = re.compile(r"/(@?)(?:Q\{([^}]*)\})?([^/\[{}]+)(?:\[(\d+)\])?")


def place(root: Element, path: str) -> tuple[str, int | None]:
    """Read a path as the XPath function ``path()`` writes it.

    Args:
        root: The root element of the document.
        path: E.g. ``/Q{urn:hl7-org:v3}ClinicalDocument[1]/Q{urn:hl7-org:v3}author[2]/@Q{}nullFlavor``.

    Returns:
        XPath and line; the path as it is, without a line, when it does not lead to an element.
    """
    element: Element | None = None
    rest = ""
    for is_attribute, space, name, number in _STEP.findall(path):
        if is_attribute or name.endswith(")"):
            rest = f"/{is_attribute}{_short(space, name)}"
            break
        tag = f"{{{space}}}{name}" if space else name
        if element is None:
            element = root if root.tag == tag else None
        else:
            same = element.findall(tag)
            element = same[int(number or 1) - 1] if int(number or 1) <= len(same) else None
        if element is None:
            return path, None
    return (path, None) if element is None else (xpath_of(element) + rest, line_of(element))


def line_of(element: Element) -> int | None:
    """The line on which the start tag of an element ends; None where that is not known, far down in long documents."""
    line: int | None = cast("Any", element).sourceline
    return line if line is not None and line < _LINES else None


def xpath_of(element: Element) -> str:
    """Write the XPath of an element."""
    steps = [_step(each) for each in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: Element) -> str:
    tag: str = element.tag
    before = sum(1 for _ in element.itersiblings(tag, preceding=True))
    number = f"[{before + 1}]" if before or next(element.itersiblings(tag), None) is not None else ""
    space, _, name = tag.rpartition("}")
    return _short(space[1:], name) + number


def _short(space: str, name: str) -> str:
    return _PREFIXES[space] + name if space in _PREFIXES else f"{{{space}}}{name}" if space else name
