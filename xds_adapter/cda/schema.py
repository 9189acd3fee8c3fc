"""The JSON Schema of a case, and the words for what a case gets wrong.

The schemas are ordinary JSON Schema 2020-12 files beside the templates. Three things are ours: the formats of
`_FORMATS`, the keywords ``valueSet`` (closed) and ``displayFrom`` (recommended) that name a table of
`xds_adapter.vocabulary.value_sets`, and messages for people instead of validator jargon.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.links import plain_url
from xds_adapter.cda.moments import instant_fault, iso_fault
from xds_adapter.datatypes import oid_fault
from xds_adapter.resources import data_folder
from xds_adapter.vocabulary.value_sets import VALUE_SETS

_KINDS_OF_VALUE = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_COMMON = ("values.schema.json", "codes.schema.json", "parties.schema.json", "sections.schema.json")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

Errors = Iterator[ValidationError]


def quoted(value: object) -> str:
    """Write a value as JSON for a message; what a terminal may not show is escaped."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    shown = text if text.isprintable() else json.dumps(value, default=repr)
    return shown if len(shown) <= 120 else f"{shown[:117]}..."


def json_path(path: tuple[str | int, ...]) -> str:
    """Write a JSON path: ``$.authors[0].name``."""
    steps = (
        f"[{step}]" if isinstance(step, int) else f".{step}" if _PLAIN_NAME.fullmatch(step) else f"[{quoted(step)}]"
        for step in path
    )
    return "$" + "".join(steps)


def _document_id_fault(text: str) -> str | None:
    root, caret, extension = text.partition("^")
    if not is_uuid(root) and oid_fault(root) is not None:
        return "is neither an OID nor a UUID"
    return "has no number after ^" if caret and not extension.strip() else _line_fault(extension)


def _url_fault(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return "is not a URL"
    usable = parts.scheme in ("http", "https") and parts.netloc and not re.search(r"\s", text)
    return None if usable else "is not an http or https URL"


def _partial_url_fault(text: str) -> str | None:
    url = plain_url(text)
    return "is neither an http or https URL nor one in base64" if url is None or _url_fault(url) else None


def _line_fault(text: str) -> str | None:
    if len(text.splitlines()) > 1 or text.endswith(("\n", "\r")):
        return "holds a line break"
    return "holds a tab" if "\t" in text else None


def _name_fault(text: str) -> str | None:
    return "begins with a quotation mark" if text.lstrip().startswith('"') else _line_fault(text)


_FORMATS: Mapping[str, Callable[[str], str | None]] = {
    "oid": oid_fault,
    "cda-moment": iso_fault,
    "cda-instant": instant_fault,
    "cda-document-id": _document_id_fault,
    "web-url": _url_fault,
    "partial-url": _partial_url_fault,
    "one-line": _line_fault,
    "name": _name_fault,
}


def _format(_: object, name: str, instance: object, __: object) -> Errors:
    if isinstance(instance, str) and (fault := _FORMATS[name](instance)):
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
    # In JSON Schema $ is the end of the text; in Python it also matches before a last line break.
    python_pattern = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(python_pattern, instance, re.ASCII):
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
def load_schema(folder: str) -> Mapping[str, Any]:
    """Read the schema of a kind; add the header, which all kinds share, and the common definitions that it uses.

    Args:
        folder: The kind's folder in ``cda_templates``, e.g. ``imaging-report``.
    """
    templates = data_folder("cda_templates")
    schema = _json(templates / folder / "case.schema.json")
    header = _json(templates / "common" / "header.schema.json")
    common = {name: part for path in _COMMON for name, part in _json(templates / "common" / path)["$defs"].items()}
    schema["required"] = [*header["required"], *schema["required"]]
    schema["properties"] = {**header["properties"], **schema["properties"]}
    wanted = _references(schema)
    while wanted:
        name = wanted.pop()
        if name not in schema["$defs"]:
            schema["$defs"][name] = common[name]
            wanted |= _references(common[name])
    schema["$defs"] = dict(sorted(schema["$defs"].items()))
    return schema


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _references(part: object) -> set[str]:
    return set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(part)))


@cache
def flat_schema(folder: str) -> Mapping[str, Any]:
    """Return the schema of a kind with every ``$ref`` replaced by what it names; what stands beside it wins.

    Following references costs a third of a check, and our definitions never refer to themselves.
    """
    schema = load_schema(folder)
    flat = _flattened({name: part for name, part in schema.items() if name != "$defs"}, schema["$defs"])
    return cast("Mapping[str, Any]", flat)


def _flattened(part: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(part, list):
        return [_flattened(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    while "$ref" in part:
        beside = {name: value for name, value in part.items() if name != "$ref"}
        part = {**definitions[part["$ref"].rsplit("/", 1)[1]], **beside}
    return {name: _flattened(value, definitions) for name, value in part.items()}


@cache
def _validator(folder: str) -> Any:
    return _Validator(flat_schema(folder))


def findings(folder: str, case: object) -> list[tuple[tuple[str | int, ...], str]]:
    """Return all faults of a case as pairs of path and words, sorted by path."""
    errors = _validator(folder).iter_errors(case)
    found = [(tuple(error.absolute_path), error.message) for error in errors]
    return sorted(set(found), key=lambda pair: [f"{step:06d}" if isinstance(step, int) else step for step in pair[0]])
