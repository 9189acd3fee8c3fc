"""What a JSON Schema cannot say of a case: rules across members, and characters that XML cannot carry.

Source: ANS CI-SIS, volets Structuration minimale, IMG-DA-IMG and IMG-CR-IMG 2024.01; XML 1.0 section 2.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from xds_adapter.cda.base64body import Base64Body
from xds_adapter.cda.case_faults import Fault, Path
from xds_adapter.cda.case_header import header_faults
from xds_adapter.cda.case_telemedicine import telemedicine_faults
from xds_adapter.cda.defaults import main_author
from xds_adapter.cda.moments import dtm_of_ts, ts_of_iso
from xds_adapter.vocabulary.cda import STRUCTURE_ROOT
from xds_adapter.vocabulary.value_sets import PET_FUNCTION, SCINTIGRAPHY_FUNCTION, ValueSet

_STRUCTURES = ("represented_organization", "scoping_organization", "organization")
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
    yield from header_faults(case)
    yield from _performers(case)
    yield from _walked(case, ())
    yield from _files(case)
    sections = case.get("sections", {})
    for index, exam in enumerate(sections.get("plan_of_care", ())):
        yield from _requested_exam(exam, ("sections", "plan_of_care", index))
    yield from _report(sections)
    if "anamnesis" in sections:
        yield from telemedicine_faults(sections)


def _identity(patient: Mapping[str, Any]) -> Iterator[Fault]:
    if "ins" not in patient:
        return
    because = "is missing; an identity by INS needs all its traits"
    if "first_birth_given" not in patient["name"]:
        yield ("record_target", "name", "first_birth_given"), because
    if "birthplace" not in patient:
        yield ("record_target", "birthplace"), because


def _performers(case: Mapping[str, Any]) -> Iterator[Fault]:
    """Check that each act's performer belongs to an organisation with a kind of practice: XDS needs it."""
    events: list[tuple[Path, Mapping[str, Any]]]
    events = [(("service_events", index), event) for index, event in enumerate(case.get("service_events", ()))]
    if "order" in case:
        asked = [((*path,), event) for path, event in events if "performer" in event]
        events = [(("order",), case["order"]), *asked]
    main = main_author(case["authors"])
    if main is None:
        if "legal_authenticator" not in case:
            yield ("legal_authenticator",), "is missing; no author is a person who could answer for the document"
        events_without = [path for path, event in events if "performer" not in event]
        yield from (((*path, "performer"), "is missing; no author is a person") for path in events_without)
    for path, event in events:
        if "performer" not in event and main is None:
            continue
        place: Path = (*path, "performer") if "performer" in event else ("authors", main or 0)
        performer = event.get("performer", case["authors"][main or 0])
        organization = performer.get("represented_organization", {})
        if "standard_industry_class_code" not in organization:
            fault = (*place, "represented_organization", "standard_industry_class_code")
            yield fault, f"is missing; the performer of {'.'.join(map(str, path))} needs it"


def _walked(value: Any, path: Path) -> Iterator[Fault]:
    """Look at every object: what goes from low to high, addresses, identifiers of structures."""
    if isinstance(value, dict):
        if {"low", "high"} <= value.keys() and _is_less(value["high"], value["low"]):
            yield (*path, "high"), "lies before low"
        if "street_address_lines" in value and set(value) - {"street_address_lines", "use"}:
            yield (*path, "street_address_lines"), "stands beside parts of the address; give the lines or the parts"
        for name, member in value.items():
            if name in _STRUCTURES and member.get("identifier", {}).get("root", STRUCTURE_ROOT) != STRUCTURE_ROOT:
                yield (*path, name, "identifier", "root"), f"a structure is identified under {STRUCTURE_ROOT}"
            yield from _walked(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walked(item, (*path, index))


def _is_less(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one["unit"] == other["unit"] and bool(one["value"] < other["value"])
    return _is_before(one, other)


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
    sections = case.get("sections", {})
    files: list[tuple[Path, Mapping[str, Any]]]
    files = [
        (("sections", "attached_documents", index), file)
        for index, file in enumerate(sections.get("attached_documents", ()))
    ]
    if "pdf_copy" in sections:
        files.append((("sections", "pdf_copy"), sections["pdf_copy"]))
    if "body" in case:
        files.append((("body",), case["body"]))
    for path, file in files:
        body = Base64Body()
        body.write(file["content"])
        body.close()
        if fault := body.fault or body.media_type_fault(file.get("media_type", "application/pdf")):
            yield (*path, "content"), f"is not what it should be: {fault}"


def _report(sections: Mapping[str, Any]) -> Iterator[Fault]:
    clinical = sections.get("clinical_information")
    if "imaging_acts" in sections and clinical and not clinical.get("contraindications"):
        path = ("sections", "clinical_information", "contraindications")
        yield path, 'is missing; a report states them, if only as {"text": "Aucune contre-indication connue"}'
    for number, act in enumerate(sections.get("imaging_acts", ())):
        for index, study in enumerate(act.get("dicom_catalogue", {}).get("studies", ())):
            if {"viewer_url", "partial_viewer_url"} <= study.keys():
                place = ("sections", "imaging_acts", number, "dicom_catalogue", "studies", index)
                yield (*place, "partial_viewer_url"), "stands beside viewer_url; give one of them"
