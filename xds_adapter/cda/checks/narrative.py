"""Checks of the links between entries and narrative.

Source: HL7 CDA R2 section 4.3.5; the official rules of CI-SIS do not look at them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.checks.walk import Survey
from xds_adapter.cda.tree import get
from xds_adapter.xmlio import Element

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)


def links(survey: Survey) -> Iterator[Flaw]:
    """Check that references lead somewhere (CDA-050, CDA-051, CDA-052) and IDs are unique (CDA-053)."""
    anchors: dict[str, Element] = {}
    for node in survey.anchors:
        value = node.get("ID", "")
        if value in anchors:
            yield found("CDA-053", node, value=value, line=anchors[value])
        anchors.setdefault(value, node)
    for node in survey.references:
        yield from _reference(node, anchors)
    for node in survey.media:
        for target in get(node, "referencedObject").split():
            if target not in anchors:
                yield found("CDA-052", node, target=target)


def _reference(node: Element, anchors: dict[str, Element]) -> Iterator[Flaw]:
    value = get(node, "value")
    if value.startswith("#"):
        if value[1:] not in anchors:
            yield found("CDA-050", node, target=value[1:])
    elif value and not _URI.match(value):
        yield found("CDA-051", node, value=value)
