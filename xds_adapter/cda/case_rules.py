"""What a JSON Schema cannot say of a case: rules across members, and characters that XML cannot carry.

Source: ANS CI-SIS, volets Structuration minimale, IMG-DA-IMG and IMG-CR-IMG 2024.01; XML 1.0 section 2.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from xds_adapter.cda.base64body import Base64Body
from xds_adapter.cda.moments import dtm_of_ts, ts_of_iso
from xds_adapter.vocabulary.cda import PATIENT_HOST_ROOT, PROFESSIONAL_ROOT, STRUCTURE_ROOT
from xds_adapter.vocabulary.value_sets import PET_FUNCTION, SCINTIGRAPHY_FUNCTION, ValueSet

Path = tuple[str | int, ...]
Fault = tuple[Path, str]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STUDIED: Mapping[str, ValueSet] = {"PT": PET_FUNCTION, "NM": SCINTIGRAPHY_FUNCTION}


def unwritable(value: object, path: Path = ()) -> list[Fault]:
    """Find the texts and numbers that no XML document can carry.

    Escaping lets U+0001 through, so this is asked before anything is rendered.

    Source: XML 1.0 section 2.2 (Char).
    """
    if isinstance(value, str):
        found = _FORBIDDEN.search(value)
        if found is None:
            return []
        return [(path, f"holds the character U+{ord(found[0]):04X} at position {found.start() + 1}, which XML forbids")]
    if isinstance(value, float) and not math.isfinite(value):
        return [(path, f"{value} is not a number")]
    if isinstance(value, dict):
        return [fault for name, member in value.items() for fault in unwritable(member, (*path, str(name)))]
    if isinstance(value, list):
        return [fault for index, item in enumerate(value) for fault in unwritable(item, (*path, index))]
    return []


def broken_rules(case: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong across the members of a case that follows its schema."""
    yield from _identity(case["record_target"])
    yield from _roots(case)
    yield from _performers(case)
    yield from _periods(case, ())
    sections = case.get("sections", {})
    for index, exam in enumerate(sections.get("plan_of_care", ())):
        yield from _requested_exam(exam, ("sections", "plan_of_care", index))
    yield from _files(case)
    yield from _report(case, sections)
    replaced = case.get("related_document")
    if replaced and replaced["unique_id"].upper() == case.get("unique_id", "").upper():
        yield ("related_document", "unique_id"), "a document cannot replace itself; every version has its own unique_id"


def _identity(patient: Mapping[str, Any]) -> Iterator[Fault]:
    if "ins" not in patient:
        return
    because = "is missing; an identity by INS needs all its traits"
    if "first_birth_given" not in patient["name"]:
        yield ("record_target", "name", "first_birth_given"), because
    if "birthplace" not in patient:
        yield ("record_target", "birthplace"), because


def _roots(case: Mapping[str, Any]) -> Iterator[Fault]:
    root = case["custodian"]["identifier"].get("root", STRUCTURE_ROOT)
    if root not in (STRUCTURE_ROOT, PATIENT_HOST_ROOT):
        words = f"{root} is not allowed for a custodian; use {STRUCTURE_ROOT} (structures) or {PATIENT_HOST_ROOT}"
        yield ("custodian", "identifier", "root"), words
    for index, recipient in enumerate(case.get("information_recipients", ())):
        if recipient["identifier"].get("root", PROFESSIONAL_ROOT) != PROFESSIONAL_ROOT:
            path = ("information_recipients", index, "identifier", "root")
            yield path, f"a recipient is identified under {PROFESSIONAL_ROOT}"


def _performers(case: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that each act's performer belongs to an organisation with a kind of practice: XDS needs it."""
    events: list[tuple[Path, Mapping[str, Any]]]
    events = [(("service_events", index), event) for index, event in enumerate(case.get("service_events", ()))]
    if "order" in case:
        events = [(("order",), case["order"])]
    for path, event in events:
        place: Path = (*path, "performer") if "performer" in event else ("authors", 0)
        performer = event.get("performer", case["authors"][0])
        organization = performer.get("represented_organization", {})
        if "standard_industry_class_code" not in organization:
            fault = (*place, "represented_organization", "standard_industry_class_code")
            yield fault, f"is missing; the performer of {'.'.join(map(str, path))} needs it"


def _periods(value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, dict):
        if {"low", "high"} <= value.keys() and _is_before(value["high"], value["low"]):
            yield (*path, "high"), "lies before low"
        for name, member in value.items():
            yield from _periods(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _periods(item, (*path, index))


def _is_before(one: str, other: str) -> bool:
    """Compare two ISO 8601 moments; as far as both are precise, and by their days unless both have a time."""
    if "T" in one and "T" in other:
        one, other = (str(dtm_of_ts(ts_of_iso(moment))) for moment in (one, other))
    else:
        one, other = one[:10], other[:10]
    shared = min(len(one), len(other))
    return one[:shared] < other[:shared]


def _requested_exam(exam: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    modality = exam["modality"]["code"]
    functions = _STUDIED.get(modality)
    studied = exam.get("studied_function")
    if functions is None and studied:
        yield (*path, "studied_function"), f"only the modalities PT and NM have one, not {modality}"
    elif functions is not None and not studied:
        yield (*path, "studied_function"), f"is missing; modality {modality} needs it"
    elif functions is not None and studied and functions.find(studied["code"]) is None:
        yield (*path, "studied_function", "code"), f"{studied['code']} is not a code of {functions.name}"
    if modality != "PT" and "contrast_injection" in exam:
        yield (*path, "contrast_injection"), f"only the modality PT has it, not {modality}"
    qualified = [site for site in exam["target_sites"] if "topographic_modifier" in site]
    if len(qualified) + ("contrast_injection" in exam) > 1:
        yield (
            (*path, "target_sites"),
            "one exam takes one topographic modifier or contrast_injection; make two exams of it",
        )


def _files(case: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that each file is base64 and begins like its media type."""
    attached = case.get("sections", {}).get("attached_documents", ())
    files: list[tuple[Path, Mapping[str, Any]]]
    files = [(("sections", "attached_documents", index), file) for index, file in enumerate(attached)]
    if "body" in case:
        files.append((("body",), case["body"]))
    for path, file in files:
        body = Base64Body()
        body.write(file["content"])
        body.close()
        if fault := body.fault or body.media_type_fault(file.get("media_type", "application/pdf")):
            yield (*path, "content"), f"is not what it should be: {fault}"


def _report(case: Mapping[str, Any], sections: Mapping[str, Any]) -> Iterator[Fault]:
    clinical = sections.get("clinical_information")
    if "service_events" in case and clinical and not clinical.get("contraindications"):
        path = ("sections", "clinical_information", "contraindications")
        yield path, 'is missing; a report states them, if only as {"text": "Aucune contre-indication connue"}'
