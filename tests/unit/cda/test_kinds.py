"""What each kind of document holds, and what a case may leave unsaid."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cda_cases import changed, minimal_case, removed
from tests.generated_cases import Case, cases
from tests.unit.cda.built import found_in, refused
from xds_adapter.cda.build import KINDS, attach, build, example
from xds_adapter.cda.fragments import bound, observed_value
from xds_adapter.cda.links import completed_url
from xds_adapter.cda.schema import flat_schema
from xds_adapter.cda.validate import validate
from xds_adapter.errors import ConfigError
from xds_adapter.vocabulary.value_sets import VALUE_SETS

NAMES = [kind.name for kind in KINDS]
LEVEL_1 = ["imaging-report-pdf", "telemedicine-report"]
TECHNIQUE = "//h:procedure[h:templateId/@root='1.2.840.10008.9.14']"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.mark.parametrize("kind", NAMES)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.data())
def test_any_case_that_follows_its_schema_is_built(kind: str, values: st.DataObject) -> None:
    """Whatever the schema lets a case hold goes into a document in which our own rules find nothing."""
    case: Case = values.draw(cases(kind))
    assert [str(finding) for finding in validate(build(kind, case))] == []


def _members(schema: Any, path: str) -> list[tuple[str, Any]]:
    inner = [*schema.get("properties", {}).items(), *([("items", schema["items"])] if "items" in schema else [])]
    return [(path, schema), *(pair for name, part in inner for pair in _members(part, f"{path}.{name}"))]


@pytest.mark.parametrize("kind", NAMES)
def test_every_member_has_a_title(kind: str) -> None:
    """A form made from the schema has a label everywhere."""
    assert [path for path, part in _members(flat_schema(kind), "$") if not part.get("title")] == []


@pytest.mark.parametrize("kind", NAMES)
def test_a_code_without_display_name_in_its_set_must_bring_one(kind: str) -> None:
    """A document shows a display name for every code: the set gives it, or the schema asks for it."""
    for path, part in _members(flat_schema(kind), "$"):
        if part.get("type") == "object" and "valueSet" in part and "display" not in part["required"]:
            assert all(member.display for member in VALUE_SETS[part["valueSet"]].members), path


@pytest.mark.parametrize("kind", NAMES)
def test_the_minimal_case_needs_all_that_it_holds(kind: str) -> None:
    """Leaving out any top-level member of the minimal case refuses it."""
    for name in minimal_case(kind):
        case = removed(minimal_case(kind), name)
        assert any(finding.startswith(f"$.{name}: is missing") for finding in refused(kind, case)), name


@pytest.mark.parametrize("kind", LEVEL_1)
def test_a_level_1_document_has_the_three_template_ids(kind: str) -> None:
    """The level 1 id stands instead of a model's, and the body is the file as it was given."""
    document = build(kind, example(kind))
    roots = ["2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", "1.3.6.1.4.1.19376.1.2.20"]
    assert roots == found_in(document, "/h:*/h:templateId/@root")
    (body,) = found_in(document, "/h:*/h:component/h:nonXMLBody/h:text[@mediaType='application/pdf']/text()")
    assert base64.b64decode(str(body)).startswith(b"%PDF-1.4")


@pytest.mark.parametrize("kind", LEVEL_1)
def test_a_file_becomes_the_body(kind: str) -> None:
    """The media type follows from the content, whatever the file is called."""
    case = attach(kind, removed(example(kind), "body"), "report.bin", PDF)
    assert {"media_type": "application/pdf", "content": base64.b64encode(PDF).decode()} == case["body"]
    assert build(kind, case)


def test_a_code_system_that_is_no_oid_is_taken_as_its_value_set_has_it() -> None:
    """One document type of JDV_J07 is of ASTM, which has no OID there."""
    case = example("imaging-report")
    case["sections"]["attached_documents"][0]["code"] = {"code": "E1762", "system": "ASTM"}
    document = build("imaging-report", case)
    assert ["ASTM"] == found_in(document, "//*[@code='E1762']/@codeSystem")
    assert () == validate(document)


def test_a_file_is_attached_to_a_structured_document() -> None:
    """It follows on those that the case holds already, under its own name."""
    case = example("imaging-request")
    before = len(case["sections"]["attached_documents"])
    more = attach("imaging-request", case, "Biologie du 05-01.txt", "créatinine 62".encode())
    assert before == len(case["sections"]["attached_documents"])
    assert ("Biologie du 05-01", "text/plain") == (
        more["sections"]["attached_documents"][before]["title"],
        more["sections"]["attached_documents"][before]["media_type"],
    )
    assert build("imaging-request", more)


def test_what_is_no_file_of_a_document_is_not_attached() -> None:
    with pytest.raises(ConfigError, match=r"image\.bin is none of the files that a document takes"):
        attach("imaging-request", example("imaging-request"), "image.bin", b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ConfigError, match="the case has a body already"):
        attach("telemedicine-report", example("telemedicine-report"), "x.pdf", PDF)


@pytest.mark.parametrize("sections", [None, {"attached_documents": 1}])
def test_a_file_leaves_what_it_cannot_join_to_the_check(sections: object) -> None:
    """A case that is wrong where the file belongs is refused for that."""
    case = attach("imaging-request", example("imaging-request") | {"sections": sections}, "x.pdf", PDF)
    assert any(finding.startswith("$.sections") for finding in refused("imaging-request", case))


def test_an_imaging_act_is_the_act_documented_at_its_place() -> None:
    """Technique and images take act, modality, time and study from the header; the second act from the second."""
    case = example("imaging-report")
    second = dict(case["service_events"][0], study_instance_uid="1.2.250.1.999.1.4.102")
    second["code"] = {"code": "24627-2"}
    case["service_events"].append(second)
    site = {"code": "302551006", "display": "thorax"}
    bare = {"techniques": [{"target_site": site}], "dicom_catalogue": {"studies": [{"viewer_url": "https://x.fr/"}]}}
    case["sections"]["imaging_acts"] = [bare, bare, bare]
    document = build("imaging-report", case)
    assert ["24628-0", "24627-2", "24627-2"] == found_in(document, f"{TECHNIQUE}/h:code/@code")
    studies = "//h:act[h:templateId/@root='1.2.250.1.213.1.1.3.155']/h:id/@root"
    assert ["1.2.250.1.999.1.4.101", "1.2.250.1.999.1.4.102", "1.2.250.1.999.1.4.102"] == found_in(document, studies)
    assert {"1.2.840.10008.5.1.4.1.1.2"} == set(found_in(document, "//h:observation[@classCode='DGIMG']/h:code/@code"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://v.fr/open?studyUID=1.2", "https://v.fr/open?studyUID=1.2&idCDA=1.9"),
        ("https://v.fr/open", "https://v.fr/open?idCDA=1.9"),
        ("https://v.fr/open?", "https://v.fr/open?idCDA=1.9"),
        ("https://v.fr/open?a=1&", "https://v.fr/open?a=1&idCDA=1.9"),
        ("https://v.fr/open#top", "https://v.fr/open?idCDA=1.9#top"),
    ],
)
def test_the_id_of_the_document_is_appended_to_a_partial_url(url: str, expected: str) -> None:
    assert expected == completed_url(url, "idCDA", "1.9")


def test_a_partial_url_may_come_in_base64() -> None:
    """As the examination message carries it; only the root of the document's id goes into the link."""
    case = changed(example("imaging-report"), "unique_id", "1.2.250.1.999.1.9.102^7")
    partial = base64.b64encode(b"https://v.fr/open?studyUID=1.2").decode()
    case["sections"]["imaging_acts"][0]["dicom_catalogue"]["studies"] = [{"partial_viewer_url": {"url": partial}}]
    document = build("imaging-report", case)
    assert "https://v.fr/open?studyUID=1.2&idCDA=1.2.250.1.999.1.9.102" in found_in(document, "//h:linkHtml/@href")
    assert ["7"] == found_in(document, "/h:*/h:id/@extension")


def test_a_unit_that_the_rules_do_not_know_is_a_translation() -> None:
    """A dose-area product keeps its number and its unit; a unit of the extract stands on the value itself."""
    assert '<value xsi:type="PQ" value="218.4" unit="mGy.cm"/>' == observed_value({"value": 218.4, "unit": "mGy.cm"})
    product = observed_value({"value": 1.2, "unit": "Gy.cm2"})
    assert '<value xsi:type="PQ" nullFlavor="OTH">' in product
    assert '<translation value="1.2" code="Gy.cm2" displayName="Gy.cm2"' in product
    assert '<low value="70" unit="mL"/>' == bound({"value": 70, "unit": "mL"}, "low")


@pytest.mark.parametrize(("absence", "code"), [("none", "182849000"), ("unknown", "182904002")])
def test_a_patient_may_take_no_drug(absence: str, code: str) -> None:
    """That there is no treatment is an entry of its own, and not the same as not knowing any."""
    case = removed(minimal_case("telemedicine-request"), "sections.treatments")
    case["sections"]["absence_of_treatments"] = absence
    document = build("telemedicine-request", case)
    assert [code] == found_in(document, "//h:substanceAdministration/h:code/@code")
    assert [] == list(validate(document))


def test_acts_of_one_code_are_translated_once() -> None:
    """Two studies of one act give one translation of the document's code: translations must differ."""
    case = example("imaging-report")
    case["service_events"].append(dict(case["service_events"][0], study_instance_uid="1.2.250.1.999.1.4.102"))
    assert ["24628-0"] == found_in(build("imaging-report", case), "/h:*/h:code/h:translation/@code")


_PERSON = {"identifier": {"extension": "801234560801"}, "name": {"family": "MARTEL"}}


@pytest.mark.parametrize(
    ("kind", "path", "value", "expected"),
    [
        ("imaging-request", "authors.0.authoring_device", {"manufacturer_model_name": "a", "software_name": "b"},
         "$.authors[0].authoring_device: stands beside name"),
        ("imaging-request", "informants.0.assigned_entity", _PERSON, "$.informants[0].assigned_entity: stands beside"),
        ("imaging-request", "participants.0.scoping_organization",
         {"identifier": {"root": "1.2.3", "extension": "x"}, "name": "y"},
         "$.participants[0].scoping_organization.identifier.root: a structure is identified under 1.2.250.1.71.4.2.2"),
        ("imaging-request", "record_target.guardians", [{"name": {"family": "A"}, "organization": {"name": "B"}}],
         "$.record_target.guardians[0].organization: stands beside name"),
        ("imaging-request", "record_target.guardians", [{}], "$.record_target.guardians[0]: needs at least"),
        ("imaging-request", "record_target.addr.street_address_lines", ["a"],
         "$.record_target.addr.street_address_lines: stands beside parts of the address"),
        ("imaging-request", "record_target.addr", {"street_address_lines": ["a"] * 8},
         "$.record_target.addr.street_address_lines: takes at most 7 items"),
        ("imaging-request", "record_target.addr", {"use": "H"}, "$.record_target.addr: needs at least one of"),
        ("imaging-request", "service_events.0.code.code", "55115-0",
         "$.service_events[0].code.code: is the act of the request itself"),
        ("imaging-request", "encompassing_encounter.responsible_party.identifier.root", "1.2.3",
         "$.encompassing_encounter.responsible_party.identifier.root: a professional is identified under"),
        ("imaging-request", "custodian.name", '"Le Bocage"', "$.custodian.name: \"\\\"Le Bocage\\\"\" begins with"),
        ("imaging-request", "custodian.name", "a\tb", '$.custodian.name: "a\\tb" holds a tab'),
        ("imaging-request", "unique_id", "1.2.3^", '$.unique_id: "1.2.3^" has no number after ^'),
        ("imaging-request", "order.order_placer_number.extension", "x" * 65,
         f'$.order.order_placer_number.extension: "{"x" * 65}" is longer than 64 characters'),
        ("imaging-request", "sections.pdf_copy", {"content": "YQ=="},
         "$.sections.pdf_copy.content: is not what it should be: the content does not begin like application/pdf"),
        ("imaging-request", "sections.plan_of_care.0.target_sites.0", {"code": "302551006"},
         "$.sections.plan_of_care[0].target_sites[0].display: is missing"),
        ("imaging-report", "service_events.0.code", {"code": "99999-9"},
         "$.service_events[0].code.display: is missing; JDV_CodesDocumentImagerie_CISIS does not give one"),
        ("imaging-report", "sections.imaging_acts.0.dicom_catalogue.studies.0.partial_viewer_url",
         {"url": "https://x.fr/"},
         "$.sections.imaging_acts[0].dicom_catalogue.studies[0].partial_viewer_url: stands beside viewer_url"),
        ("imaging-report", "sections.imaging_acts.0.dicom_catalogue.studies.0",
         {"partial_viewer_url": {"url": "YQ=="}},
         '$.sections.imaging_acts[0].dicom_catalogue.studies[0].partial_viewer_url.url: "YQ==" is neither an http'),
        ("imaging-report", "sections.imaging_acts.0.dicom_catalogue.studies.0", {"partial_viewer_url": {"url": "é"}},
         '$.sections.imaging_acts[0].dicom_catalogue.studies[0].partial_viewer_url.url: "é" is neither an http'),
        ("imaging-report-pdf", "body.content", "YQ==", "$.body.content: is not what it should be"),
        ("telemedicine-request", "service_events.0.code.code", "TE3",
         '$.service_events[0].code.code: "TE3" is not a code of CDA_TelemedicineAct'),
        ("telemedicine-request", "sections.anamnesis.narrative", "x",
         "$.sections.anamnesis.narrative: stands beside active_problems, allergies, family_history, medical_history"),
        ("telemedicine-request", "sections.absence_of_treatments", "none",
         "$.sections.absence_of_treatments: stands beside treatments"),
        ("telemedicine-request", "sections.vital_signs.observations.0.unit", "cm",
         "$.sections.vital_signs.observations[0].unit: cm is no unit of 29463-7; use kg or g or [lb_av]"),
        ("telemedicine-request", "sections.treatments.0.dose_quantity.high.value", 0.5,
         "$.sections.treatments[0].dose_quantity.high: lies before low"),
        ("telemedicine-request", "participants.1.time", "2026-01-06T09:00:00+01:00",
         "$.participants[1].period: stands beside time"),
    ],
)  # fmt: skip
def test_a_single_fault_is_named(kind: str, path: str, value: object, expected: str) -> None:
    """One broken thing gives one finding that starts with its path and says what is wrong."""
    (finding,) = refused(kind, changed(example(kind), path, value))
    assert finding.startswith(expected)


def test_a_document_that_only_systems_wrote_names_who_answers() -> None:
    """Without a person among the authors nobody answers for the document or did the act unless the case says who."""
    case = minimal_case("imaging-report-pdf")
    case["authors"] = [
        {"identifier": {"root": "1.2.3", "extension": "1"},
         "authoring_device": {"manufacturer_model_name": "M", "software_name": "S"}}
    ]  # fmt: skip
    expected = ("$.legal_authenticator: is missing; no author is a person who could answer for the document",
                "$.service_events[0].performer: is missing; no author is a person")  # fmt: skip
    assert expected == refused("imaging-report-pdf", case)
    organization = {"name": "Plateforme", "standard_industry_class_code": {"code": "AMBULATOIRE"}}
    case["legal_authenticator"] = _PERSON
    case["service_events"][0]["performer"] = _PERSON | {"represented_organization": organization}
    document = build("imaging-report-pdf", case)
    assert ["S"] == found_in(document, "//h:assignedAuthoringDevice/h:softwareName/text()")
    assert [] == list(validate(document))


def test_what_a_report_leaves_unsaid_follows_from_it() -> None:
    """An addendum and a prescription are dated like the document; a key image shows the study of its act."""
    case = example("imaging-report")
    author = {name: value for name, value in case["authors"][0].items() if name != "time"}
    case["sections"]["addendum"] = {"text": "Relecture.", "author": author}
    case["sections"]["medical_devices"][0]["author"] = author
    image = {
        "title": "x",
        "series_instance_uid": "1.2.3.4",
        "sop_instance_uid": "1.2.3.4.5",
        "viewer_url": "https://x.fr",
    }
    case["sections"]["imaging_acts"][0]["dicom_catalogue"]["key_images"] = [image]
    document = build("imaging-report", case)
    assert ["20260106105800+0100"] * 2 == found_in(document, "//h:structuredBody//h:author/h:time/@value")
    studies = "//h:act[h:templateId/@root='1.2.250.1.213.1.1.3.155']/h:id/@root"
    assert ["1.2.250.1.999.1.4.101"] * 2 == found_in(document, studies)
    assert [] == list(validate(document))


def test_a_recommended_code_may_be_of_another_set() -> None:
    """A code that the recommended set lacks is written as the case gives it; one of the wrong kind is refused."""
    case = changed(example("imaging-report"), "service_events.0.code", {"code": "99999-9", "display": "Acte"})
    assert ["Acte"] == found_in(build("imaging-report", case), "//h:serviceEvent/h:code/@displayName")
    expected = ("$.service_events[0].code.code: 1 is not a text",)
    assert expected == refused("imaging-report", changed(case, "service_events.0.code.code", 1))
