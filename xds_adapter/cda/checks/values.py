"""Checks of dates and codes, wherever they stand.

Source: HL7 v3 data types R1, TS and CD; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.moments import has_zone, ts_fault
from xds_adapter.cda.tree import get, name_of
from xds_adapter.xmlio import Element

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


def _is_time(node: Element) -> bool:
    """Tell times from the quantities that share the names low and high."""
    if name_of(node) not in _TIMES or "value" not in node.attrib or "unit" in node.attrib:
        return False
    parent = node.getparent()
    return name_of(node) not in ("low", "high") or (parent is not None and name_of(parent) in _TIMES)


def times(root: Element) -> Iterator[Flaw]:
    """Check that times exist (CDA-030) and carry a zone (CDA-031)."""
    for node in root.iter():
        if _is_time(node):
            value = get(node, "value")
            if fault := ts_fault(value):
                yield found("CDA-030", node, value=value, fault=fault)
            elif len(value) > 8 and not has_zone(value):
                yield found("CDA-031", node, value=value)


def codes(root: Element) -> Iterator[Flaw]:
    """Check that codes say what they are (CDA-040, CDA-041, CDA-042)."""
    for node in root.iter():
        if name_of(node) not in _CODED:
            continue
        code = get(node, "code")
        if code and not get(node, "codeSystem"):
            yield found("CDA-040", node, code=code)
        elif code and not get(node, "displayName"):
            yield found("CDA-041", node, code=code)
        elif not code and "nullFlavor" not in node.attrib and not _MEANING & {name_of(child) for child in node}:
            yield found("CDA-042", node, element=name_of(node))
