"""`codes search`: what a person at the terminal and what a script gets."""

from __future__ import annotations

import json

import pytest

from xds_adapter.cli.main import run


def test_a_line_names_code_display_system_and_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["codes", "search", "acuite", "visuelle"])
    out, err = capsys.readouterr()
    assert [["VA", "Acuité visuelle", "DCM", "JDV_ModaliteAcquisition_CISIS"]] == [
        r.split("  ") for r in out.splitlines()
    ]
    assert "" == err


def test_a_code_without_display_is_shown_with_its_set_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["codes", "search", "302553009"])
    assert "302553009  -  SNOMED CT  JDV_LocalisationAnatomique_CISIS\n" == capsys.readouterr().out


def test_json_is_one_object_a_line_with_the_names_of_the_standard(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["codes", "search", "302553009", "--json"])
    assert {
        "code": "302553009",
        "code_system": "2.16.840.1.113883.6.96",
        "code_system_name": "SNOMED CT",
        "display_name": None,
        "value_set": "JDV_LocalisationAnatomique_CISIS",
        "value_set_id": "1.2.250.1.213.1.1.5.694",
    } == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["JDV_ModaliteAcquisition_CISIS", "jdv_modaliteacquisition", "ModaliteAcquisition"])
def test_the_search_can_be_kept_to_one_set(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert 0 == run(["codes", "search", "Mammographie", "--set", name])
    assert "MG  Mammographie  DCM  JDV_ModaliteAcquisition_CISIS\n" == capsys.readouterr().out


def test_what_is_left_out_is_counted_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["codes", "search", "scanner", "--limit", "3"])
    out, err = capsys.readouterr()
    assert 3 == len(out.splitlines())
    assert err.startswith("... and 1,")
    assert err.endswith(" more; add a word, --set NAME or --limit N\n")


def test_nothing_found_is_a_refusal_that_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == run(["codes", "search", "mamographie"])
    assert ("", 'no code found for "mamographie"; nearest: mammographie\n') == capsys.readouterr()


def test_nothing_near_is_said_without_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == run(["codes", "search", "zzzzzzzzzz"])
    assert ("", 'no code found for "zzzzzzzzzz"\n') == capsys.readouterr()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("ModaliteAquisition", "JDV_ModaliteAcquisition_CISIS"), ("%", "JDV_AbsentOrUnknownImmunization_CISIS")],
)
def test_an_unknown_set_is_a_wrong_use(capsys: pytest.CaptureFixture[str], name: str, nearest: str) -> None:
    assert 2 == run(["codes", "search", "CT", "--set", name])
    assert ("", f"--set {name}: is no value set; nearest: {nearest}\n") == capsys.readouterr()
