"""`validate --rules`: what a pack finds, beside what the rules built in find."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cda_cases import report_case
from tests.rule_packs import XSD, write_pack
from xds_adapter.cda.build import build
from xds_adapter.cli.main import run
from xds_adapter.errors import CheckUnavailable
from xds_adapter.schematron import RulePack
from xds_adapter.schematron.layout import PROFILES, XSD_FILE

NOTHING = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"/>'
HEADER = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="c" uri="urn:hl7-org:v3"/>'
    '<pattern id="t"><rule context="/c:ClinicalDocument/c:title"><assert test="false()">wrong title</assert>'
    "</rule></pattern></schema>"
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    pytest.importorskip("saxonche", reason="needs the extra schematron")
    changes: dict[str, str | None] = dict.fromkeys(PROFILES.values(), NOTHING)
    changes |= {PROFILES["header"]: HEADER, XSD_FILE: XSD.replace('"lax"', '"skip"')}
    return write_pack(tmp_path / "pack", changes)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.xml"
    path.write_bytes(build("imaging-report", report_case()))
    return path


def test_what_a_pack_finds_is_an_error_of_the_document(
    pack: Path, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == run(["validate", str(report)])
    capsys.readouterr()
    assert 1 == run(["validate", str(report), "--rules", str(pack), "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [("header:t", "/ClinicalDocument/title")] == [
        (row["rule"], row["xpath"]) for row in rows if row["rule"] == "header:t"
    ]


def test_what_cannot_be_read_is_not_told_twice(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.xml"
    path.write_bytes(b"<a")
    assert 1 == run(["validate", str(path), "--rules", str(pack)])
    assert 1 == capsys.readouterr().out.count(f"{path}: line")


def test_a_document_that_the_pack_cannot_do_is_an_error_and_the_next_one_is_checked(
    pack: Path, report: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_pack: RulePack, _document: Path) -> tuple[()]:
        raise CheckUnavailable("too slow")

    monkeypatch.setattr(RulePack, "check", unavailable)
    assert 1 == run(["validate", str(report), str(report), "--rules", str(pack)])
    assert 2 == capsys.readouterr().out.count("too slow [pack:unavailable]")


def test_missing_files_of_a_pack_are_a_wrong_use(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("saxonche", reason="needs the extra schematron")
    assert 2 == run(["validate", str(report), "--rules", str(tmp_path / "nowhere")])
    assert len(PROFILES) + 1 == capsys.readouterr().err.count("it lacks ")


def test_without_the_extra_its_name_is_told(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert 2 == run(["validate", str(report), "--rules", str(tmp_path)])
    assert "needs the extra \"schematron\": pip install 'xds-adapter[schematron]'" in capsys.readouterr().err
