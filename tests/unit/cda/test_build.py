"""Building documents from cases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.cda_cases import changed, minimal_case, removed, report_case, request_case
from tests.unit.cda.built import found_in, refused
from xds_adapter import xmlio
from xds_adapter.cda.build import KINDS, build, example, schema
from xds_adapter.errors import CaseInvalid, ConfigError

NAMES = [kind.name for kind in KINDS]


@pytest.mark.parametrize("kind", NAMES)
def test_the_example_of_every_kind_builds(kind: str) -> None:
    """The shipped example is a valid case and gives a ClinicalDocument with an XML declaration."""
    document = build(kind, example(kind))
    assert document.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument ')
    assert xmlio.parse(document).tag == "{urn:hl7-org:v3}ClinicalDocument"


@pytest.mark.parametrize("kind", NAMES)
def test_building_twice_gives_the_same_bytes(kind: str) -> None:
    """A case with its own unique_id always gives the same document, so that a repeated export changes nothing."""
    assert build(kind, example(kind)) == build(kind, example(kind))


@pytest.mark.parametrize("kind", NAMES)
def test_building_does_not_change_the_case(kind: str) -> None:
    """The caller's case stays as it was."""
    case = example(kind)
    build(kind, case)
    assert case == example(kind)


@pytest.mark.parametrize("kind", NAMES)
def test_a_document_without_given_ids_gets_new_ones(kind: str) -> None:
    """Without unique_id and set_id every build makes new OIDs under 2.25, and the version is 1."""
    first, second = (build(kind, minimal_case(kind)) for _ in range(2))
    ids = [found_in(document, "/h:*/h:id/@root|/h:*/h:setId/@root") for document in (first, second)]
    assert len({str(root) for pair in ids for root in pair}) == 4
    assert all(str(root).startswith("2.25.") for pair in ids for root in pair)
    assert found_in(first, "/h:*/h:versionNumber/@value") == ["1"]


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("make", [example, minimal_case])
def test_narrative_references_resolve_and_ids_are_unique(kind: str, make: Any) -> None:
    """Every #reference finds its content, and neither content IDs nor UUIDs repeat."""
    document = build(kind, make(kind))
    anchors = found_in(document, "//@ID")
    references = [str(value)[1:] for value in found_in(document, "//h:reference/@value") if str(value).startswith("#")]
    assert set(references) <= {str(anchor) for anchor in anchors}
    assert len(anchors) == len(set(anchors))
    uuids = found_in(document, "//h:id[not(@extension) and contains(@root, '-')]/@root")
    assert len(uuids) == len(set(uuids))
    assert len(uuids) > 3 or found_in(document, "//h:nonXMLBody")
    assert all(str(root) == str(root).upper() for root in uuids)


def test_a_report_names_order_accession_and_study() -> None:
    """A report says which order it fulfils, under which accession number, and which study it reads."""
    document = build("imaging-report", report_case())
    assert found_in(document, "//h:inFulfillmentOf/h:order/h:id/@extension") == ["OPN-101"]
    assert found_in(document, "//h:inFulfillmentOf/h:order/d:accessionNumber/@extension") == ["ACN-101"]
    assert found_in(document, "//h:serviceEvent/h:id/@root") == ["1.2.250.1.999.1.4.101"]


def test_the_viewer_url_carries_the_id_of_the_document() -> None:
    """{unique_id} in a viewer URL becomes the id of the document, also when that id is new."""
    document = build("imaging-report", removed(report_case(), "unique_id"))
    (root,) = found_in(document, "/h:*/h:id/@root")
    links = found_in(document, "//h:linkHtml/@href")
    assert all(str(link).endswith(f"&idCDA={root}") for link in links)
    assert links == found_in(document, "//h:text[@mediaType='application/dicom']/h:reference/@value") != []


def test_the_narrative_says_how_long_images_are_kept() -> None:
    """The retention period stands beside the link, with the day on which it ends."""
    text = etree.tostring(xmlio.parse(build("imaging-report", report_case())), encoding="unicode")
    assert "730 jours, jusqu'au 06/01/2028" in text


@pytest.mark.parametrize(("path", "value"), [("studies.0.effective_time", "2026"), ("image_retention_days", 10**9)])
def test_a_retention_without_end_is_still_told(path: str, value: object) -> None:
    """When the day on which it ends cannot be named, the period alone is."""
    case = changed(report_case(), f"sections.imaging_acts.0.dicom_catalogue.{path}", value)
    text = etree.tostring(xmlio.parse(build("imaging-report", case)), encoding="unicode")
    assert " jours.</paragraph>" in text


def test_a_period_of_a_day_and_a_time_compares_by_days() -> None:
    """A stay that ends on the day it began is in order, whatever the zone."""
    case = report_case()
    case["encompassing_encounter"]["effective_time"] = {"low": "2026-01-06T23:30:00-05:00", "high": "2026-01-06"}
    assert build("imaging-report", case)


def test_a_whole_number_written_as_a_decimal_is_written_as_a_whole_number() -> None:
    case = example("imaging-request") | {"version_number": 2.0}
    assert b'<versionNumber value="2"/>' in build("imaging-request", case)


def test_the_first_author_answers_for_the_document_by_default() -> None:
    """Without legal_authenticator and performer the first author fills both places."""
    case = removed(report_case(), "legal_authenticator")
    document = build("imaging-report", case)
    assert found_in(document, "/h:*/h:legalAuthenticator/h:assignedEntity/h:id/@extension") == ["801234560801"]
    assert found_in(document, "/h:*/h:legalAuthenticator/h:time/@value") == ["20260106105800+0100"]
    assert found_in(document, "//h:serviceEvent/h:performer/h:assignedEntity/h:id/@extension") == ["801234560801"]


def test_a_value_set_gives_display_and_system() -> None:
    """A code of a closed value set needs nothing but its code."""
    document = build("imaging-request", request_case())
    (modality,) = found_in(document, "//h:observation[@moodCode='INT'][1]/h:code[@code='CT']")
    assert (modality.get("displayName"), modality.get("codeSystem")) == ("Scanner/TDM", "1.2.840.10008.2.16.4")


def test_all_faults_are_reported_at_once_with_their_path() -> None:
    """Missing, unknown, mistyped, undated and uncoded members come back together."""
    case = removed(report_case(), "sections.conclusion")
    changed(case, "effective_time", "2026-02-30T10:00:00+01:00")
    changed(case, "unique_id", "1.02.3")
    changed(case, "version_number", "1")
    changed(case, "titel", "x")
    changed(case, "sections.imaging_acts.0.techniques.0.modalities.0.code", "CTT")
    assert refused("imaging-report", case) == (
        '$.effective_time: "2026-02-30T10:00:00+01:00" is no date of the calendar',
        "$.sections.conclusion: is missing",
        '$.sections.imaging_acts[0].techniques[0].modalities[0].code: "CTT" is not a code of '
        "JDV_ModaliteAcquisition_CISIS (acquisition modality); nearest: CT Tomodensitométrie",
        "$.titel: unknown member; did you mean 'title'?",
        '$.unique_id: "1.02.3" is neither an OID nor a UUID',
        '$.version_number: "1" is not a whole number',
    )


@pytest.mark.parametrize(
    ("kind", "path", "value", "expected"),
    [
        ("imaging-report", "authors", [], "$.authors: needs at least 1 item"),
        ("imaging-report", "title", " ", "$.title: is empty"),
        (
            "imaging-report",
            "service_events.0.effective_time",
            {"low": "2026-01-06T10:00:00+01:00", "high": "2026-01-06T10:00:00+02:00"},
            "$.service_events[0].effective_time.high: lies before low",
        ),
        (
            "imaging-request",
            "sections.attached_documents",
            [{"title": "x", "media_type": "application/pdf", "content": "QUJD"}],
            "$.sections.attached_documents[0].content: is not what it should be: the content does not begin like",
        ),
        (
            "imaging-request",
            "sections.attached_documents",
            [{"title": "x", "media_type": "text/plain", "content": "*"}],
            "$.sections.attached_documents[0].content: is not what it should be: the text breaks off",
        ),
        (
            "imaging-report",
            "encompassing_encounter.code.code",
            5,
            ".code.code: 5 is not a text",
        ),
        ("imaging-report", "custodian.identifier.root", "", '$.custodian.identifier.root: "" is not an OID'),
        (
            "imaging-report",
            "sections.imaging_acts.0.dicom_catalogue.studies.0.viewer_url",
            "https://[::1",
            "is not a URL",
        ),
        ("imaging-report", "title", "a\nb", '$.title: "a\\nb" holds a line break'),
        ("imaging-report", "title", "a\x01b", "$.title: holds the character U+0001 at position 2, which XML forbids"),
        ("imaging-report", "effective_time", "2026-01-06", '"2026-01-06" needs a time and a zone'),
        ("imaging-report", "custodian.identifier.root", "1.2", "$.custodian.identifier.root: 1.2 is not allowed"),
        ("imaging-report", "authors.0.name.suffix", "Dr", '$.authors[0].name.suffix: "Dr" is not a code of JDV_J246'),
        ("imaging-report", "authors.0.telecom", [{"value": "0299"}], '$.authors[0].telecom[0].value: "0299" does not'),
        (
            "imaging-report",
            "sections.imaging_acts.0.dicom_catalogue.studies.0.modality.code",
            "?!?!?!",
            '"?!?!?!" is not a code of JDV_ModaliteAcquisition_CISIS (acquisition modality); allowed: AR, BDUS, BI,',
        ),
        (
            "imaging-report",
            "administrative_gender",
            "F",
            "$.administrative_gender: unknown member; known here: unique_id, set_id",
        ),
        (
            "imaging-report",
            "encompassing_encounter.code",
            {"code": "IMP", "system": "1.2.3"},
            '$.encompassing_encounter.code.system: "1.2.3" is not the code system of IMP',
        ),
        (
            "imaging-report",
            "encompassing_encounter.effective_time.high",
            "2026-01-05",
            "$.encompassing_encounter.effective_time.high: lies before low",
        ),
        (
            "imaging-report",
            "sections.imaging_acts.0.dicom_catalogue.studies.0.viewer_url",
            "javascript:alert(1)",
            "is not an http or https URL",
        ),
        (
            "imaging-report",
            "sections.imaging_acts.0.radiation_exposure.dose_quantities.0.value",
            float("nan"),
            "nan is not a number",
        ),
        (
            "imaging-report",
            "sections.clinical_information.contraindications",
            [],
            "$.sections.clinical_information.contraindications: is missing; a report states them",
        ),
        (
            "imaging-report",
            "related_document",
            {"unique_id": "1.2.250.1.999.1.9.102"},
            "$.related_document.unique_id: a document cannot replace itself",
        ),
        (
            "imaging-request",
            "information_recipients.0.identifier.root",
            "1.2.3",
            "$.information_recipients[0].identifier.root: a professional is identified under",
        ),
        (
            "imaging-request",
            "sections.plan_of_care.0.modality.code",
            "NM",
            "$.sections.plan_of_care[0].studied_function: is missing; modality NM needs it",
        ),
        (
            "imaging-request",
            "sections.plan_of_care.0.studied_function",
            {"code": "MED-1143"},
            "$.sections.plan_of_care[0].studied_function: only the modalities PT and NM have one, not CT",
        ),
        (
            "imaging-request",
            "sections.plan_of_care.0.contrast_injection",
            {"code": "MED-1153"},
            "$.sections.plan_of_care[0].contrast_injection: only the modality PT has it",
        ),
        (
            "imaging-request",
            "sections.plan_of_care.0",
            {
                "modality": {"code": "PT"},
                "target_sites": [{"code": "361291001", "display": "x"}],
                "studied_function": {"code": "MED-1143"},
            },
            "$.sections.plan_of_care[0].studied_function.code: MED-1143 is not a code of JDV_FonctionEtudieeTEP",
        ),
        (
            "imaging-request",
            "sections.plan_of_care.0.target_sites",
            [{"code": "361291001", "display": "x", "topographic_modifier": {"code": "7771000"}}] * 2,
            "$.sections.plan_of_care[0].target_sites: one exam takes one topographic modifier",
        ),
    ],
)
def test_a_single_fault_is_named(kind: str, path: str, value: object, expected: str) -> None:
    """One broken thing gives one finding that starts with its path and says what is wrong."""
    (finding,) = refused(kind, changed(example(kind), path, value))
    assert expected in finding


@pytest.mark.parametrize("path", ["name.first_birth_given", "birthplace"])
def test_an_identity_by_ins_needs_all_its_traits(path: str) -> None:
    """With an INS the case must say how the patient was called and where they were born."""
    (finding,) = refused("imaging-request", removed(request_case(), f"record_target.{path}"))
    assert finding == f"$.record_target.{path}: is missing; an identity by INS needs all its traits"


def test_a_patient_needs_an_identifier() -> None:
    """Neither INS nor local number is refused."""
    case = removed(removed(request_case(), "record_target.ins"), "record_target.ipp")
    assert refused("imaging-request", case) == ("$.record_target: needs at least one of ins, ipp",)


@pytest.mark.parametrize(("kind", "path"), [("imaging-report", "authors[0]"), ("imaging-request", "authors[0]")])
def test_the_performer_of_an_act_needs_a_kind_of_practice(kind: str, path: str) -> None:
    """Without it XDS has no practiceSettingCode."""
    case = removed(example(kind), "authors.0.represented_organization.standard_industry_class_code")
    (finding,) = refused(kind, case)
    assert finding.startswith(f"$.{path}.represented_organization.standard_industry_class_code: is missing")


def test_a_case_that_is_no_object_is_refused() -> None:
    """A list or text in place of the case is a fault like any other."""
    assert refused("imaging-report", [1])[0] == "$: [1] is not an object"  # type: ignore[arg-type]


def test_an_unknown_kind_is_refused() -> None:
    """The known kinds are named."""
    with pytest.raises(ConfigError, match="known: imaging-request, imaging-report"):
        build("imaging", {})


@pytest.mark.parametrize("kind", NAMES)
def test_a_schema_stands_on_its_own_and_closes_every_object(kind: str) -> None:
    """Every reference resolves inside the schema, no object takes unknown members, every definition has a title."""
    whole = schema(kind)
    text = json.dumps(whole)
    for name, definition in whole["$defs"].items():
        assert f'"#/$defs/{name}"' in text
        assert definition["title"]

    def walk(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
            for member in part.values():
                walk(member)

    walk(whole)


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
_MARKUP = st.sampled_from(
    ["<b>", "]]>", "&amp;", "\"'", "{{ case }}", "{% raw %}", "<!--", "<![CDATA[", "\r\n", "\u2028"]
)


@settings(max_examples=40, deadline=None)
@given(
    words=st.lists(st.one_of(_TEXTS, _MARKUP), min_size=1, max_size=6).map("".join),
    kind=st.sampled_from(["imaging-request", "imaging-report"]),
)
def test_no_text_breaks_the_document(words: str, kind: str) -> None:
    """Whatever a text holds, the case is refused or the document is well-formed and shows that text."""
    case = changed(example(kind), "sections.clinical_information.medical_history", words)
    changed(case, "authors.0.name.given", words)
    try:
        document = build(kind, case)
    except CaseInvalid:
        return
    shown = "".join(str(part) for part in found_in(document, "//h:content[@ID='medical-history']//text()"))
    wanted = "".join(line.strip() for line in words.splitlines() if line.strip())
    assert "".join(wanted.split()) == "".join(shown.split())
