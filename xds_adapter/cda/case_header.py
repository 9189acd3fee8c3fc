"""Rules across the members of a case's header.

Source: ANS CI-SIS, volet Structuration minimale; volet IMG-DA-IMG 2024.01 (one act 55115-0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xds_adapter.cda.case_faults import Fault, Path, both
from xds_adapter.vocabulary.cda import (
    IMAGING_REQUEST_CODE,
    LOINC,
    PATIENT_HOST_ROOT,
    PROFESSIONAL_ROOT,
    STRUCTURE_ROOT,
)


def header_faults(case: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong across the members of a header that follows its schema."""
    yield from _custodian(case["custodian"])
    yield from _professionals(case)
    yield from _alternatives(case)
    yield from _replaced(case)
    if "order" in case:
        yield from _further_acts(case.get("service_events", ()))


def _custodian(custodian: Mapping[str, Any]) -> Iterator[Fault]:
    root = custodian["identifier"].get("root", STRUCTURE_ROOT)
    if root not in (STRUCTURE_ROOT, PATIENT_HOST_ROOT):
        words = f"{root} is not allowed for a custodian; use {STRUCTURE_ROOT} (structures) or {PATIENT_HOST_ROOT}"
        yield ("custodian", "identifier", "root"), words


def _professionals(case: Mapping[str, Any]) -> Iterator[Fault]:
    """Check the places where only a professional with a national identifier may stand."""
    encounter = case["encompassing_encounter"]
    places: list[tuple[Path, Mapping[str, Any]]] = [
        ((name, index), person)
        for name in ("information_recipients", "authenticators")
        for index, person in enumerate(case.get(name, ()))
    ]
    if "responsible_party" in encounter:
        places.append((("encompassing_encounter", "responsible_party"), encounter["responsible_party"]))
    for index, person in enumerate(encounter.get("encounter_participants", ())):
        places.append((("encompassing_encounter", "encounter_participants", index), person))
    for path, person in places:
        if person["identifier"].get("root", PROFESSIONAL_ROOT) != PROFESSIONAL_ROOT:
            yield (*path, "identifier", "root"), f"a professional is identified under {PROFESSIONAL_ROOT} here"


def _alternatives(case: Mapping[str, Any]) -> Iterator[Fault]:
    for index, author in enumerate(case["authors"]):
        words = "stands beside name; an author is a person or a system"
        yield from both(author, ("authors", index), "authoring_device", {"name"}, words)
    for index, informant in enumerate(case.get("informants", ())):
        words = "stands beside related_entity; give one of them"
        yield from both(informant, ("informants", index), "assigned_entity", {"related_entity"}, words)
    for index, participant in enumerate(case.get("participants", ())):
        words = "stands beside time; give one of them"
        yield from both(participant, ("participants", index), "period", {"time"}, words)
    for index, guardian in enumerate(case["record_target"].get("guardians", ())):
        words = "stands beside name; a guardian is a person or an organisation"
        yield from both(guardian, ("record_target", "guardians", index), "organization", {"name"}, words)


def _replaced(case: Mapping[str, Any]) -> Iterator[Fault]:
    replaced = case.get("related_document")
    if replaced and replaced["unique_id"].upper() == case.get("unique_id", "").upper():
        yield ("related_document", "unique_id"), "a document cannot replace itself; every version has its own unique_id"


def _further_acts(events: Any) -> Iterator[Fault]:
    for index, event in enumerate(events):
        if (event["code"]["code"], event["code"]["system"]) == (IMAGING_REQUEST_CODE, LOINC):
            yield ("service_events", index, "code", "code"), "is the act of the request itself, which order describes"
