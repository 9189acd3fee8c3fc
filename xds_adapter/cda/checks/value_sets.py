"""Checks of codes against value sets.

Source: ANS CI-SIS value sets (JDV).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.vocabulary.value_sets import CONFIDENTIALITY, ValueSet
from xds_adapter.xmlio import Element


def attributes_of(element: Element) -> dict[str, str]:
    """The attributes of an element as a plain mapping."""
    return {str(name): str(value) for name, value in element.items()}


def code_words(value_set: ValueSet, items: Mapping[str, str]) -> dict[str, object]:
    """What a message says of a code and its set; the nearest code is looked for when the message is made."""
    return {"code": items.get("code", ""), "system": items.get("codeSystem", ""), "value_set": value_set}


def code_flaws(
    element: Element, value_set: ValueSet, items: Mapping[str, str], *, error_on_system: bool
) -> Iterator[Flaw]:
    """Check a code against its set (CDA-016, CDA-400), and its code system (CDA-401, CDA-400).

    Args:
        element: Where the code stands.
        value_set: The set it must be of.
        items: Its attributes.
        error_on_system: The official rules look at the code system too.
    """
    code, system = items.get("code", ""), items.get("codeSystem", "")
    if value_set.find(code) is None or (error_on_system and value_set.find(code, system) is None):
        if value_set == CONFIDENTIALITY:
            yield found("CDA-016", element, code=code)
        else:
            yield found("CDA-400", element, **code_words(value_set, items))
    elif value_set.find(code, system) is None:
        yield found("CDA-401", element, **code_words(value_set, items))
