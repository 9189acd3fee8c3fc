"""Checks of dates and codes, wherever they stand.

Source: HL7 v3 data types R1, TS and CD; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Finding, found
from xds_adapter.cda.moments import has_zone, ts_fault
from xds_adapter.cda.tree import Node

_TIMES = frozenset({"effectiveTime", "time", "birthTime", "low", "high"})
_CODED = frozenset(
    {
        "code",
        "translation",
        "functionCode",
        "confidentialityCode",
        "administrativeGenderCode",
        "standardIndustryClassCode",
        "methodCode",
        "targetSiteCode",
        "routeCode",
        "priorityCode",
    }
)
_MEANING = frozenset({"originalText", "translation", "qualifier"})


def _is_time(node: Node) -> bool:
    """Tell times from the quantities that share the names low and high."""
    if node.name not in _TIMES or "value" not in node.attrib or "unit" in node.attrib:
        return False
    return node.name not in ("low", "high") or (node.parent is not None and node.parent.name in _TIMES)


def times(root: Node) -> Iterator[Finding]:
    """Check that times exist (CDA-030) and carry a zone (CDA-031)."""
    for node in root.walk():
        if _is_time(node):
            value = node.get("value")
            if fault := ts_fault(value):
                yield found("CDA-030", node, value=value, fault=fault)
            elif len(value) > 8 and not has_zone(value):
                yield found("CDA-031", node, value=value)


def codes(root: Node) -> Iterator[Finding]:
    """Check that codes say what they are (CDA-040, CDA-041, CDA-042)."""
    for node in root.walk():
        if node.name not in _CODED:
            continue
        code = node.get("code")
        if code and not node.get("codeSystem"):
            yield found("CDA-040", node, code=code)
        elif code and not node.get("displayName"):
            yield found("CDA-041", node, code=code)
        elif not code and "nullFlavor" not in node.attrib and not _MEANING & {child.name for child in node.children}:
            yield found("CDA-042", node, element=node.name)
