"""The words for what a case gets wrong: all faults, each with its path.

This is the slow way, for a case that `xds_adapter.cda.case_form` turned down.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from xds_adapter.cda.case_faults import Fault
from xds_adapter.cda.case_form import whole
from xds_adapter.cda.schema import FORMATS, flat_schema, quoted
from xds_adapter.vocabulary.value_sets import VALUE_SETS

_KINDS_OF_VALUE = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}

Errors = Iterator[ValidationError]


def _format(_: object, name: str, instance: object, __: object) -> Errors:
    if isinstance(instance, str) and (fault := FORMATS[name](instance)):
        yield ValidationError(f"{quoted(instance)} {fault}")


def _required(_: object, names: list[str], instance: object, __: object) -> Errors:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("is missing", path=[name])


def _only_known(_: object, __: object, instance: object, schema: Mapping[str, Any]) -> Errors:
    if not isinstance(instance, dict):
        return
    known = schema["properties"]
    for name in instance:
        if name not in known:
            nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            advice = f"did you mean {nearest[0]!r}?" if nearest else f"known here: {', '.join(known)}"
            yield ValidationError(f"unknown member; {advice}", path=[name])


def _any_of(validator: Any, choices: list[Mapping[str, Any]], instance: object, __: object) -> Errors:
    if not any(validator.evolve(schema=choice).is_valid(instance) for choice in choices):
        names = [name for choice in choices for name in choice["required"]]
        yield ValidationError(f"needs at least one of {', '.join(names)}")


def _type(_: object, wanted: str, instance: object, __: object) -> Errors:
    if not Draft202012Validator.TYPE_CHECKER.is_type(instance, wanted):
        yield ValidationError(f"{quoted(instance)} is not {_KINDS_OF_VALUE[wanted]}")


def _min_length(_: object, __: object, instance: object, ___: object) -> Errors:
    if isinstance(instance, str) and not instance.strip():
        yield ValidationError("is empty")


def _max_length(_: object, most: int, instance: object, __: object) -> Errors:
    if isinstance(instance, str) and len(instance) > most:
        yield ValidationError(f"{quoted(instance)} is longer than {most} characters")


def _min_items(_: object, least: int, instance: object, __: object) -> Errors:
    if isinstance(instance, list) and len(instance) < least:
        yield ValidationError(f"needs at least {least} item{'s' if least > 1 else ''}")


def _max_items(_: object, most: int, instance: object, __: object) -> Errors:
    if isinstance(instance, list) and len(instance) > most:
        yield ValidationError(f"takes at most {most} items")


def _pattern(_: object, pattern: str, instance: object, __: object) -> Errors:
    if isinstance(instance, str) and not re.search(whole(pattern), instance, re.ASCII):
        yield ValidationError(f"{quoted(instance)} does not match {pattern}")


def _value_set(_: object, name: str, instance: object, __: object) -> Errors:
    """Check a code object, or a bare code, against a closed value set."""
    value_set = VALUE_SETS[name]
    path: list[str | int] = ["code"] if isinstance(instance, dict) else []
    code = instance.get("code") if isinstance(instance, dict) else instance
    if not isinstance(code, str):
        return
    system = instance.get("system") if isinstance(instance, dict) else None
    member = value_set.find(code, system if isinstance(system, str) else None) or value_set.find(code)
    if member is None:
        nearest = value_set.nearest(code)
        advice = f"nearest: {nearest}" if nearest else f"allowed: {value_set.some_codes}"
        yield ValidationError(
            f"{quoted(code)} is not a code of {value_set.name} ({value_set.words}); {advice}", path=path
        )
    elif isinstance(instance, dict) and instance.get("system", member.system) != member.system:
        yield ValidationError(
            f"{quoted(instance['system'])} is not the code system of {code} in {value_set.name}; it is {member.system}",
            path=["system"],
        )


def _display_from(_: object, name: str, instance: object, __: object) -> Errors:
    """Check that a code outside a value set brings its display name: the set is recommended, not closed."""
    if not isinstance(instance, dict) or not isinstance(instance.get("code"), str):
        return
    member = VALUE_SETS[name].find(instance["code"])
    if "display" not in instance and not (member and member.display):
        yield ValidationError(f"is missing; {VALUE_SETS[name].name} does not give one", path=["display"])


_Validator: Any = cast("Any", extend)(
    Draft202012Validator,
    {
        "format": _format,
        "required": _required,
        "additionalProperties": _only_known,
        "anyOf": _any_of,
        "type": _type,
        "minLength": _min_length,
        "maxLength": _max_length,
        "minItems": _min_items,
        "maxItems": _max_items,
        "pattern": _pattern,
        "valueSet": _value_set,
        "displayFrom": _display_from,
    },
)


@cache
def _validator(folder: str) -> Any:
    return _Validator(flat_schema(folder))


def faults(folder: str, case: object) -> list[Fault]:
    """Return all faults of a case as pairs of path and words, sorted by path.

    Args:
        folder: The kind's folder in ``cda_templates``.
        case: Parsed JSON.
    """
    errors = _validator(folder).iter_errors(case)
    found = [(tuple(error.absolute_path), error.message) for error in errors]
    return sorted(set(found), key=lambda pair: [f"{step:06d}" if isinstance(step, int) else step for step in pair[0]])
