"""The facts of headers that are not French, or not complete."""

from __future__ import annotations

import pytest

from tests.hostile_cda import document, section
from tests.unit.cda.view.pages import facts, page_of, texts
from xds_adapter.cda.view.words import Lang


def _with(header: str) -> dict[str, list[str]]:
    page = page_of(document(section("x"), header=header), Lang.EN)
    return facts(page, "main") | facts(page, "footer")


@pytest.mark.parametrize(
    ("header", "label", "lines"),
    [
        (
            "<author><assignedAuthor><assignedAuthoringDevice><manufacturerModelName>RIS</manufacturerModelName>"
            "<softwareName>Soft</softwareName></assignedAuthoringDevice></assignedAuthor></author>",
            "Author",
            ["Soft RIS"],
        ),
        (
            '<author><time value="2026"/><assignedAuthor><representedOrganization><name>Clinic</name></representedOrganization>'
            "</assignedAuthor></author>",
            "Author",
            ["Clinic on 2026"],
        ),
        ("<author><assignedAuthor/></author><author/>", "Author", []),
        (
            "<informant><relatedEntity><code displayName='Sister'/><relatedPerson><name>Ann Other</name></relatedPerson>"
            "</relatedEntity></informant>",
            "Informant",
            ["Ann Other Sister"],
        ),
        (
            "<informant><assignedEntity><assignedPerson><name><prefix>Prof</prefix><family>Roy</family></name></assignedPerson>"
            "</assignedEntity></informant><informant/>",
            "Informant",
            ["Prof Roy"],
        ),
        (
            "<informationRecipient><intendedRecipient><informationRecipient><name><family>Roy</family></name>"
            "</informationRecipient><receivedOrganization><name>Clinic</name></receivedOrganization></intendedRecipient>"
            "</informationRecipient>",
            "Recipient",
            ["Roy Clinic"],
        ),
        (
            "<dataEnterer><assignedEntity><assignedPerson><name>Bob</name></assignedPerson></assignedEntity></dataEnterer>",
            "Entered by",
            ["Bob"],
        ),
        (
            '<authenticator><time value="20260106"/><assignedEntity><assignedPerson><name>Bob</name></assignedPerson></assignedEntity></authenticator>',
            "Attested by",
            ["Bob on 6 January 2026"],
        ),
        (
            '<participant typeCode="CON"><associatedEntity><associatedPerson><name>Bob</name></associatedPerson></associatedEntity></participant>',
            "Consultant",
            ["Bob"],
        ),
        (
            '<participant typeCode="INF"><functionCode code="PCP" displayName="Treating physician"/><associatedEntity><associatedPerson>'
            "<name>Bob</name></associatedPerson></associatedEntity></participant>",
            "Treating physician",
            ["Bob"],
        ),
        (
            '<participant typeCode="ZZ"><associatedEntity><associatedPerson><name>Bob</name></associatedPerson></associatedEntity></participant>',
            "Participant",
            ["Bob"],
        ),
        (
            '<documentationOf><serviceEvent><effectiveTime value="20260106"/></serviceEvent></documentationOf>',
            "Examination",
            ["6 January 2026"],
        ),
        (
            "<documentationOf><serviceEvent><code><originalText>Chest CT</originalText><translation code='CT'/></code></serviceEvent></documentationOf>",
            "Examination",
            ["Chest CT"],
        ),
        (
            "<documentationOf><serviceEvent><code><translation code='CT'/></code></serviceEvent></documentationOf>",
            "Examination",
            ["CT"],
        ),
        ("<documentationOf><serviceEvent/></documentationOf>", "Examination", []),
        (
            '<componentOf><encompassingEncounter><effectiveTime value="20260106"/></encompassingEncounter></componentOf>',
            "Encounter",
            ["on 6 January 2026"],
        ),
        (
            "<componentOf><encompassingEncounter><location><healthCareFacility><code displayName='Public hospital'/></healthCareFacility>"
            "</location></encompassingEncounter></componentOf>",
            "Place of care",
            ["Public hospital"],
        ),
        ("<authorization><consent><code displayName='Agreed'/></consent></authorization>", "Authorization", ["Agreed"]),
    ],
)
def test_part_of_a_header_becomes_a_fact(header: str, label: str, lines: list[str]) -> None:
    assert lines == _with(header).get(label, [])


@pytest.mark.parametrize(
    ("patient", "name", "shown"),
    [
        ("<name><given>Ann</given><family>Other</family></name>", "Other Ann", {}),
        ("<name>Ann Other</name>", "Ann Other", {}),
        ("<name><given qualifier='BR'>Ann</given><family qualifier='BR'>Other</family></name>", "Other Ann", {}),
        (
            "<name><given qualifier='CL'>Ann</given><family qualifier='CL'>Used</family><family qualifier='BR'>Born</family></name>",
            "Used Ann",
            {"Birth name": ["Born"]},
        ),
        ("<administrativeGenderCode code='X' displayName='Other'/>", "Patient without a name", {"Sex": ["Other"]}),
        ("<birthTime value='1979'/>", "Patient without a name", {"Born": ["1979"]}),
    ],
)
def test_patient_of_any_country_has_a_banner(patient: str, name: str, shown: dict[str, list[str]]) -> None:
    content = (
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><effectiveTime value="2026"/><recordTarget><patientRole>'
        f'<id root="1.2.250.1.213.1.4.8" extension="1790328"/><id root="1.2.3"/><patient>{patient}</patient></patientRole>'
        "</recordTarget></ClinicalDocument>"
    )

    page = page_of(content.encode(), Lang.EN)

    assert [f"Patient {name}"] == texts(page, "//header//h2")
    assert shown | {"INS": ["1790328"]} == facts(page, "header")


def test_where_a_patient_lives_is_at_the_end() -> None:
    content = document(section("x")).replace(
        b"<patient>",
        b"<addr><streetAddressLine>1 High St</streetAddressLine><city>York</city></addr><addr>As written</addr>"
        b"<telecom value='tel:12'/><telecom value='a@b'/><telecom nullFlavor='NAV'/><patient>",
    )

    found = facts(page_of(content, Lang.EN), "footer")

    assert (["1 High St, York", "As written"], ["12, a@b"]) == (found["Address"], found["Contact"])
