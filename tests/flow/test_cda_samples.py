"""Every official CDA sample through the command line: submitted, found with its attributes, brought back unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flow.running import Site
from tests.shared import shared_files, shared_path
from xds_adapter.cli.main import run
from xds_adapter.client.submission import derive

pytestmark = pytest.mark.shared

SAMPLES = shared_files("data", "cda", "samples", pattern="*.xml")
FILLED = (
    "class_code",
    "type_code",
    "format_code",
    "practice_setting_code",
    "healthcare_facility_type_code",
    "confidentiality_codes",
    "patient_id",
    "source_patient_id",
    "authors",
    "service_start_time",
    "event_code_list",
    "creation_time",
    "language_code",
    "legal_authenticator",
    "title",
)


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Run a command that must succeed and read its JSON lines."""
    code = run(list(arguments))
    captured = capsys.readouterr()
    assert (0, "") == (code, captured.err)
    return [json.loads(line) for line in captured.out.splitlines()]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_comes_back_unchanged(
    shared_site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: Path
) -> None:
    derived, content = derive(path)
    patient = derived.entry.patient_id
    assert patient is not None
    shared_site.installation.registry.add_patients([patient.key])
    registry, repository = ("--registry", shared_site.registry), ("--repository", shared_site.repository)

    # One sample replaces a document that was never here.
    (submitted,) = lines(capsys, "submit", str(path), *repository, "--replace", "none", "--json")
    assert ("Success", [], content.sha1) == (submitted["status"], submitted["errors"], submitted["hash"])

    found = lines(capsys, "query", "--patient", patient.text, *registry, "--json")
    (entry,) = [entry for entry in found if entry["unique_id"] == submitted["unique_id"]]
    assert [] == [name for name in FILLED if not entry.get(name)]
    assert (content.sha1, content.size) == (entry["hash"], entry["size"])
    assert all("person" in author for author in entry["authors"])

    out = tmp_path / "out"
    (retrieved,) = lines(capsys, "retrieve", entry["unique_id"], *registry, *repository, "-o", str(out), "--json")
    assert [Path(retrieved["path"])] == list(out.iterdir())
    assert path.read_bytes() == Path(retrieved["path"]).read_bytes()
    assert ("text/xml", content.sha1) == (retrieved["mime_type"], retrieved["hash"])


def test_there_are_samples() -> None:
    shared_path("data", "cda", "samples")
    assert 7 <= len(SAMPLES)
