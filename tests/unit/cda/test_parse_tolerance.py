"""What a document says in another form is understood where it can be, and told where it cannot."""

from __future__ import annotations

import re
from typing import Any

import pytest

from xds_adapter.cda.build import build, example
from xds_adapter.cda.parse import Note, NoteKind, ParsedCase, parse

_PDF = "JVBERi0xLjQKJSVFT0YK"


def _document(kind: str) -> str:
    case = example(kind)
    case["sections"]["attached_documents"] = [{"title": "Lettre", "media_type": "application/pdf", "content": _PDF}]
    case["sections"]["pdf_copy"] = {"content": _PDF}
    return build(kind, case).decode()


DOCUMENTS = {kind: _document(kind) for kind in ("imaging-report", "imaging-request", "telemedicine-request")}
REPORT, REQUEST, TELEMEDICINE = DOCUMENTS
LOST, REPAIRED, ASSUMED, REWORDED = NoteKind.LOST, NoteKind.REPAIRED, NoteKind.ASSUMED, NoteKind.REWORDED


def read(kind: str, pattern: str, new: str) -> ParsedCase:
    """Read the example of a kind with the first place that matches written otherwise."""
    document, count = re.subn(pattern, new, DOCUMENTS[kind], count=1, flags=re.DOTALL)
    assert 1 == count
    return parse(document.encode())


def at(case: Any, path: str) -> Any:
    for step in path.split("."):
        case = case[int(step)] if step.isdigit() else case[step]
    return case


def notes(parsed: ParsedCase, kind: NoteKind) -> list[Note]:
    return [note for note in parsed.notes if note.kind == kind]


@pytest.mark.parametrize(
    ("kind", "pattern", "new", "note", "words"),
    [
        # Header.
        (
            REPORT,
            "<prefix>M</prefix>",
            "<prefix>Herr</prefix>",
            LOST,
            "'Herr' is not a code of JDV_J245_Civilite_CISIS",
        ),
        (
            REPORT,
            r"<telecom (value=\"tel:0140000000\" use=\"WP\"/>)",
            r"<telecom \1<telecom \1",
            REPAIRED,
            "given twice",
        ),
        (
            REPORT,
            "<given>Hugo</given>",
            "<given>Hugo</given><given>Jean</given>",
            REPAIRED,
            "2 are put behind each other",
        ),
        (REPORT, r"<family qualifier=\"BR\">", "<family>", ASSUMED, "taken as the birth name"),
        (
            REPORT,
            r"<code code=\"G15_10/SM44\"",
            '<code code="G15_10/XX"',
            LOST,
            "'G15_10/XX Médecin - Radio-diagnostic",
        ),
        (REPORT, r"<streetName>", "<streetAddressLine>Bâtiment B</streetAddressLine><streetName>", REPAIRED, "lines"),
        (
            REPORT,
            "<componentOf>",
            '<relatedDocument typeCode="XFRM"><parentDocument><id root="1.2"/></parentDocument>'
            "</relatedDocument><componentOf>",
            LOST,
            "not 'XFRM'",
        ),
        # Values.
        (REPORT, r"(<methodCode [^>]*) codeSystem=\"[^\"]*\"", r"\1", ASSUMED, "has no codeSystem"),
        (REPORT, r"(<methodCode [^>]*)>", r'\1 codeSystemVersion="2">', LOST, "the version 2 of the code system"),
        (REPORT, r"unit=\"mGy.cm\"", "", ASSUMED, "1 is taken"),
        (REPORT, r"value=\"218.4\"", 'value="218.40"', REWORDED, "the number 218.40 becomes 218.4"),
        # Sections.
        (REPORT, r"<text>\n<paragraph>Aucune\.</paragraph>\n</text>", "<text/>", LOST, "nothing in this section"),
        (REPORT, r"(<paragraph>Aucune\.</paragraph>)", r"<list><item>Aucune.</item></list>", REWORDED, "list become"),
        (
            REPORT,
            r"<templateId root=\"1.2.250.1.213.1.1.2.214\"/>",
            '<templateId root="1.2.250.1.213.1.1.2.2140"/>',
            LOST,
            "the section 'Complications'",
        ),
        (TELEMEDICINE, r"1\.2\.250\.1\.213\.1\.1\.2\.137", "1.2.250.1.213.1.1.2.1379", LOST, "the section 'Allergies"),
        (
            TELEMEDICINE,
            r"1\.2\.250\.1\.213\.1\.1\.2\.140",
            "1.2.250.1.213.1.1.2.1409",
            LOST,
            "the section 'Mode de vie'",
        ),
        (REQUEST, r"1\.2\.250\.1\.213\.1\.1\.2\.213", "1.2.250.1.213.1.1.2.2139", LOST, "the section 'Antécédents"),
        (REQUEST, r"1\.2\.250\.1\.213\.1\.1\.2\.37", "1.2.250.1.213.1.1.2.379", LOST, "a file of 20 base64 characters"),
        (
            REPORT,
            r"1\.2\.250\.1\.213\.1\.1\.2\.206\"",
            '1.2.250.1.213.1.1.2.2069"',
            LOST,
            "<title>Complications 'Aucune.'",
        ),
        (
            REPORT,
            r"<code code=\"99622-3\" [^>]*/>",
            '<code code="MED-1130" codeSystem="1.2.250.1.213.1.1.4.322"/><value value="true"/>',
            LOST,
            "a report does not say whether",
        ),
        # Entries.
        (
            REPORT,
            r"(<methodCode [^>]*>)\n<originalText>.*?</originalText>",
            r"\1<originalText>scan</originalText>",
            LOST,
            "scan",
        ),
        (
            REQUEST,
            r"<value xsi:type=\"CD\">\n<originalText>.*?</originalText>\n</value>",
            '<value xsi:type="ST">autre</value>',
            LOST,
            "'autre' is left out",
        ),
        (
            REQUEST,
            r"(<entry>\n<observation classCode=\"OBS\" moodCode=\"EVN\">\n<templateId root=\"2\.16.*?</entry>)",
            r"\1\1",
            REPAIRED,
            "this one is put behind the first",
        ),
        (REQUEST, r"(Copie du document</title>.*?)application/pdf", r"\1text/plain", LOST, "not 'text/plain'"),
        (REPORT, r"typeCode=\"RESP\"", 'typeCode="AUT"', LOST, "not 'AUT'"),
        (
            REPORT,
            r"(<templateId root=\"1.2.250.1.213.1.1.3.156\"/>.*?<effectiveTime value=\")2026",
            r"\g<1>2025",
            LOST,
            "one time a study",
        ),
        (
            REPORT,
            r"jours, jusqu'au [^<]*</paragraph>",
            r"\g<0><paragraph>Gardées 90 jours.</paragraph>",
            LOST,
            "not 90",
        ),
        (
            REPORT,
            r"<text mediaType=\"application/dicom\"><reference[^>]*/>",
            '<text mediaType="application/dicom">',
            ASSUMED,
            "the link of the narrative is taken",
        ),
        (REPORT, r"mediaType=\"application/dicom\"", 'mediaType="text/html"', LOST, "not 'text/html'"),
        (REQUEST, r"(<value mediaType=\"application/pdf\")", r'\1 compression="GZ"', LOST, "compressed (GZ)"),
        (
            REQUEST,
            r"<value xsi:type=\"BL\" value=\"true\"/>",
            '<value xsi:type="BL" value="perhaps"/>',
            LOST,
            "perhaps",
        ),
        (
            TELEMEDICINE,
            r"(3\.53\".*?)<value xsi:type=\"ST\">[^<]*</value>",
            r'\1<value xsi:type="TS" value="20200312"/>',
            LOST,
            "as words",
        ),
    ],
)
def test_a_difference_is_told(kind: str, pattern: str, new: str, note: NoteKind, words: str) -> None:
    found = notes(read(kind, pattern, new), note)
    assert any(words in one.message for one in found), [str(one) for one in found]


@pytest.mark.parametrize(
    ("kind", "pattern", "new", "path", "expected"),
    [
        (
            REPORT,
            r"<prefix>M</prefix>\n(<given>Hugo</given>\n<family>MARTEL</family>)\n<suffix>DR</suffix>",
            r"<prefix>Dr.</prefix>\1",
            "authors.0.name",
            {"given": "Hugo", "family": "MARTEL", "suffix": "DR"},
        ),
        (
            REPORT,
            r"<prefix>M</prefix>\n<given>Hugo</given>\n<family>MARTEL</family>\n<suffix>DR</suffix>",
            "Hugo MARTEL",
            "authors.0.name",
            {"family": "Hugo MARTEL"},
        ),
        (REPORT, r"<id root=\"1.2.250.1.999.1.9.102\"/>", '<id root="1.2.3" extension="7"/>', "unique_id", "1.2.3^7"),
        (
            REPORT,
            r"<low value=\"70\" unit=\"mL\"/>\n",
            '<low value="7e1" unit="mL"/><high value="7e1" unit="mL"/>',
            "sections.imaging_acts.0.administered_products.0.dose_quantity",
            {"value": 70.0, "unit": "mL"},
        ),
        (
            REPORT,
            r"<doseQuantity>\n<low value=\"70\" unit=\"mL\"/>\n</doseQuantity>",
            '<doseQuantity value="70" unit="mL"/>',
            "sections.imaging_acts.0.administered_products.0.dose_quantity",
            {"value": 70, "unit": "mL"},
        ),
        (
            TELEMEDICINE,
            r"<doseQuantity>.*?</doseQuantity>",
            '<doseQuantity value="2" unit="{tbl}"/>',
            "sections.treatments.0.dose_quantity",
            {"low": {"value": 2, "unit": "{tbl}"}, "high": {"value": 2, "unit": "{tbl}"}},
        ),
        (
            REPORT,
            r"(<translation code=\"V08AB10\"[^>]*) codeSystem=\"[^\"]*\"",
            r'\1 codeSystem="1.2.3"',
            "sections.imaging_acts.0.administered_products.0.atc.system",
            "1.2.3",
        ),
        (
            REQUEST,
            r"<tr><th>Commentaire</th><td>(<content ID=\"exam-1-comment\">)[^<]*</content></td>",
            r"<tr><td>\1Commentaire</content></td><td>Avec injection</td>",
            "sections.plan_of_care.0.comment",
            "Commentaire : Avec injection",
        ),
        (
            REPORT,
            r"<text>\n<paragraph>Aucune\.</paragraph>\n</text>",
            "<text>Rien<br/>à dire<table><tbody><tr><td>a</td> <td>b</td></tr></tbody></table>"
            '<linkHtml href="https://x.example">ici</linkHtml></text>',
            "sections.imaging_acts.0.complications",
            "Rien\nà dire\na | b\nici (https://x.example)",
        ),
        (
            REPORT,
            r"<paragraph>Aucune\.</paragraph>",
            "<paragraph>Aucune\n   complication.</paragraph>",
            "sections.imaging_acts.0.complications",
            "Aucune complication.",
        ),
    ],
)
def test_another_form_is_understood(kind: str, pattern: str, new: str, path: str, expected: object) -> None:
    assert expected == at(read(kind, pattern, new).case, path)


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize(
    "name",
    ["id", "setId", "versionNumber", "recordTarget", "patientRole", "patient", "assignedAuthor", "custodian",
     "legalAuthenticator", "assignedEntity", "documentationOf", "serviceEvent", "componentOf", "encompassingEncounter",
     "location", "healthCareFacility", "component", "structuredBody", "addr", "name", "code", "value", "text", "title",
     "effectiveTime", "participant", "participantRole", "playingEntity", "playingDevice", "consumable",
     "manufacturedMaterial", "targetSiteCode", "entryRelationship", "observation", "act", "procedure",
     "substanceAdministration", "organizer", "supply", "section", "entry", "originalText", "reference"],
)  # fmt: skip
def test_a_document_that_lacks_something_everywhere_is_read(kind: str, name: str) -> None:
    """Whatever is missing, the rest is read."""
    content = re.sub(rf"<{name}(?: [^>]*)?/>|<{name}(?: [^>]*)?>(?:(?!<{name}[ >]).)*?</{name}>", "", DOCUMENTS[kind],
                     flags=re.DOTALL)  # fmt: skip
    parsed = parse(content.encode())
    assert kind == parsed.kind


def test_a_consent_and_a_replacement_that_say_nothing_are_left_out() -> None:
    empty = '<relatedDocument typeCode="RPLC"/><authorization/><componentOf>'
    parsed = read(REPORT, "<componentOf>", empty)
    assert not {"related_document", "authorizations"} & parsed.case.keys()


def test_an_identifier_without_value_is_left_out() -> None:
    parsed = read(REPORT, r"<id root=\"[^\"]*\" extension=\"SEJ-88120\"/>", '<id nullFlavor="UNK"/>')
    assert "identifier" not in parsed.case["encompassing_encounter"]
    assert () == parsed.notes


@pytest.mark.parametrize("text", ["1e999999999", "-1e400", "NaN", "", "7,5"])
def test_a_number_that_is_none_or_too_large_is_left_out(text: str) -> None:
    parsed = read(REPORT, r"value=\"218.4\"", f'value="{text}"')
    assert "value" not in at(parsed.case, "sections.imaging_acts.0.radiation_exposure.dose_quantities.0")
    assert notes(parsed, LOST)
