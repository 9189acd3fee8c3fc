"""Attributes that documents are full of, written in one step: a macro for each would take most of a build's time.

Source: HL7 v3 data types R1 (CD, II, PQ).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from xds_adapter.vocabulary.ucum import UCUM, UNLISTED


def decimal(value: float) -> str:
    """Write a number without exponent, as PQ/@value has it."""
    return format(Decimal(repr(value)), "f")


def decimal_comma(value: float) -> str:
    """Write a number as French prose does."""
    return decimal(value).replace(".", ",")


def lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def code_attributes(code: Mapping[str, Any]) -> Markup:
    """Write the attributes of a CD: code, displayName, codeSystem and, where customary, codeSystemName."""
    written = (
        f'code="{escape(code["code"])}" displayName="{escape(code["display"])}" codeSystem="{escape(code["system"])}"'
    )
    name = code["system_name"]
    return Markup(f'{written} codeSystemName="{escape(name)}"' if name else written)  # noqa: S704


def identifier_attributes(identifier: Mapping[str, Any]) -> Markup:
    """Write the attributes of an II: root and extension."""
    return Markup(f'root="{escape(identifier["root"])}" extension="{escape(identifier["extension"])}"')  # noqa: S704


def document_id_attributes(document_id: str) -> Markup:
    """Write the attributes of a document's id: its root, and the extension after ``^`` when there is one."""
    root, caret, extension = document_id.partition("^")
    written = f'root="{escape(root)}"'
    return Markup(f'{written} extension="{escape(extension)}"' if caret else written)  # noqa: S704


def quantity_attributes(quantity: Mapping[str, Any]) -> Markup:
    """Write the attributes of a PQ: value and unit."""
    return Markup(f'value="{decimal(quantity["value"])}" unit="{escape(quantity["unit"])}"')  # noqa: S704


def _quantity(tag: str, kind: str, quantity: Mapping[str, Any]) -> Markup:
    # A unit that the official rules do not know goes into a translation: what is measured then is none of the values
    # that they allow (OTH), and what it is stands there.
    if quantity["unit"] not in UNLISTED:
        return Markup(f"<{tag}{kind} {quantity_attributes(quantity)}/>")  # noqa: S704
    unit = escape(quantity["unit"])
    written = f'value="{decimal(quantity["value"])}" code="{unit}" displayName="{unit}"'
    translation = f'<translation {written} codeSystem="{UCUM}" codeSystemName="UCUM"/>'
    return Markup(f'<{tag}{kind} nullFlavor="OTH">\n{translation}\n</{tag}>')  # noqa: S704


def observed_value(quantity: Mapping[str, Any]) -> Markup:
    """Write the value of an observation, as a PQ."""
    return _quantity("value", ' xsi:type="PQ"', quantity)


def bound(quantity: Mapping[str, Any], tag: str) -> Markup:
    """Write one end of an IVL_PQ: low or high."""
    return _quantity(tag, "", quantity)


FILTERS = {
    "bound": bound,
    "code": code_attributes,
    "decimal": decimal,
    "decimal_comma": decimal_comma,
    "document_id": document_id_attributes,
    "ii": identifier_attributes,
    "lines": lines,
    "observed_value": observed_value,
    "pq": quantity_attributes,
}
"""By the name that templates call them."""
