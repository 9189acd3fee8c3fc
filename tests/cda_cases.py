"""Cases that are valid by default: a test changes one thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xds_adapter.cda.build import build, example

SHARED = Path(__file__).parents[2] / "shared"
"""Official material beside the checkout; tests that need it are skipped where it is missing."""


def request_case() -> dict[str, Any]:
    """The shipped example of a request."""
    return example("imaging-request")


def report_case() -> dict[str, Any]:
    """The shipped example of a report."""
    return example("imaging-report")


def changed(case: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Set the member at a dotted path (``sections.plan_of_care.0.comment``) and return the case."""
    *parents, last = path.split(".")
    target: Any = case
    for step in parents:
        target = target[int(step) if step.isdigit() else step]
    target[int(last) if last.isdigit() else last] = value
    return case


def removed(case: dict[str, Any], path: str) -> dict[str, Any]:
    """Delete the member at a dotted path and return the case."""
    *parents, last = path.split(".")
    target: Any = case
    for step in parents:
        target = target[int(step) if step.isdigit() else step]
    del target[int(last) if last.isdigit() else last]
    return case


def minimal_case(kind: str) -> dict[str, Any]:
    """The shipped example without anything optional, and with a local patient number only."""
    case = example(kind)
    for name in ("unique_id", "set_id", "version_number", "confidentiality_code", "information_recipients",
                 "legal_authenticator", "participants", "in_fulfillment_of", "screening"):  # fmt: skip
        case.pop(name, None)
    patient = case["record_target"]
    case["record_target"] = {
        "ipp": patient["ipp"],
        "name": {name: patient["name"][name] for name in ("birth_family", "birth_given")},
        "administrative_gender_code": {"code": "F"},
        "birth_time": "1979",
    }
    sections = case["sections"]
    if kind == "imaging-request":
        clinical = sections["clinical_information"]
        clinical.pop("contraindications")
        clinical.pop("care_information")
        del clinical["request"]["purpose"]
        sections.pop("prior_results")
        sections["patient_education"] = {"informed_of_risks": False}
        sections["plan_of_care"] = [{"modality": {"code": "MR"}, "target_sites": [_KNEE]}]
    else:
        act = sections["imaging_acts"][0]
        technique = {name: value for name, value in act["techniques"][0].items() if name not in ("ccam", "comment")}
        case["sections"] = {
            "imaging_acts": [{"techniques": [technique], "dicom_catalogue": {}}],
            "conclusion": sections["conclusion"],
        }
    return case


_KNEE = {"code": "361291001", "display": "région entière du genou", "topographic_modifier": {"code": "7771000"}}


def built(kind: str) -> bytes:
    """The document of the shipped example."""
    return build(kind, example(kind))
