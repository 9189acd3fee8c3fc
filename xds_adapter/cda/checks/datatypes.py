"""Checks of values by their data type, wherever they stand in a document.

What only the header forbids is found by `header_rules`; here a value of the body that the class model allows, but
nobody can use, yields a warning.

Source: HL7 v3 data types R1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xds_adapter.cda.checks.classes import CdaClass, is_kind_of
from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.moments import has_zone, ts_fault
from xds_adapter.cda.tree import name_of
from xds_adapter.cda.ucum import is_unit
from xds_adapter.datatypes import is_oid
from xds_adapter.xmlio import Element

_MEANING = ("originalText", "translation", "qualifier")


def flaws(
    element: Element, cda_class: CdaClass, items: Mapping[str, str], tags: tuple[str, ...], *, in_header: bool
) -> Iterator[Flaw]:
    """Check the value of an element (CDA-026, CDA-031, CDA-032, CDA-041, CDA-045, CDA-046, CDA-070)."""
    if "value" in items and is_kind_of(cda_class.name, "TS"):
        yield from _time(element, items["value"], in_header=in_header)
    elif is_kind_of(cda_class.name, "CD") and cda_class.name != "CS":
        yield from _code(element, items, tags, in_header=in_header)
    elif cda_class.name == "II" and not in_header and _is_loose(items.get("root", "")):
        yield found("CDA-026", element, root=items["root"])
    if "unit" in items and not is_unit(items["unit"]):
        yield found("CDA-070", element, unit=items["unit"])


def _is_loose(root: str) -> bool:
    """Tell a root that the schema takes although it is neither an OID nor a UUID."""
    return bool(root) and root[0].isalpha() and not is_oid(root) and not is_uuid(root)


def _time(element: Element, value: str, *, in_header: bool) -> Iterator[Flaw]:
    fault = ts_fault(value)
    if fault and not in_header:
        yield found("CDA-032", element, value=value, fault=fault)
    elif not fault and len(value) > 8 and not has_zone(value):
        yield found("CDA-031", element, value=value)


def _says_otherwise(tags: tuple[str, ...]) -> bool:
    return any(tag.endswith(_MEANING) for tag in tags)


def _code(element: Element, items: Mapping[str, str], tags: tuple[str, ...], *, in_header: bool) -> Iterator[Flaw]:
    code = items.get("code", "")
    if code and "codeSystem" not in items:
        if not in_header:
            yield found("CDA-045", element, code=code)
    elif code and "displayName" not in items:
        yield found("CDA-041", element, code=code)
    elif not code and "nullFlavor" not in items and not in_header and not _says_otherwise(tags):
        yield found("CDA-046", element, element=name_of(element))
