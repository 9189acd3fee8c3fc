"""Checks of the links between entries and narrative.

Source: HL7 CDA R2 section 4.3.5; the official rules of CI-SIS do not look at them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Finding, found
from xds_adapter.cda.tree import Node

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)


def links(root: Node) -> Iterator[Finding]:
    """Check that references lead somewhere (CDA-050, CDA-051, CDA-052) and IDs are unique (CDA-053)."""
    anchors: dict[str, Node] = {}
    for node in root.walk():
        if "ID" in node.attrib:
            value = node.attrib["ID"]
            if value in anchors:
                yield found("CDA-053", node, value=value, line=anchors[value].line)
            anchors.setdefault(value, node)
    for node in root.walk():
        if node.name == "reference":
            yield from _reference(node, anchors)
        elif node.name == "renderMultiMedia":
            for target in node.get("referencedObject").split():
                if target not in anchors:
                    yield found("CDA-052", node, target=target)


def _reference(node: Node, anchors: dict[str, Node]) -> Iterator[Finding]:
    value = node.get("value")
    if value.startswith("#"):
        if value[1:] not in anchors:
            yield found("CDA-050", node, target=value[1:])
    elif value and not _URI.match(value):
        yield found("CDA-051", node, value=value)
