"""XDS metadata derived from CDA headers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cda_cases import SHARED, built, minimal_case
from xds_adapter.cda.build import build
from xds_adapter.cda.description import Description, read_description
from xds_adapter.cda.header import read_header
from xds_adapter.cda.metadata import Derived, document_entry
from xds_adapter.cda.submission import DEFAULT_SOURCE_ID, SubmissionSettings, submission
from xds_adapter.datatypes import DTM, Coded, is_oid
from xds_adapter.errors import CdaInvalid
from xds_adapter.model import Author
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, AssociationType

OFFICIAL = sorted((SHARED / "data" / "cda").glob("[se]*s/*.xml"))


def _derived(document: bytes) -> Derived:
    return document_entry(read_description(lambda: [document]))


def _edited(kind: str, pattern: str, replacement: str) -> Derived:
    """The entry of the example document after one edit of its text."""
    text, count = re.subn(pattern, replacement, built(kind).decode(), flags=re.DOTALL)
    assert count
    return _derived(text.encode())


def test_a_report_gives_its_entry() -> None:
    """Every attribute of a report's entry follows from its header."""
    entry = document_entry(read_header([built("imaging-report")]), sha1="a" * 40, size=7).entry
    assert (entry.entry_uuid, entry.hash, entry.size, entry.mime_type) == ("Document01", "a" * 40, 7, "text/xml")
    assert entry.unique_id == "1.2.250.1.999.1.9.102"
    assert str(entry.patient_id) == "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert str(entry.source_patient_id) == "IPP-204417^^^&1.2.250.1.999.1.1.100&ISO^PI"
    assert entry.source_patient_info == (
        "PID-5|PAT-TROIS^DOMINIQUE^^^^^L",
        "PID-5|DUBREUIL^DOMINIQUE^^^^^D",
        "PID-7|19790328",
        "PID-8|F",
    )
    assert (entry.creation_time, entry.service_start_time, entry.service_stop_time) == (
        DTM("20260106095800"),
        DTM("20260106091000"),
        DTM("20260106092500"),
    )
    assert [str(code) for code in entry.event_code_list] == [
        "24628-0^^2.16.840.1.113883.6.1",
        "ECQH010^^1.2.250.1.215.300.1",
        "CT^^1.2.840.10008.2.16.4",
        "67734004^^2.16.840.1.113883.6.96",
    ]
    assert [str(reference) for reference in entry.reference_id_list] == [
        "OPN-101^^^&1.2.250.1.999.1.2.12&ISO^urn:ihe:iti:xds:2013:order",
        "ACN-101^^^&1.2.250.1.999.1.3.27&ISO^urn:ihe:iti:xds:2013:accession",
        "1.2.250.1.999.1.4.101^^^^urn:ihe:iti:xds:2016:studyInstanceUID",
    ]
    assert [str(code) for code in (entry.class_code, entry.type_code, entry.practice_setting_code)] == [
        "10^^1.2.250.1.213.1.1.4.1",
        "18748-4^^2.16.840.1.113883.6.1",
        "AMBULATOIRE^^1.2.250.1.213.1.1.4.9",
    ]


def test_an_author_is_written_in_the_french_forms() -> None:
    """Person as XCN with IDNPS, institution as XON with IDNST, specialty as code, display and system."""
    (author,) = _derived(built("imaging-report")).entry.authors
    assert str(author.person) == "801234560801^MARTEL^Hugo^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert author.institutions == (
        "Plateforme de téléradiologie de l'Ouest^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1920008059",
    )
    assert author.specialties == ("G15_10/SM44^Médecin - Radio-diagnostic (SM)^1.2.250.1.213.1.1.4.5",)


def test_a_request_names_its_order() -> None:
    """A request has its order number as reference, its prescription class, and no study."""
    entry = _derived(built("imaging-request")).entry
    assert [str(reference) for reference in entry.reference_id_list] == [
        "OPN-101^^^&1.2.250.1.999.1.2.12&ISO^urn:ihe:iti:xds:2013:order"
    ]
    assert [str(code) for code in (entry.class_code, entry.format_code)] == [
        "42^^1.2.250.1.213.1.1.4.1",
        "urn:ans:ci-sis:img-da:2022^^1.2.250.1.213.1.1.4.2.282",
    ]


def test_a_patient_without_ins_goes_by_the_local_number() -> None:
    """The local number is patientId and sourcePatientId when there is no INS."""
    entry = _derived(build("imaging-report", minimal_case("imaging-report"))).entry
    assert str(entry.patient_id) == str(entry.source_patient_id) == "IPP-204417^^^&1.2.250.1.999.1.1.100&ISO^PI"
    assert entry.source_patient_info == (
        "PID-5|PAT-TROIS^DOMINIQUE^^^^^L",
        "PID-7|19790328",
        "PID-8|F",
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('root="90E1C8EC-F951-4B26-A305-A34848818DD6"', "urn:uuid:90e1c8ec-f951-4b26-a305-a34848818dd6"),
        ('root="1.2.3" extension="X1"', "1.2.3^X1"),
    ],
)
def test_a_document_id_has_several_forms(written: str, expected: str) -> None:
    """A UUID becomes a URN, an extension follows the root."""
    derived = _edited("imaging-report", 'root="1.2.250.1.999.1.9.102"', written)
    assert derived.entry.unique_id == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20260106105800+0100", "20260106095800"),
        ("202601060030+0100", "202601052330"),
        ("20260106105800", "20260106105800"),
        ("20260106", "20260106"),
        ("20260106105800.1234-0330", "20260106142800"),
        ("2026010610+0100", "2026010609"),
    ],
)
def test_times_are_moved_to_utc_with_their_precision(written: str, expected: str) -> None:
    """A time with zone is moved to UTC; a date, or a time without zone, stays as written."""
    derived = _edited(
        "imaging-report", '<effectiveTime value="20260106105800.0100"/>', f'<effectiveTime value="{written}"/>'
    )
    assert str(derived.entry.creation_time) == expected


def test_delimiters_in_names_do_not_break_the_text_forms() -> None:
    """A caret or ampersand in a name becomes a blank."""
    derived = _edited("imaging-report", "<family>MARTEL</family>", "<family>MAR^T&amp;EL</family>")
    assert derived.entry.authors[0].person is not None
    assert derived.entry.authors[0].person.family == "MAR T EL"


def test_a_patient_or_author_may_be_half_known() -> None:
    """What the header does not say of patient and author is left out, not invented."""
    derived = _edited("imaging-report", "<birthTime [^>]*>|<administrativeGenderCode [^>]*>", "")
    assert derived.entry.source_patient_info == ("PID-5|PAT-TROIS^DOMINIQUE^^^^^L", "PID-5|DUBREUIL^DOMINIQUE^^^^^D")
    derived = _edited("imaging-report", "<patient>.*</patient>", "")
    assert derived.entry.source_patient_info == ()
    derived = _edited("imaging-report", "(?<=<author>)\n<time.*(?=</author>\n<custodian>)", "<assignedAuthor/>")
    assert [author.person for author in derived.entry.authors] == [None]


def test_an_institution_may_lack_name_or_number() -> None:
    """A name without number is an XON, a number without name is none."""
    author = r"(<representedOrganization>)\n<id [^>]*>\n(<name>[^<]*</name>)"
    assert _edited("imaging-report", author, r"\1\2").entry.authors[0].institutions == (
        "Plateforme de téléradiologie de l'Ouest",
    )
    assert _edited("imaging-report", author, r"\1").entry.authors[0].institutions == ()


def test_acts_without_code_or_performer_are_passed_over() -> None:
    """An act that says nothing adds nothing; codes that occur twice are listed once."""
    empty = "<documentationOf><serviceEvent><id root='1.2' extension='x'/></serviceEvent></documentationOf>"
    screening = _edited("imaging-report", "(<componentOf>)", rf"{empty}\1").entry
    assert len(screening.event_code_list) == 4
    assert len(screening.reference_id_list) == 3
    second = "(<serviceEvent>.*?)(<performer.*?<representedOrganization>.*?</representedOrganization>.*?</performer>)"
    unknown = '<performer typeCode="PRF"><assignedEntity/></performer>'
    assert _edited("imaging-report", second, rf"\1{unknown}\2").entry.practice_setting_code is not None
    plain = _edited(
        "imaging-report", '(<translation code="ECQH010" displayName="[^"]*") codeSystem="[^"]*"', r"\1"
    ).entry
    assert len(plain.event_code_list) == 3
    order = _edited("imaging-report", "<ps3-20:accessionNumber [^>]*>", "").entry
    assert len(order.reference_id_list) == 2
    bare = _edited("imaging-report", '(<order>\n<id root="[^"]*") extension="[^"]*"', r"\1").entry
    assert str(bare.reference_id_list[0]) == "1.2.250.1.999.1.2.12^^^^urn:ihe:iti:xds:2013:order"


def test_an_internal_id_is_told_by_its_slash() -> None:
    """An id of the establishment is of type EI."""
    derived = _edited("imaging-report", 'extension="801234560801"', 'extension="31/12"')
    assert str(derived.entry.legal_authenticator).endswith("^D^^^EI")


def test_an_authoring_device_is_an_author() -> None:
    """Software is written with its name where a person's would be."""
    device = (
        "<author><assignedAuthor><assignedAuthoringDevice><manufacturerModelName>M1</manufacturerModelName>"
        "<softwareName>Soft</softwareName></assignedAuthoringDevice></assignedAuthor></author>"
    )
    derived = _edited("imaging-report", "<author>.*</author>(?=\n<custodian>)", device)
    assert [str(author.person) for author in derived.entry.authors] == ["^Soft^M1^^^^^^^U"]


def test_every_attribute_knows_its_source() -> None:
    """Each attribute that was filled has a place in the document, named by its IHE name."""
    derived = document_entry(read_header([built("imaging-report")]), sha1="a" * 40, size=1)
    known = {row.name: row.field for row in DOCUMENT_ENTRY}
    assert set(derived.sources) <= set(known)
    filled = {name for name, field in known.items() if getattr(derived.entry, field)}
    assert filled - set(derived.sources) == {"entryUUID", "objectType"}
    assert derived.sources["creationTime"] == "/ClinicalDocument/effectiveTime/@value, in UTC"


def test_all_that_cannot_be_derived_is_listed() -> None:
    """An empty document names every required attribute and what to add."""
    with pytest.raises(CdaInvalid) as caught:
        _derived(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>')
    names = [finding.split(" ", 1)[0] for finding in caught.value.findings]
    assert set(names) == {
        row.name for row in DOCUMENT_ENTRY if row.required and row.name not in ("entryUUID", "objectType", "mimeType")
    }
    assert "creationTime cannot be derived; add /ClinicalDocument/effectiveTime" in caught.value.findings[3]


def test_the_caller_can_fill_what_the_header_cannot() -> None:
    """A class for an unknown document type, a masking code, the body's media type and single values are taken."""
    text = (
        built("imaging-report")
        .decode()
        .replace("18748-4", "11488-4")
        .replace(
            '<templateId root="1.2.250.1.213.1.1.1.45" extension="2024.01"/>',
            '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>',
        )
    )
    masked = Coded("MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Masqué aux professionnels de santé")
    entry = document_entry(
        Description(header=read_header([text.encode()]), body_media_type="image/jpeg"),
        class_codes={"11488-4": Coded("10", "1.2.3", "x")},
        masking=[masked],
        overrides={"title": "Autre titre"},
    ).entry
    assert (entry.title, entry.confidentiality_codes[1]) == ("Autre titre", masked)
    assert entry.class_code == Coded("10", "1.2.3", "x")
    assert entry.format_code is not None
    assert entry.format_code.code == "urn:ihe:iti-fr:xds-sd:jpeg:2010"


def test_a_submission_holds_its_documents() -> None:
    """One set, one HasMember a document with status Original, and the sender is the document's author."""
    derived = _derived(built("imaging-report"))
    made = submission([derived, derived], replaces={"1.2.250.1.999.1.9.102": "urn:uuid:x"})
    assert made.submission_set is not None
    assert made.submission_set.patient_id == derived.entry.patient_id
    assert made.submission_set.authors == derived.entry.authors
    assert made.submission_set.source_id == DEFAULT_SOURCE_ID
    assert is_oid(DEFAULT_SOURCE_ID)
    assert is_oid(str(made.submission_set.unique_id))
    assert [entry.entry_uuid for entry in made.document_entries] == ["Document01", "Document02"]
    assert [
        (link.entry_uuid, link.association_type, link.source_object, link.target_object, link.submission_set_status)
        for link in made.associations
    ] == [
        ("as01", AssociationType.HAS_MEMBER, "SubmissionSet01", "Document01", "Original"),
        ("as02", AssociationType.HAS_MEMBER, "SubmissionSet01", "Document02", "Original"),
        ("as03", AssociationType.RPLC, "Document01", "urn:uuid:x", None),
        ("as04", AssociationType.RPLC, "Document02", "urn:uuid:x", None),
    ]


@pytest.mark.parametrize(
    ("encounter", "expected"), [("EMER", "07"), ("IMP", "03"), ("SEANCE", "19"), ("OTHER", "07"), ("VR", "99")]
)
def test_the_content_type_follows_from_the_encounter(encounter: str, expected: str) -> None:
    """The table decides, a setting goes before it, and no known encounter counts as outpatient."""
    derived = _edited("imaging-report", 'code="EMER"', f'code="{encounter}"')
    settings = SubmissionSettings(content_type_codes={"VR": Coded("99", "1.2.3", "x")})
    made = submission([derived], settings).submission_set
    assert made is not None
    assert made.content_type_code is not None
    assert made.content_type_code.code == expected


def test_settings_go_before_what_is_derived() -> None:
    """Sender, title, source and content type of the settings are taken as they are."""
    content = Coded("11", "1.2.3", "x")
    settings = SubmissionSettings(
        source_id="1.2.9", title="t", authors=(Author(roles=("r",)),), content_type_code=content
    )
    made = submission([_derived(built("imaging-report"))], settings).submission_set
    assert made is not None
    assert (made.source_id, made.title, made.authors[0].roles, made.content_type_code) == (
        "1.2.9",
        "t",
        ("r",),
        content,
    )


def test_a_submission_is_about_one_patient() -> None:
    """Documents of two patients are refused together; no document at all is a programming mistake."""
    one, other = _derived(built("imaging-report")), _edited("imaging-report", "279035121518989", "279035121518990")
    with pytest.raises(CdaInvalid, match="of one patient"):
        submission([one, other])
    with pytest.raises(ValueError, match="at least one document"):
        submission([])


@pytest.mark.shared
@pytest.mark.skipif(not OFFICIAL, reason="the official samples are not in ../shared")
@pytest.mark.parametrize("path", OFFICIAL, ids=lambda path: str(path.name))
def test_official_documents_give_complete_entries(path: Path) -> None:
    """Every official sample fills the attributes that a registry needs and a reader searches by."""
    entry = _derived(path.read_bytes()).entry
    for name in ("class_code", "type_code", "format_code", "practice_setting_code", "healthcare_facility_type_code",
                 "confidentiality_codes", "patient_id", "source_patient_id", "source_patient_info", "authors",
                 "service_start_time", "event_code_list", "unique_id", "title", "creation_time"):  # fmt: skip
        assert getattr(entry, name), name
    assert [value.fault() for value in (entry.patient_id, entry.source_patient_id) if value] == [None, None]
    assert all(author.person and author.person.fault() is None for author in entry.authors)
