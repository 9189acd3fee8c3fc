"""The official CI-SIS rules (XSD and Schematron) accept what the builder makes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cda_cases import SHARED, changed, minimal_case, report_case, request_case
from xds_adapter.cda.build import build

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
    yield "request", "imaging-request", request_case()
    yield "report", "imaging-report", report_case()
    yield "minimal-request", "imaging-request", minimal_case("imaging-request")
    yield "minimal-report", "imaging-report", minimal_case("imaging-report")
    yield "nuclear-request", "imaging-request", _nuclear_request()
    yield "nuclear-report", "imaging-report", _nuclear_report()


def test_what_the_builder_makes_passes_the_official_rules(tmp_path: Path) -> None:
    """Every kind, complete, minimal and with its rarer entries, passes all layers without error or warning."""
    files = []
    for name, kind, case in _cases():
        files.append(tmp_path / f"{name}.xml")
        files[-1].write_bytes(build(kind, case))
    command = [sys.executable, str(VALIDATOR), "--strict", *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("PASS") == len(files)
