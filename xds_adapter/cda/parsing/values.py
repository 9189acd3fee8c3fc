"""Codes, identifiers and quantities back to the members of a case.

Source: HL7 v3 data types R1, CD, II, PQ, BL.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.value_sets import VALUE_SETS
from xds_adapter.xmlio import Element

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_TRUE = {"true": True, "1": True, "false": False, "0": False}


def code(reader: Reader, element: Element | None) -> Case | None:
    """Return a coded element without its qualifiers and translations, or None when it has no code.

    A display name that is missing is taken from the original text; failing that, the code stands for itself.
    """
    if element is None:
        return None
    reader.see(element)
    # Only the blanks of XML: a code may end with another.
    value = element.get("code", "").strip(" ")
    words = _original(reader, element)
    if not value:
        return None
    display = element.get("displayName", "")
    if not display.strip():
        display = words or value
        reader.assumed(element, f"the code {value} has no displayName; {display!r} is taken")
    system = get(element, "codeSystem")
    if not system:
        reader.assumed(element, f"the code {value} has no codeSystem")
    if version := get(element, "codeSystemVersion"):
        reader.lost(element, f"the version {version} of the code system")
    return present(code=value, display=display, system=system)


def member_code(reader: Reader, element: Element | None, name: str) -> Case | None:
    """Return a coded element that a case may leave out; left out and noted when it is not in its value set.

    Args:
        reader: The document.
        element: The coded element, or None.
        name: The value set, by the name under which case schemas refer to it.
    """
    if element is None:
        return None
    value_set = VALUE_SETS[name]
    if get(element, "code") and value_set.find(get(element, "code")) is None:
        words = f"{get(element, 'code')} {element.get('displayName', '')}".strip()
        reader.lost(element, f"{words!r} is not a code of {value_set.name} ({value_set.words}); it is left out")
        reader.see_all(element)
        return None
    return code(reader, element)


def _original(reader: Reader, element: Element) -> str:
    """Return the original text of a code on one line; inline words that are not its display name stay unseen."""
    original = first(element, "originalText")
    if original is None:
        return ""
    if first(original, "reference") is None and (original.text or "").strip() not in ("", element.get("displayName")):
        return (original.text or "").strip()
    return " ".join(reader.linked(element, "originalText", labelled=False).split())


def is_coded(element: Element, system: str, *codes: str) -> bool:
    """Tell whether a coded element holds one of some codes of a system; a missing system is not held against it."""
    return get(element, "code") in codes and get(element, "codeSystem") in ("", system)


def with_code(elements: list[Element], system: str, value: str, path: str = "code") -> list[Element]:
    """Return the elements whose child at a path holds a code."""
    return [one for one in elements if (child := first(one, path)) is not None and is_coded(child, system, value)]


def identifier(reader: Reader, parent: Element, path: str = "id") -> Case | None:
    """Return the first identifier that has both a root and an extension."""
    for element in all_of(parent, path):
        if get(element, "root") and get(element, "extension"):
            reader.see(element)
            return {"root": get(element, "root"), "extension": element.get("extension", "")}
        if get(element, "nullFlavor"):
            reader.see(element)
    return None


def root_only(reader: Reader, element: Element | None) -> str | None:
    """Return an identifier that is a root alone; an extension has no place beside it."""
    if element is None or not get(element, "root"):
        return None
    reader.see(element)
    if extension := get(element, "extension"):
        reader.lost(element, f"the case form identifies this by a root alone; the extension {extension!r} is left out")
    return get(element, "root")


def document_id(reader: Reader, element: Element | None) -> str | None:
    """Return the id of a document: its root, and the extension behind ``^`` when there is one."""
    if element is None or not get(element, "root"):
        return None
    reader.see(element)
    extension = element.get("extension", "")
    return f"{get(element, 'root')}^{extension}" if extension else get(element, "root")


def number(text: str) -> int | float | None:
    """Return a decimal number as JSON writes it, or None when the text is none or too large for one."""
    if not _NUMBER.fullmatch(text):
        return None
    if text.isdigit() and len(text) <= 15:
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None


def quantity(reader: Reader, element: Element | None) -> Case | None:
    """Return a PQ: its value and unit, or those of its translation when the unit is none of UCUM's usual ones."""
    if element is None:
        return None
    holder = element if get(element, "value") else first(element, "translation")
    text = "" if holder is None else get(holder, "value")
    value = number(text)
    if value is None or holder is None:
        return None
    reader.see(element, holder)
    if format(Decimal(repr(value)), "f") != text:
        reader.reworded(holder, f"the number {text} becomes {value}")
    unit = holder.get("unit" if holder is element else "code", "").strip(" ")
    if not unit:
        reader.assumed(holder, "the quantity has no unit; 1 is taken")
    return {"value": value, "unit": unit or "1"}


def boolean(reader: Reader, element: Element | None) -> bool | None:
    """Return a BL."""
    if element is None:
        return None
    value = _TRUE.get(get(element, "value"))
    if value is not None:
        reader.see(element)
    return value
