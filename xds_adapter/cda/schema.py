"""The JSON Schema of a case, and whether a case follows it.

The schemas are ordinary JSON Schema 2020-12 files beside the templates. Three things are ours: the formats of
`FORMATS`, the keywords ``valueSet`` (closed) and ``displayFrom`` (recommended) that name a table of
`xds_adapter.vocabulary.value_sets`, and messages for people instead of validator jargon
(`xds_adapter.cda.schema_faults`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from xds_adapter.cda.case_form import Fits, form_of
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.links import plain_url
from xds_adapter.cda.moments import instant_fault, iso_fault
from xds_adapter.datatypes import oid_fault
from xds_adapter.resources import data_folder

_COMMON = ("values.schema.json", "codes.schema.json", "parties.schema.json", "sections.schema.json")
"""Path and words of what is wrong with a case."""
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


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


FORMATS: Mapping[str, Callable[[str], str | None]] = {
    "oid": oid_fault,
    "cda-moment": iso_fault,
    "cda-instant": instant_fault,
    "cda-document-id": _document_id_fault,
    "web-url": _url_fault,
    "partial-url": _partial_url_fault,
    "one-line": _line_fault,
    "name": _name_fault,
}


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
def _form(folder: str) -> Fits:
    return form_of(flat_schema(folder), FORMATS)


def follows(folder: str, case: object) -> bool:
    """Tell whether a case follows the schema of its kind; `schema_faults` says what is wrong with one that does not."""
    return _form(folder)(case)
