"""Official samples give complete metadata: what a registry requires, and everything that the document holds.

What a document holds is counted here by XPath, apart from the code that derives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from tests.shared import shared_files, shared_path
from xds_adapter.client.submission import derive
from xds_adapter.vocabulary.cda import MASKING, MASKING_CODES
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, ReferenceIdType

pytestmark = pytest.mark.shared

SAMPLES = shared_files("data", "cda", "samples", pattern="*.xml")
# Events, reference ids, authors: the figures of each sample.
FIGURES = {
    "IMG-DA-IMG_2024.01_Radiographie_ChevilleGenou": (4, 1, 1),
    "IMG-DA-IMG_2024.01_Radiographie_Echographie_SeinThorax": (5, 1, 1),
    "IMG-DA-IMG_2024.01_Radiographie_IRM_Genou": (4, 1, 1),
    "IMG-DA-IMG_2024.01_TEP_Thorax": (3, 1, 1),
    "IMG_CR_IMG_2024.01_CDA-R2-Niveau-1": (10, 5, 1),
    "TLM-CR_2022.01": (2, 0, 1),
    "TLM-DA_2022.01_TCG_anamnese-non-structuree": (2, 0, 1),
}
_SPACES = {"h": "urn:hl7-org:v3", "d": "urn:dicom-org:ps3-20"}
_ACT = "h:documentationOf/h:serviceEvent"
_INS = tuple(f"1.2.250.1.213.1.4.{number}" for number in (8, 9, 10, 11))


def _found(root: Any, path: str) -> list[Any]:
    return cast("list[Any]", root.xpath(path, namespaces=_SPACES))


def _codes(root: Any) -> set[tuple[str, str]]:
    """Code and system of the acts, their translations, and of what a request asks for."""
    asked = "//h:observation[h:templateId/@root='1.2.250.1.213.1.1.3.27.3']"
    paths = [f"{_ACT}/h:code", f"{_ACT}/h:code//h:translation"]
    if _found(root, "h:code/@code") == ["55115-0"]:
        paths += [f"{asked}/h:code", f"{asked}/h:targetSiteCode"]
    elements = [element for path in paths for element in _found(root, path)]
    return {(element.get("code"), element.get("codeSystem")) for element in elements if element.get("code")}


def _references(root: Any) -> set[tuple[str, ReferenceIdType]]:
    orders = _found(root, "h:inFulfillmentOf/h:order/h:id")
    orders += _found(root, f"{_ACT}[h:code/@code='55115-0']/h:id")
    accessions = _found(root, "h:inFulfillmentOf/h:order/d:accessionNumber")
    is_report = _found(root, "h:code/@code") == ["18748-4"]
    studies = _found(root, f"{_ACT}/h:id[not(@extension)]/@root") if is_report else []
    return {
        *((one.get("extension") or one.get("root"), ReferenceIdType.ORDER) for one in orders),
        *((one.get("extension") or one.get("root"), ReferenceIdType.ACCESSION) for one in accessions),
        *((root_id, ReferenceIdType.STUDY_INSTANCE_UID) for root_id in studies),
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gives_complete_metadata(path: Path) -> None:
    root = etree.parse(path, etree.XMLParser(huge_tree=False)).getroot()
    entry = derive(path)[0].entry
    missing = [row.name for row in DOCUMENT_ENTRY if row.required and not getattr(entry, row.field)]
    assert [] == missing
    assert _codes(root) == {(code.code, code.scheme) for code in entry.event_code_list}
    assert _references(root) == {(one.id_number, one.type_code) for one in entry.reference_id_list}
    assert len(entry.reference_id_list) == len({one.text for one in entry.reference_id_list})
    authors = _found(root, "h:author")
    assert len(authors) == len(entry.authors)
    for element, author in zip(authors, entry.authors, strict=True):
        assert (element.xpath("string(h:assignedAuthor/h:id/@extension)", namespaces=_SPACES)) == str(
            author.person
        ).split("^")[0]
        assert len(_found(element, "h:assignedAuthor/h:representedOrganization/h:name")) == len(author.institutions)
        assert len(_found(element, "h:assignedAuthor/h:code")) == len(author.specialties)
        assert len(_found(element, "h:functionCode/@displayName")) == len(author.roles)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gives_what_its_header_says_once(path: Path) -> None:
    root = etree.parse(path, etree.XMLParser(huge_tree=False)).getroot()
    entry = derive(path)[0].entry
    facts = {
        "unique_id": "h:id/@root",
        "language_code": "h:languageCode/@code",
        "type_code.code": "h:code/@code",
        "healthcare_facility_type_code.code": "h:componentOf//h:healthCareFacility/h:code/@code",
        "practice_setting_code.code": f"({_ACT})[1]/h:performer//h:standardIndustryClassCode/@code",
        "patient_id.id_number": "h:recordTarget/h:patientRole/h:id[1]/@extension",
        "legal_authenticator.id_number": "h:legalAuthenticator/h:assignedEntity/h:id/@extension",
    }
    for name, place in facts.items():
        value: Any = entry
        for step in name.split("."):
            value = getattr(value, step)
        assert (name, _found(root, place)[:1]) == (name, [value])
    assert entry.patient_id is not None
    assert entry.patient_id.authority in _INS
    assert bool(_found(root, f"({_ACT})[1]/h:effectiveTime/h:high/@value")) == (entry.service_stop_time is not None)
    families = _found(root, "h:recordTarget/h:patientRole/h:patient/h:name/h:family")
    kinds = {family.get("qualifier") for family in families}
    assert len(kinds) == len([value for value in entry.source_patient_info if value.startswith("PID-5|")])
    assert {"PID-7", "PID-8"} <= {value.split("|")[0] for value in entry.source_patient_info}


def test_the_masking_codes_are_those_of_the_value_set() -> None:
    """Code, system and display."""
    path = shared_path("data", "cda", "jeuxDeValeurs", "JDV_J08_XdsConfidentialityCode_CISIS.xml")
    concepts = etree.parse(path).getroot().iter("{urn:ihe:iti:svs:2008}Concept")
    rows = [(one.get("code"), one.get("codeSystem"), one.get("displayName")) for one in concepts]
    assert sorted(MASKING_CODES.values()) == sorted(row for row in rows if row[1] == MASKING)


def test_figures() -> None:
    """How much each sample tells."""
    shared_path("data", "cda", "samples")
    found = {}
    for path in SAMPLES:
        entry = derive(path)[0].entry
        found[path.stem] = (len(entry.event_code_list), len(entry.reference_id_list), len(entry.authors))
    assert FIGURES == found
