"""A case: checked as a whole, then completed with everything that follows from what it says.

Checking reports all faults at once, each with its JSON path. Completing fills optional members, code systems and
display names, new identifiers and the defaults that a teleradiology document has (`xds_adapter.cda.defaults`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xds_adapter.cda import schema as schemas
from xds_adapter.cda.case_faults import Fault
from xds_adapter.cda.case_rules import broken_rules, unwritable
from xds_adapter.cda.defaults import Case, fill_body, fill_header
from xds_adapter.cda.identifiers import canonical_id
from xds_adapter.datatypes import new_oid
from xds_adapter.errors import CaseInvalid
from xds_adapter.vocabulary.cda import CODE_SYSTEM_NAMES
from xds_adapter.vocabulary.value_sets import VALUE_SETS, ValueSet


def _faults(folder: str, case: object) -> list[Fault]:
    if schemas.follows(folder, case):
        return []
    # What explains faults takes longer to import than most commands take to run.
    from xds_adapter.cda.schema_faults import faults  # noqa: PLC0415

    return faults(folder, case)


def check(folder: str, case: object) -> None:
    """Refuse a case that does not follow its schema or the rules across its members.

    Args:
        folder: The kind's folder in ``cda_templates``.
        case: Parsed JSON.

    Raises:
        CaseInvalid: All faults, each with its JSON path.
    """
    found = [*unwritable(case), *_faults(folder, case)]
    # The rules across members read the case freely, so they wait until its form is right.
    if not found and isinstance(case, dict):
        found = list(broken_rules(case))
    if found:
        raise CaseInvalid(tuple(f"{schemas.json_path(path)}: {words}" for path, words in found))


def complete(folder: str, case: Mapping[str, object]) -> Case:
    """Return a copy of a checked case in which every member of the schema has a value.

    Absent members become None or an empty list, so that templates need not ask whether they exist.
    """
    full: Case = _filled(schemas.flat_schema(folder), case)
    full["unique_id"] = canonical_id(full["unique_id"] or new_oid())
    full["set_id"] = canonical_id(full["set_id"] or new_oid())
    full.setdefault("in_fulfillment_of", [])
    fill_header(full)
    fill_body(full)
    return full


def _filled(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_filled(schema["items"], item) for item in value]
    if schema.get("type") == "integer" and isinstance(value, float):
        # JSON Schema takes 1.0 for an integer; the document must not say "1.0".
        return int(value)
    if not isinstance(value, dict):
        return value
    full = dict(_members(schema, value))
    if name := schema.get("valueSet") or schema.get("displayFrom"):
        _name_code(full, VALUE_SETS[name], given=value.get("system"))
    if "system" in full:
        full["system_name"] = CODE_SYSTEM_NAMES.get(full["system"])
    return full


def _name_code(full: Case, value_set: ValueSet, *, given: str | None) -> None:
    """Give a code the display name and the code system that its value set knows."""
    member = value_set.find(full["code"], given) or value_set.find(full["code"])
    if member is not None:
        full["display"] = full["display"] or member.display
        full["system"] = given or member.system


def _members(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in schema["properties"].items():
        if name in value:
            yield name, _filled(member, value[name])
        elif "default" in member:
            yield name, _filled(member, member["default"])
        else:
            yield name, [] if member.get("type") == "array" else None
