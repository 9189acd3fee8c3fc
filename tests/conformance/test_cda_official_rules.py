"""The official CI-SIS rules (XSD and Schematron) accept what the builder makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generated_cases import OfficialRules, faults, named_cases
from tests.cda_cases import SHARED, changed, report_case, request_case
from xds_adapter.cda.build import KINDS

GENERATED = 4
"""Cases drawn of each kind; `python -m benchmarks.generated_cases` draws 200."""
VALIDATOR = SHARED / "conformance" / "validate_cda.py"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not VALIDATOR.exists(), reason="the official rules are not in ../shared"),
]


_PDF = {"title": "Courrier du 01/12/2025", "media_type": "application/pdf", "content": "JVBERi0xLjQKJSVFT0YK"}


def _nuclear_report() -> dict[str, Any]:
    case = changed(report_case(), "screening", True)
    case["related_document"] = {"unique_id": "90E1C8EC-F951-4B26-A305-A34848818DD6"}
    case["sections"]["addendum"] = {"text": "Relecture.", "author": case["authors"][0]}
    case["sections"]["attached_documents"] = [_PDF, _PDF]
    exposure = case["sections"]["imaging_acts"][0]["radiation_exposure"]
    exposure["radiopharmaceutical"] = {
        "name": "Fludésoxyglucose (18F)",
        "atc": {"code": "V09IX04", "display": "Fludésoxyglucose (18F)"},
        "dose_quantity": {"value": 250.5, "unit": "MBq"},
        "lot_number": "F18-7",
    }
    return case


def _exam(code: str, function: str) -> dict[str, Any]:
    site = {"code": "302551006", "display": "thorax entier"}
    return {"modality": {"code": code}, "target_sites": [site], "studied_function": {"code": function}}


def _nuclear_request() -> dict[str, Any]:
    pet = _exam("PT", "MED-1134") | {"contrast_injection": {"code": "MED-1154"}}
    case = changed(request_case(), "sections.plan_of_care", [pet, _exam("NM", "MED-1143")])
    return changed(case, "sections.attached_documents", [_PDF])


def _cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield "nuclear", "imaging-request", _nuclear_request()
    yield "nuclear", "imaging-report", _nuclear_report()
    for kind in KINDS:
        yield from ((name, kind.name, case) for name, case in named_cases(kind.name, GENERATED))


def test_what_the_builder_makes_passes_the_official_rules(tmp_path: Path) -> None:
    """Every kind, minimal, complete and drawn from its schema, passes all layers without error or warning."""
    with OfficialRules(VALIDATOR) as rules:
        found = [
            f"{kind} {name}, {who}: {words}"
            for name, kind, case in _cases()
            for who, words in faults(kind, case, tmp_path / f"{kind}-{name}.xml", rules.findings)
        ]
    assert [] == found
