"""The shipped code file of the French imaging profile: written from the value sets, and fit for the documents."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from docs.french_codes import TARGET, french_codes
from tests.cda_cases import built
from tests.factories import REPOSITORY_UNIQUE_ID
from tests.shared import shared_files
from xds_adapter.app import Installation
from xds_adapter.cda.submission import submission
from xds_adapter.client.submission import derive
from xds_adapter.config import load_settings
from xds_adapter.datatypes import Coded
from xds_adapter.rules import AffinityDomain, check_submission, read_codes_file
from xds_adapter.vocabulary import cda
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY
from xds_adapter.vocabulary.value_sets import (
    ACQUISITION_MODALITY,
    ANATOMIC_LOCATION,
    ANATOMIC_REGION,
    IMAGING_ACT,
    REQUESTED_MODALITY,
)

SAMPLES = [
    *shared_files("data", "cda", "samples", pattern="*.xml"),
    *shared_files("data", "cda", "examples", pattern="*.xml"),
]
SCHEMES = {row.name: row.key for row in DOCUMENT_ENTRY}


@cache
def domain() -> AffinityDomain:
    return read_codes_file(Path("french-imaging"))


def findings(path: Path) -> list[str]:
    """What a registration of the document would be refused for."""
    derived, _ = derive(path)
    made = submission([derived])
    entries = tuple(replace(entry, repository_unique_id=REPOSITORY_UNIQUE_ID) for entry in made.document_entries)
    return [e.code_context for e in check_submission(replace(made, document_entries=entries), domain())]


def test_the_file_is_what_the_script_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == french_codes()


@pytest.mark.shared
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_official_document_is_admitted(path: Path) -> None:
    assert [] == findings(path)


@pytest.mark.parametrize("kind", ["imaging-request", "imaging-report"])
def test_a_document_built_here_is_admitted(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "document.xml"
    path.write_bytes(built(kind))
    assert [] == findings(path)


def test_every_attribute_of_an_entry_has_its_list() -> None:
    names = {"classCode", "typeCode", "formatCode", "practiceSettingCode", "healthcareFacilityTypeCode"}
    names |= {"confidentialityCode", "eventCodeList"}
    assert {SCHEMES[name] for name in names} <= set(domain().codes)
    assert frozenset({"text/xml", "application/xslt+xml", "application/dicom"}) == domain().mime_types


def test_the_configuration_names_it(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('[registry]\ncodes = "french-imaging"\n', encoding="utf-8")
    with closing(Installation(load_settings(path, {}), tmp_path / "data")) as installation:
        assert domain() == installation.domain()


def test_every_code_of_a_value_set_is_admitted() -> None:
    events = domain().codes[SCHEMES["eventCodeList"]]
    for value_set in (IMAGING_ACT, ACQUISITION_MODALITY, REQUESTED_MODALITY, ANATOMIC_REGION, ANATOMIC_LOCATION):
        assert {f"{member.code}^^{member.system}" for member in value_set.members} <= set(events)
    assert ("Tomodensitométrie", "sein") == (events[f"CT^^{cda.DCM}"], events[f"76752008^^{cda.SNOMED_CT}"])


def test_a_code_is_written_without_blanks() -> None:
    keys = [key for admitted in domain().codes.values() for key in admitted]
    assert [] == [key for key in keys if not re.fullmatch(r"\S+\^\^\S+", key)]


@pytest.mark.parametrize(
    ("name", "code", "nearest"),
    [
        ("typeCode", Coded("18748-5", cda.LOINC, "x"), "18748-4 CR d'imagerie médicale"),
        ("eventCodeList", Coded("CTT", cda.DCM, "x"), "CT "),
        ("confidentialityCode", Coded("N", "1.2.3", "x"), f"N^^{cda.CONFIDENTIALITY} Normal"),
    ],
    ids=["type", "modality", "another scheme"],
)
def test_a_foreign_code_is_refused_with_the_nearest(name: str, code: Coded, nearest: str) -> None:
    fault = domain().code_fault(SCHEMES[name], name, code) or ""
    assert nearest in fault.partition("; nearest: ")[2]


def test_acts_of_a_terminology_that_is_not_shipped_are_all_admitted() -> None:
    for scheme in (cda.CCAM, cda.NGAP, cda.CIM_10):
        assert None is domain().code_fault(SCHEMES["eventCodeList"], "eventCodeList", Coded("ZBQK002", scheme, "x"))
    assert None is not domain().code_fault(SCHEMES["eventCodeList"], "eventCodeList", Coded("ZBQK002", "1.2", "x"))
