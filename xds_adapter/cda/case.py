"""A case: checked as a whole, then completed with everything that follows from what it says.

Checking reports all faults at once, each with its JSON path. Completing fills optional members, code systems and
display names, new identifiers and the defaults that a teleradiology document has: the first author answers for it
and performed the act unless the case says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from xds_adapter.cda import schema as schemas
from xds_adapter.cda.case_rules import broken_rules, unwritable
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.datatypes import new_oid
from xds_adapter.errors import CaseInvalid
from xds_adapter.vocabulary.cda import CODE_SYSTEM_NAMES
from xds_adapter.vocabulary.value_sets import VALUE_SETS

Case = dict[str, Any]


def check(folder: str, case: object) -> None:
    """Refuse a case that does not follow its schema or the rules across its members.

    Args:
        folder: The kind's folder in ``cda_templates``.
        case: Parsed JSON.

    Raises:
        CaseInvalid: All faults, each with its JSON path.
    """
    found = [*unwritable(case), *schemas.findings(folder, case)]
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
    full["unique_id"] = _canonical_id(full["unique_id"] or new_oid())
    full["set_id"] = _canonical_id(full["set_id"] or new_oid())
    author = full["authors"][0]
    if full["legal_authenticator"] is None:
        full["legal_authenticator"] = dict(author, time=None)
    full["legal_authenticator"]["time"] = full["legal_authenticator"]["time"] or full["effective_time"]
    for event in full.get("service_events", [full.get("order")]):
        event["performer"] = event["performer"] or author
    full.setdefault("in_fulfillment_of", [])
    for act in full.get("sections", {}).get("imaging_acts", []):
        _complete_act(act, full)
    return full


def _canonical_id(text: str) -> str:
    return text.upper() if is_uuid(text) else text


def _complete_act(act: Case, full: Case) -> None:
    exposure = act["radiation_exposure"]
    if exposure is not None and exposure["authorized_by"] is None:
        exposure["authorized_by"] = full["service_events"][0]["performer"]
    days = act["dicom_catalogue"]["image_retention_days"]
    for study in act["dicom_catalogue"]["studies"]:
        study["viewer_url"] = study["viewer_url"].replace("{unique_id}", quote(full["unique_id"], safe=""))
        study["available_until"] = _later(study["effective_time"], days) if days else None


def _later(moment: str, days: int) -> str | None:
    """The day that lies `days` after a moment; None when the moment names no day or the calendar ends before."""
    try:
        return (date.fromisoformat(moment[:10]) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None


def _filled(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_filled(schema["items"], item) for item in value]
    if schema.get("type") == "integer" and isinstance(value, float):
        # JSON Schema takes 1.0 for an integer; the document must not say "1.0".
        return int(value)
    if not isinstance(value, dict):
        return value
    full = dict(_members(schema, value))
    if "valueSet" in schema and (member := VALUE_SETS[schema["valueSet"]].find(value["code"])):
        full["display"] = full["display"] or member.display
        full["system"] = member.system
    if "system" in full:
        full["system_name"] = CODE_SYSTEM_NAMES.get(full["system"])
    return full


def _members(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in schema["properties"].items():
        if name in value:
            yield name, _filled(member, value[name])
        elif "default" in member:
            yield name, _filled(member, member["default"])
        else:
            yield name, [] if member.get("type") == "array" else None
