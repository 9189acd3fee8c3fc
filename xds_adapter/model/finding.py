"""Turn a broken rule into a RegistryError that names object, attribute, value and rule.

Source: IHE ITI TF-3 4.2.4.1 (codeContext is free text for the sender).
"""

from __future__ import annotations

from xds_adapter.model.metadata import Association, RegistryObject
from xds_adapter.model.outcome import RegistryError
from xds_adapter.vocabulary.rules import RULES

_SHOWN = 256


def finding(rule: str, words: str, *, object_id: str = "", attribute: str = "", value: str = "") -> RegistryError:
    """Make the error of one broken rule.

    Args:
        rule: Id of a row of `RULES`; gives error code and severity.
        words: What is wrong with this value; starts after the name of the attribute.
        object_id: The object, e.g. ``DocumentEntry 1.2.3``.
        attribute: IHE name of the attribute.
        value: The value found; shown shortened to 256 characters.
    """
    shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
    where = ", ".join(part for part in (object_id, attribute) if part)
    quoted = f'"{shown}" ' if shown else ""
    context = f"{where}: {quoted}{words} [{rule}]" if where else f"{quoted}{words} [{rule}]"
    row = RULES[rule]
    return RegistryError(
        code=row.code,
        code_context=context,
        severity=row.severity,
        location=where,
        rule=rule,
        object_id=object_id,
        attribute=attribute,
        value=shown,
    )


def label(registry_object: RegistryObject) -> str:
    """Name an object for a reader: its kind with its uniqueId, or else its id in the message."""
    unique_id = None if isinstance(registry_object, Association) else registry_object.unique_id
    return f"{type(registry_object).__name__} {unique_id or registry_object.entry_uuid or '(no id)'}"
