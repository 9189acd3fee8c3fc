"""Tell fast whether a case has the form that its schema asks for.

    schema (JSON Schema, flat)  --form_of-->  function: case -> True or False

`xds_adapter.cda.schema` says what is wrong with a case, and takes its time for it; most cases have nothing wrong.
Only the keywords that our schemas use are known here. A test lets both judge the same cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from xds_adapter.vocabulary.value_sets import VALUE_SETS

Fits = Callable[[Any], bool]
Formats = Mapping[str, Callable[[str], str | None]]

_TELLS_NOTHING = frozenset({"$schema", "title", "description", "examples", "default"})
_OF_OBJECT = frozenset({"properties", "required", "additionalProperties", "minProperties"})


def _is_integer(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Fits] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "integer": _is_integer,
    "number": _is_number,
}


def _items(schema: Mapping[str, Any], formats: Formats) -> Fits:
    fits = form_of(schema, formats)
    return lambda value: not isinstance(value, list) or all(map(fits, value))


def _any_of(choices: list[Mapping[str, Any]], formats: Formats) -> Fits:
    fits = [form_of(choice, formats) for choice in choices]
    return lambda value: any(fit(value) for fit in fits)


def whole(pattern: str) -> str:
    """Write a pattern of JSON Schema for Python, whose ``$`` also matches before a last line break."""
    return f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern


def _pattern(pattern: str, _: Formats) -> Fits:
    search = re.compile(whole(pattern), re.ASCII).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _format(name: str, formats: Formats) -> Fits:
    fault = formats[name]
    return lambda value: not isinstance(value, str) or fault(value) is None


def _enum(allowed: list[str], _: Formats) -> Fits:
    known = frozenset(allowed)
    return lambda value: isinstance(value, str) and value in known


def _value_set(name: str, _: Formats) -> Fits:
    find = VALUE_SETS[name].find

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return not isinstance(value, str) or find(value) is not None
        code, system = value.get("code"), value.get("system")
        if not isinstance(code, str):
            return True
        member = find(code, system) if isinstance(system, str) else find(code)
        if member is None:
            return False
        return bool(value.get("system", member.system) == member.system)

    return fits


def _display_from(name: str, _: Formats) -> Fits:
    find = VALUE_SETS[name].find

    def fits(value: Any) -> bool:
        if not isinstance(value, dict) or not isinstance(value.get("code"), str) or "display" in value:
            return True
        member = find(value["code"])
        return member is not None and bool(member.display)

    return fits


_KEYWORDS: Mapping[str, Callable[[Any, Formats], Fits]] = {
    "type": lambda name, _: _TYPES[name],
    "items": _items,
    "minItems": lambda least, _: lambda value: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda most, _: lambda value: not isinstance(value, list) or len(value) <= most,
    # A text of blanks only is empty.
    "minLength": lambda _, __: lambda value: not isinstance(value, str) or bool(value.strip()),
    "maxLength": lambda most, _: lambda value: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda least, _: lambda value: not _is_number(value) or not value < least,
    "enum": _enum,
    "pattern": _pattern,
    "format": _format,
    "valueSet": _value_set,
    "displayFrom": _display_from,
    "anyOf": _any_of,
}


def _object(schema: Mapping[str, Any], formats: Formats) -> Fits:
    members = {name: form_of(part, formats) for name, part in schema.get("properties", {}).items()}
    required = frozenset(schema.get("required", ()))
    least = schema.get("minProperties", 0)
    closed = schema.get("additionalProperties") is False

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        if not value.keys() >= required or len(value) < least:
            return False
        for name, member in value.items():
            fit = members.get(name)
            if fit is None:
                if closed:
                    return False
            elif not fit(member):
                return False
        return True

    return fits


def form_of(schema: Mapping[str, Any], formats: Formats) -> Fits:
    """Compile a schema without references.

    Args:
        schema: JSON Schema, with our keyword ``valueSet``.
        formats: Name of a format to the function that says what is wrong with a text, or None.

    Raises:
        ValueError: It uses a keyword that is not known here.
    """
    unknown = schema.keys() - _TELLS_NOTHING - _OF_OBJECT - _KEYWORDS.keys()
    if unknown:
        raise ValueError(f"the keyword {min(unknown)} of a schema is not known")
    checks = [_KEYWORDS[name](value, formats) for name, value in schema.items() if name in _KEYWORDS]
    if schema.keys() & _OF_OBJECT:
        checks.append(_object(schema, formats))
    if len(checks) == 1:
        return checks[0]

    def fits(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - a loop is faster than all() with a generator, and this runs often
            if not check(value):
                return False
        return True

    return fits
