"""For every rule of the built-in validator: one edit of a built document that breaks it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tests.cda_cases import built

REPORT, REQUEST, PDF = "imaging-report", "imaging-request", "imaging-report-pdf"
TELE_REQUEST, TELE_REPORT = "telemedicine-request", "telemedicine-report"


@cache
def sound(kind: str) -> str:
    """The text of the document of a shipped example."""
    return built(kind).decode()


@dataclass(frozen=True, slots=True)
class Case:
    """One edit.

    Attributes:
        pattern: Regular expression whose first matches are replaced.
        also: Other rules that see the same fault.
        count: How many matches are replaced.
    """

    rule: str
    pattern: str
    replacement: str = ""
    kind: str = REPORT
    also: tuple[str, ...] = ()
    count: int = 1

    def __str__(self) -> str:
        return f"{self.rule} {self.pattern[:40]}"

    def document(self) -> bytes:
        """The broken document."""
        text, edits = re.subn(self.pattern, self.replacement, sound(self.kind), count=self.count, flags=re.DOTALL)
        assert edits == self.count, self
        assert text != sound(self.kind), self
        return text.encode()


def _in(template: str, pattern: str) -> str:
    """A pattern whose match stands behind a template id; what stands between is group 1."""
    return (
        rf'(<templateId root="{re.escape(template)}"/>(?:(?!<templateId root="{re.escape(template)}"/>).)*?){pattern}'
    )


_MOVED = r"\1"
_TITLE = "(<title>Conclusion</title>\n<text>)"
_OBSERVATION = "2.16.840.1.113883.10.20.6.2.13"
_QUANTITY = "2.16.840.1.113883.10.20.6.2.14"
_TECHNIQUE = "1.2.840.10008.9.14"
_SERIES = "1.2.840.10008.9.17"
_TREATMENT = "1.3.6.1.4.1.19376.1.5.3.1.4.7"
_COMMENT = "1.2.250.1.213.1.1.3.32"
_SIMPLE = "1.2.250.1.213.1.1.3.48"

HEADER: tuple[Case, ...] = (
    Case("CDA-001", "</ClinicalDocument>"),
    Case("CDA-001", "<ClinicalDocument", "<!DOCTYPE x><ClinicalDocument"),
    Case("CDA-002", 'xmlns="urn:hl7-org:v3"', 'xmlns="urn:other"'),
    Case("CDA-010", "<setId [^>]*>"),
    Case("CDA-010", "<legalAuthenticator>.*</legalAuthenticator>"),
    Case("CDA-010", "(<participant .*?)<time [^>]*>", _MOVED),
    Case("CDA-011", "(<languageCode [^>]*>)", r"\1\1"),
    Case("CDA-012", "POCD_HD000040", "POCD_HD000030"),
    Case("CDA-013", '<realmCode code="FR"/>', '<realmCode code="DE"/>', also=("CDA-010",)),
    Case("CDA-014", '<templateId root="1.2.250.1.213.1.1.1.1"/>'),
    Case("CDA-015", '<versionNumber value="1"/>', '<versionNumber value="-1"/>'),
    Case("CDA-016", '<confidentialityCode code="N"', '<confidentialityCode code="MASQUE_PS"'),
    Case("CDA-017", "(<serviceEvent>.*?)<effectiveTime>.*?</effectiveTime>", _MOVED),
    Case("CDA-017", "<performer.*?</performer>(?=\n</serviceEvent>)"),
    Case("CDA-020", 'root="1.2.250.1.999.1.9.200"', 'root="1.02.250"'),
    Case("CDA-020", 'codeSystem="1.2.250.1.999.1.5"', 'codeSystem="urn"', REQUEST),
    Case("CDA-021", ' extension="IPP-204417"'),
    Case("CDA-022", '<given qualifier="BR">[^<]*</given>'),
    Case("CDA-022", "<given>DOMINIQUE MARIE-LOUISE</given>"),
    Case("CDA-022", "<birthplace>.*</birthplace>"),
    Case("CDA-024", '(<representedCustodianOrganization>\n<id root=)"1.2.250.1.71.4.2.2"', r'\1"1.2.3"'),
    Case("CDA-025", '<given qualifier="CL">', '<given qualifier="SP">'),
    Case("CDA-030", '<effectiveTime value="20260106105800', '<effectiveTime value="20260230105800'),
    Case("CDA-033", "(<time)( value=.20260106085000.0100.)/>", r'\1\2><low value="20260106"/></time>'),
    Case("CDA-033", '<low value="20260106075500.0100"/>', '\\g<0><high value="20250106075500+0100"/>'),
    Case("CDA-034", '<telecom value="tel:0600000000"', '<telecom value="0600000000"'),
    Case("CDA-035", "<title>[^<]*</title>", "<title/>"),
    Case("CDA-036", "<houseNumber>14</houseNumber>", "14"),
    Case("CDA-037", '<participant typeCode="REF">', '<participant typeCode="LOC">'),
    Case("CDA-037", '<languageCode code="fr-FR"', '<languageCode code="FR-fr"'),
    Case("CDA-037", '<languageCode code="fr-FR"', '<languageCode code="fr"'),
    Case("CDA-040", '(<translation code="ECQH010" [^>]*?) codeSystem="[^"]*"', _MOVED),
    Case("CDA-042", "<code code=.ECHANGE.[^>]*>", "<code/>", REQUEST),
    Case("CDA-044", "<administrativeGenderCode [^>]*>", '<administrativeGenderCode nullFlavor="UNK"/>'),
    Case("CDA-047", '<birthTime value="19790328"/>', '<birthTime value="19790328" nullFlavor="UNK"/>'),
    Case("CDA-048", '<translation code="ECQH010"[^>]*/>', '<translation nullFlavor="UNK"/>'),
    Case("CDA-048", '(<translation code="ECQH010"[^>]*/>)', r"\1\1", also=("CDA-055",)),
    Case("CDA-050", ' ID="act-1-technique-1-site"'),
    Case("CDA-051", 'value="#act-1-product-1-comment"', 'value="act-1-product-1-comment"'),
    Case("CDA-052", _TITLE, r'\1<renderMultiMedia referencedObject="IMG1"/>'),
    Case("CDA-053", _TITLE, r'\1<content ID="act-1-technique-1-site">x</content>'),
    Case("CDA-054", 'root="EA91C202-353D-5124-B914-A825CF372BB3"', 'root="BA6FFB93-D8C8-5D0B-A29E-238937AD3C2A"'),
    Case("CDA-055", '(<telecom value="tel:0600000000" use="MC"/>)', r"\1\1"),
    Case("CDA-060", 'representation="B64">JVBE', 'representation="B64">JVB*', PDF),
    Case("CDA-061", 'representation="B64">JVBE', 'representation="B64">QUJD', PDF),
    Case("CDA-063", "(<templateId root=.2.16.840.1.113883.2.8.2.1./>)", r'\1<templateId root="1.2.3"/>', PDF),
    Case("CDA-070", 'unit="mGy.cm"', 'unit="mgy.cM"'),
    Case("CDA-019", "<componentOf>", '<relatedDocument typeCode="APND"><parentDocument><id root="1.2.3"/>'
         "</parentDocument></relatedDocument><componentOf>"),
    Case("CDA-023", "279035121518989", "279035121518988"),
    Case("CDA-023", "279035121518989", "2790351215189"),
    Case("CDA-026", _in(_TECHNIQUE, "<id root=[^>]*>"), r'\1<id root="abc"/>'),
    Case("CDA-027", '<versionNumber value="1"/>', '<versionNumber value="0"/>'),
    Case("CDA-031", '<effectiveTime value="20260106105800.0100"', '<effectiveTime value="20260106105800"'),
    Case("CDA-032", _in(_TECHNIQUE, "20260106101500"), r"\g<1>20260230101500"),
    Case("CDA-041", '(<standardIndustryClassCode code="[^"]*") displayName="[^"]*"', _MOVED),
    Case("CDA-045", '(<translation code="V08AB10" [^>]*?) codeSystem="[^"]*"', _MOVED),
    Case("CDA-046", "<routeCode .*?</routeCode>", "<routeCode/>"),
    Case("CDA-062", ' representation="B64"', "", PDF),
)  # fmt: skip

MODEL: tuple[Case, ...] = (
    Case("CDA-100", _TITLE, r"<colour/>\1"),
    Case("CDA-101", r"(<title>Conclusion</title>)\n(<text>.*?</text>)", r"\2\1"),
    Case("CDA-102", "(<title>Conclusion</title>)", r"\1\1"),
    Case("CDA-103", _TITLE, r"\1<list/>"),
    Case("CDA-104", "<nonXMLBody>.*</nonXMLBody>", "", PDF),
    Case("CDA-105", "<title>Conclusion", '<title colour="red">Conclusion'),
    Case("CDA-106", '<entryRelationship typeCode="SUBJ"', "<entryRelationship"),
    Case("CDA-106", '<observation classCode="OBS" moodCode="EVN">', '<observation classCode="OBS">'),
    Case("CDA-107", 'inversionInd="true"', 'inversionInd="yes"'),
    Case("CDA-108", 'xsi:type="BL"', 'xsi:type="Boolean"', REQUEST),
    Case("CDA-109", "<structuredBody>", "<structuredBody>words"),
)

TEMPLATES: tuple[Case, ...] = (
    Case("CDA-301", '<templateId root="1.2.250.1.213.1.1.2.211"/>'),
    Case("CDA-302", f'<templateId root="{_OBSERVATION}"/>', '\\g<0><templateId root="1.2.3"/>'),
    Case("CDA-301", '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.1"/>', "", TELE_REQUEST),
    Case("CDA-301", '<templateId root="2.16.840.1.113883.10.20.1.18"/>', "", TELE_REQUEST),
    Case("CDA-303", '(<code code="47519-4"[^>]*codeSystem=)"[^"]*"', r'\1"1.2.3"', TELE_REQUEST),
    Case("CDA-304", '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.2"/>', "", TELE_REQUEST),
    Case("CDA-304", '<code code="SEV"', '<code code="SEVERE"', TELE_REQUEST),
    Case("CDA-303", 'code="19005-8"', 'code="19005-9"'),
    Case("CDA-304", _in("1.2.840.10008.9.5", "<title>Conclusion</title>"), _MOVED),
    Case("CDA-305", '(<component>\n<section>\n<templateId root="1.2.250.1.213.1.1.2.73"/>)',
         "\\1<text>x</text></section></component>\\1"),
    Case("CDA-306", '<organizer classCode="CLUSTER"', '<organizer classCode="BATTERY"'),
    Case("CDA-307", _in(_COMMENT, 'code="completed"'), r'\1code="active"'),
    Case("CDA-331", 'code="MED-1130"', 'code="MED-1131"', REQUEST),
    Case("CDA-332", 'code="99622-3"', 'code="99622-4"'),
    Case("CDA-333", _in("1.3.6.1.4.1.19376.1.5.3.1.3.27", "</text>"), r"\1</text><entry><act classCode='ACT' "
         r"moodCode='EVN'><code nullFlavor='NA'/></act></entry>"),
    Case("CDA-334", '<templateId root="1.2.250.1.213.1.1.3.18"/>'),
    Case("CDA-335", 'code="113850"', 'code="113851"'),
    Case("CDA-336", 'code="364320009"', 'code="364320010"'),
    Case("CDA-337", '(<code code="113014"[^>]*>)\n<effectiveTime [^>]*>', _MOVED, count=2),
    Case("CDA-338", _in("1.2.250.1.213.1.1.2.1", "<entry>.*?</entry>"), r"\1<entry><act classCode='ACT' "
         r"moodCode='EVN'><code nullFlavor='NA'/></act></entry>"),
    Case("CDA-339", "(<title>Anamnèse</title>)", r"\1<text>x</text>", TELE_REQUEST),
    Case("CDA-340", '<code code="TE2"', '<code code="TE9"', TELE_REQUEST),
    Case("CDA-341", '(<qualifier>\n<name code=)"121139"', r'\1"121140"'),
    Case("CDA-342", "<ps3-20:accessionNumber [^>]*>"),
    Case("CDA-343", 'code="75496-0"', 'code="85208-7"', TELE_REQUEST),
    Case("CDA-344", _in("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.4", "<entry>"), r"\1<entry><act classCode='ACT' "
         r"moodCode='EVN'><code nullFlavor='NA'/></act></entry><entry>", TELE_REQUEST),
    Case("CDA-345", _in(_SIMPLE, '<effectiveTime nullFlavor="NA"/>'), _MOVED),
    Case("CDA-346", '(<value code="7771000"[^>]*>)', "", REQUEST),
    Case("CDA-347", '<priorityCode code="UR"', '<priorityCode code="R"', REQUEST),
    Case("CDA-348", '<code code="GEN-297"', '<code code="MED-1133"', REQUEST),
    Case("CDA-349", _in(_COMMENT, "</act>"), r"\1<author><time value='20260106'/><assignedAuthor><id root='1.2.3'/>"
         "</assignedAuthor></author></act>"),
    Case("CDA-350", _in("2.16.840.1.113883.10.20.1.34", "<id "), r'\1<templateId root="1.2.3"/><id '),
    Case("CDA-351", '<reference value="#act-1-technique-1-site"/>', "x"),
    Case("CDA-352", '(<originalText><reference value="#act-1-technique-1-site"/></originalText>)',
         r"\1<qualifier><value code='7771000' displayName='gauche' codeSystem='2.16.840.1.113883.6.96'/></qualifier>"),
    Case("CDA-353", _in(_SERIES, 'code="121139"'), r'\1code="121140"'),
    Case("CDA-354", 'code="113015"', 'code="113016"', also=("CDA-303",)),
    Case("CDA-355", '<observation classCode="DGIMG"', '<observation classCode="OBS"', also=("CDA-306",)),
    Case("CDA-356", '<text mediaType="application/dicom"', '<text mediaType="text/html"'),
    Case("CDA-357", '(<text mediaType="application/dicom">)<reference [^>]*>', r"\1x"),
    Case("CDA-360", _in(_TREATMENT, "</substanceAdministration>"), r"\1<entryRelationship typeCode='COMP'>"
         "<substanceAdministration classCode='SBADM' moodCode='INT'><consumable><manufacturedProduct>"
         "<manufacturedMaterial/></manufacturedProduct></consumable></substanceAdministration></entryRelationship>"
         "</substanceAdministration>", TELE_REQUEST),
    Case("CDA-361", _in(_TREATMENT, "<doseQuantity>.*?</doseQuantity>"),
         r'\1<doseQuantity value="1"/>', TELE_REQUEST),
    Case("CDA-362", _in(_TREATMENT, "<effectiveTime xsi:type=.IVL_TS.>.*?</effectiveTime>"),
         r'\1<effectiveTime value="20260106"/>', TELE_REQUEST),
    Case("CDA-363", _in("1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "<originalText>.*?</originalText>"),
         r"\1<originalText>x</originalText>", TELE_REQUEST),
    Case("CDA-364", '(<routeCode [^>]*codeSystem=)"[^"]*"', r'\1"1.2.3"', TELE_REQUEST),
    Case("CDA-365", _in("1.3.6.1.4.1.19376.1.5.3.1.4.4.1", "<code .*?</code>"), r"\1<code nullFlavor='UNK'/>",
         TELE_REQUEST),
    Case("CDA-366", _in("1.3.6.1.4.1.19376.1.5.3.1.4.13.2", 'unit="[^"]*"'), r'\1unit="s"', TELE_REQUEST),
    Case("CDA-367", _in("1.3.6.1.4.1.19376.1.5.3.1.4.5.1", 'statusCode code="active"'),
         r'\1statusCode code="completed"', TELE_REQUEST),
    Case("CDA-368", _in("1.3.6.1.4.1.19376.1.5.3.1.4.5.1", 'statusCode code="active"'),
         r'\1statusCode code="new"', TELE_REQUEST, also=("CDA-304",)),
    Case("CDA-308", '<templateId root="2.16.840.1.113883.10.20.6.1.2"/>'),
)  # fmt: skip

VALUE_SET: tuple[Case, ...] = (
    Case("CDA-400", 'code="EMER"', 'code="EMERG"'),
    Case("CDA-400", '(<assignedAuthor>.*?<code [^>]*codeSystem=)"[^"]*"', r'\1"1.2.3"'),
    Case("CDA-400", '(<administrativeGenderCode [^>]*codeSystem=)"[^"]*"', r'\1"1.2.3"'),
    Case("CDA-403", _in("1.2.840.10008.9.14", "<targetSiteCode [^>]*>"), r'\1<targetSiteCode nullFlavor="UNK">'),
    Case("CDA-401", '(<code code="EMER"[^>]*codeSystem=)"[^"]*"', r'\1"1.2.3"'),
    Case("CDA-402", '(<targetSiteCode [^>]*code=)"[^"]*"', r'\1"1"', REQUEST),
)

CASES = HEADER + MODEL + TEMPLATES + VALUE_SET
