"""A DocumentEntry as a JSON object with the standard's names in snake_case, both directions.

Source: IHE ITI TF-3 4.2.3.2 (names).
"""

from __future__ import annotations

import difflib
from dataclasses import fields
from typing import Any

from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.errors import ConfigError
from xds_adapter.model import Author, DocumentEntry, Slot
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, Kind

_KINDS = {attribute.field: attribute for attribute in DOCUMENT_ENTRY}
_READ: dict[Kind, Any] = {Kind.CX: CX, Kind.CXI: CXi, Kind.XCN: XCN, Kind.DTM: DTM}
_FIELDS = tuple(field.name for field in fields(DocumentEntry))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Coded):
        return {"code": value.code, "scheme": value.scheme, "display": value.display}
    if isinstance(value, Author | Slot):
        members = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {name: member for name, member in members.items() if member not in (None, [])}
    return value if value is None or isinstance(value, int) else str(value)


def to_json(entry: DocumentEntry) -> dict[str, Any]:
    """Write an entry; what it does not have is left out."""
    members = {name: _plain(getattr(entry, name)) for name in _FIELDS}
    return {name: member for name, member in members.items() if member not in (None, []) and member is not False}


def from_json(members: object, where: str) -> DocumentEntry:
    """Read an entry.

    Args:
        members: The JSON object.
        where: The file, for messages.

    Raises:
        ConfigError: It is no object, or members are unknown or of the wrong form; all of them are named.
    """
    if not isinstance(members, dict):
        raise ConfigError(f"{where}, $: must be a JSON object with the attributes of one document")
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name, value in members.items():
        try:
            values[name] = _member(name, value)
        except (TypeError, ValueError, KeyError) as error:
            faults.append(f"{where}, $.{name}: {error.args[0] if error.args else error}")
    if faults:
        raise ConfigError("\n".join(faults))
    return DocumentEntry(**values)


def _member(name: str, value: object) -> Any:
    if name not in _FIELDS:
        near = difflib.get_close_matches(name, _FIELDS, n=1)
        raise ValueError("is no attribute of a DocumentEntry" + (f"; did you mean {near[0]!r}?" if near else ""))
    if name == "extra_slots":
        return tuple(_slot(item) for item in _list(value))
    attribute = _KINDS[name]
    if attribute.many:
        return tuple(_one(attribute.kind, item) for item in _list(value))
    return _one(attribute.kind, value)


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("must be a list")
    return value


def _one(kind: Kind, value: Any) -> Any:
    if kind is Kind.CODED:
        if not isinstance(value, dict) or not {"code", "scheme"} <= set(value) <= {"code", "scheme", "display"}:
            raise ValueError("must be an object with code, scheme and display")
        return Coded(str(value["code"]), str(value["scheme"]), str(value.get("display", "")))
    if kind is Kind.AUTHOR:
        return _author(value)
    if kind is Kind.INTEGER:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError("must be a whole number")
        return value
    if kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise TypeError("must be true or false")
        return value
    if not isinstance(value, str):
        raise TypeError("must be a text")
    return _READ.get(kind, str)(value)


def _author(value: Any) -> Author:
    names = {field.name for field in fields(Author)}
    if not isinstance(value, dict) or not set(value) <= names:
        raise ValueError(f"must be an object with {', '.join(sorted(names))}")
    members = {name: tuple(_list(member)) for name, member in value.items() if name not in ("person", "extra_slots")}
    slots = tuple(_slot(item) for item in value.get("extra_slots", ()))
    person = XCN(value["person"]) if "person" in value else None
    return Author(person=person, extra_slots=slots, **members)


def _slot(value: Any) -> Slot:
    if not isinstance(value, dict) or set(value) != {"name", "values"}:
        raise ValueError("must hold objects with name and values")
    return Slot(str(value["name"]), tuple(_list(value["values"])))
