"""Each rule on the attributes of one object: what it allows passes, one broken thing yields one finding.

One module: it is one table, in which a reader looks up the row of a rule.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import (
    AUTHORITY,
    DOCUMENT_UNIQUE_ID,
    FOLDER_UNIQUE_ID,
    SUBMISSION_SET_UNIQUE_ID,
    make_association,
    make_author,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
    make_submission_with_folder,
)
from tests.rule_cases import Case, found
from xds_adapter.datatypes import CX, DTM, XCN, Coded, CXi
from xds_adapter.model import Submission
from xds_adapter.rules import AffinityDomain, check_submission
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import DocumentAvailability, DocumentEntryType, ReferenceIdType

ENTRY = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"
SET = f"SubmissionSet {SUBMISSION_SET_UNIQUE_ID}"
FOLDER = f"Folder {FOLDER_UNIQUE_ID}"
LINK = "Association Association02"
ELSEWHERE = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009"
OPEN = AffinityDomain()
CLASS_CODE = next(row for row in ebrim.DOCUMENT_ENTRY if row.name == "classCode")
CLOSED = AffinityDomain(
    codes={CLASS_CODE.key: {"10^^1.2.250.1.213.1.1.4.1": "Comptes rendus"}}, mime_types=frozenset({"text/xml"})
)
VALID = make_submission()


def entry(**changes: Any) -> Submission:
    return make_submission(document_entries=(make_document_entry(**changes),))


def lone_set(**changes: Any) -> Submission:
    """A set without content, so that nothing refers to it."""
    return make_submission(submission_set=make_submission_set(**changes), document_entries=(), associations=())


def folder(**changes: Any) -> Submission:
    return make_submission_with_folder(folders=(make_folder(**changes),))


def lone_folder(**changes: Any) -> Submission:
    """A folder beside the others that nothing refers to."""
    return make_submission(folders=(make_folder(**changes),))


def second_link(**changes: Any) -> Submission:
    """A further association, on which nothing else depends."""
    given = {"entry_uuid": "Association02", "submission_set_status": "Reference", "target_object": ELSEWHERE} | changes
    return make_submission(associations=(make_association(), make_association(**given)))


def missing(attribute: str, wrong: Submission, object_id: str, right: Submission = VALID) -> Case:
    name = f"{object_id.split(maxsplit=1)[0]} {attribute}"
    return Case(rule="META-020", name=name, right=right, wrong=wrong, object_id=object_id, attribute=attribute)


MISSING = [
    missing(
        "entryUUID",
        make_submission(
            document_entries=(make_document_entry(), make_document_entry(entry_uuid=None, unique_id="1.2"))
        ),
        "DocumentEntry 1.2",
    ),
    missing("objectType", entry(object_type=None), ENTRY),
    missing("mimeType", entry(mime_type=None), ENTRY),
    missing("creationTime", entry(creation_time=None), ENTRY),
    missing("languageCode", entry(language_code=None), ENTRY),
    missing("sourcePatientId", entry(source_patient_id=None), ENTRY),
    missing("classCode", entry(class_code=None), ENTRY),
    missing("confidentialityCode", entry(confidentiality_codes=()), ENTRY),
    missing("formatCode", entry(format_code=None), ENTRY),
    missing("healthcareFacilityTypeCode", entry(healthcare_facility_type_code=None), ENTRY),
    missing("practiceSettingCode", entry(practice_setting_code=None), ENTRY),
    missing("typeCode", entry(type_code=None), ENTRY),
    missing("patientId", entry(patient_id=None), ENTRY),
    missing("uniqueId", entry(unique_id=None), "DocumentEntry Document01"),
    missing("hash", entry(hash=None), ENTRY),
    missing("size", entry(size=None), ENTRY, right=entry(size=0)),
    missing("repositoryUniqueId", entry(repository_unique_id=None), ENTRY),
    missing("entryUUID", lone_set(entry_uuid=None), SET),
    missing("submissionTime", lone_set(submission_time=None), SET),
    missing("contentTypeCode", lone_set(content_type_code=None), SET),
    missing("patientId", lone_set(patient_id=None), SET),
    missing("sourceId", lone_set(source_id=None), SET),
    missing("uniqueId", lone_set(unique_id=None), "SubmissionSet SubmissionSet01"),
    missing("entryUUID", lone_folder(entry_uuid=None), FOLDER),
    missing("title", folder(title=None), FOLDER),
    missing("codeList", folder(code_list=()), FOLDER),
    missing("patientId", folder(patient_id=None), FOLDER),
    missing("uniqueId", folder(unique_id=None), "Folder Folder01"),
    missing("entryUUID", second_link(entry_uuid=None), "Association (no id)", right=second_link()),
    missing("associationType", second_link(association_type=None), LINK, right=second_link()),
    missing("sourceObject", second_link(source_object=None), LINK, right=second_link()),
    missing("targetObject", second_link(target_object=None), LINK, right=second_link()),
    missing(
        "targetObject",
        second_link(target_object=None, submission_set_status="Original"),
        LINK,
        right=second_link(),
    ),
]


def ill_formed(
    attribute: str, field: str, right: Any, wrong: Any, *, value: str = "", make: Any = entry, object_id: str = ENTRY
) -> Case:
    shown = value or str(wrong[0] if isinstance(wrong, tuple) else wrong)
    return Case(
        rule="META-021",
        name=f"{attribute} {shown[:40]}",
        right=make(**{field: right}),
        wrong=make(**{field: wrong}),
        object_id=object_id,
        attribute=attribute,
        value=shown,
    )


def written_by(**changes: Any) -> tuple[Any, ...]:
    return (make_author(**changes),)


ILL_FORMED = [
    ill_formed("creationTime", "creation_time", DTM("2024"), DTM("202")),
    ill_formed("creationTime", "creation_time", DTM("20240229"), DTM("20230229")),
    ill_formed("creationTime", "creation_time", DTM("20240305101500"), DTM("20240305101500+0100")),
    ill_formed("serviceStartTime", "service_start_time", DTM("20240305"), DTM("2024-03-05")),
    ill_formed("serviceStopTime", "service_stop_time", DTM("202412"), DTM("202413")),
    ill_formed("hash", "hash", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "da39a3ee5e6b4b0d3255bfef95601890afd8070"),
    ill_formed("hash", "hash", "0" * 40, "g" * 40),
    ill_formed("languageCode", "language_code", "fr", "fr_FR"),
    ill_formed("languageCode", "language_code", "zh-Hant-TW", "francophone"),
    ill_formed("mimeType", "mime_type", "application/dicom", "dicom"),
    ill_formed("mimeType", "mime_type", "image/svg+xml", "text/xml; charset=utf-8"),
    ill_formed("legalAuthenticator", "legal_authenticator", XCN("^MARTIN"), XCN("^^Claire")),
    ill_formed(
        "referenceIdList",
        "reference_id_list",
        (CXi("OPN1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession"),),
        (CXi("OPN1^^^&1.2.3&ISO"),),
    ),
    ill_formed("repositoryUniqueId", "repository_unique_id", "1.2.3", "1.02.3"),
    ill_formed("sourcePatientId", "source_patient_id", CX.of("1", "1.2.3", "PI"), CX("1^^^HOSPITAL")),
    ill_formed("sourcePatientInfo", "source_patient_info", ("PID-5|A^B",), ("PID5|A^B",)),
    ill_formed("sourcePatientInfo", "source_patient_info", ("PID-39|x",), ("PID-40|x",)),
    ill_formed("sourcePatientInfo", "source_patient_info", ("PID-1|x",), ("PID-0|x",)),
    ill_formed("sourcePatientInfo", "source_patient_info", ("PID-3|x",), ("PID-2|x",)),
    ill_formed("sourcePatientInfo", "source_patient_info", ("PID-18|x",), ("PID-19|x",)),
    ill_formed("uniqueId", "unique_id", "1.2.3", "1.2.3 ", object_id="DocumentEntry 1.2.3 "),
    ill_formed("uniqueId", "unique_id", "1.2.3^e", "1.2.3^", object_id="DocumentEntry 1.2.3^"),
    ill_formed(
        "uniqueId", "unique_id", f"1.2^{'x' * 16}", f"1.2^{'x' * 17}", object_id=f"DocumentEntry 1.2^{'x' * 17}"
    ),
    ill_formed(
        "uniqueId",
        "unique_id",
        "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f001",
        "urn:uuid:5F0C1B32-6a1e-4d4f-9a51-0c3b7ad0f001",
        object_id="DocumentEntry urn:uuid:5F0C1B32-6a1e-4d4f-9a51-0c3b7ad0f001",
    ),
    ill_formed("uniqueId", "unique_id", "https://a.example/1", "report.xml", object_id="DocumentEntry report.xml"),
    ill_formed("uniqueId", "unique_id", "a:" + "b" * 126, "a:" + "b" * 127, object_id="DocumentEntry a:" + "b" * 127),
    ill_formed("author/authorPerson", "authors", written_by(person=None), written_by(person=XCN("^^x")), value="^^x"),
    ill_formed(
        "author/authorInstitution",
        "authors",
        written_by(institutions=("CH",)),
        written_by(institutions=("CH^^^^^^^^^1350000000",)),
        value="CH^^^^^^^^^1350000000",
    ),
    ill_formed(
        "author/authorPerson",
        "authors",
        written_by(),
        written_by(person=XCN("1^A^^^^^^^1.2.3")),
        value="1^A^^^^^^^1.2.3",
        make=lone_set,
        object_id=SET,
    ),
    ill_formed(
        "author/authorTelecommunication",
        "authors",
        written_by(
            telecommunications=("^^Internet^a@b.example", "^PRN^PH^^33^1^23456789", "^WPN^CP^^^^^^^^^0123456789")
        ),
        written_by(telecommunications=("^PRN^PH^^33^1",)),
        value="^PRN^PH^^33^1",
    ),
    *(
        ill_formed(
            "author/authorTelecommunication",
            "authors",
            written_by(),
            written_by(telecommunications=(wrong,)),
            value=wrong,
        )
        for wrong in ("0123456789", "^^Internet", "^^Internet^nobody", "^PRN^^a@b.example")
    ),
    *(
        ill_formed("intendedRecipient", "intended_recipient", (right,), (wrong,), make=lone_set, object_id=SET)
        for right, wrong in (
            ("CH", "^^^^^^^^^1.2.3"),
            ("CH||", "||"),
            ("|^MARTIN|", "|^^Claire|"),
            ("||^^Internet^a@b.example", "||a@b.example"),
            ("CH|^MARTIN|^^Internet^a@b.example", "CH|^MARTIN|^^Internet^a@b.example|"),
        )
    ),
    ill_formed(
        "referenceIdList",
        "reference_id_list",
        (CXi("1.2.3^^^^urn:ihe:iti:xds:2016:studyInstanceUID"),),
        (CXi("1.2.3^^^&1.2&ISO^urn:ihe:iti:xds:2016:studyInstanceUID"),),
    ),
    ill_formed("URI", "uri", "a%20b.xml", "a b.xml"),
    ill_formed("submissionTime", "submission_time", DTM("2024"), DTM("now"), make=lone_set, object_id=SET),
    ill_formed("sourceId", "source_id", "1.2", "RIS-NORD", make=lone_set, object_id=SET),
    ill_formed("uniqueId", "unique_id", "1.2.3", "1.2.3^4", make=lone_set, object_id="SubmissionSet 1.2.3^4"),
    ill_formed("patientId", "patient_id", CX.of("1", AUTHORITY), CX("1"), make=lone_set, object_id=SET),
    ill_formed("lastUpdateTime", "last_update_time", None, DTM("x"), make=folder, object_id=FOLDER),
    ill_formed("uniqueId", "unique_id", "1.2.3", "folder", make=folder, object_id="Folder folder"),
]
PATIENT_FORMS = [
    ill_formed("patientId", "patient_id", make_document_entry().patient_id, CX("1^x^^&1.2.3&ISO")),
    ill_formed("patientId", "patient_id", make_folder().patient_id, CX("1^^^&x&ISO"), make=folder, object_id=FOLDER),
]


def coded(name: str, right: Submission, wrong: Submission, *, attribute: str, value: str, object_id: str) -> Case:
    return Case(
        rule="META-022",
        name=name,
        right=right,
        wrong=wrong,
        attribute=attribute,
        value=value,
        object_id=object_id,
    )


CODES = [
    coded(
        "display name",
        entry(class_code=Coded("10", "1.2", "x")),
        entry(class_code=Coded("10", "1.2")),
        attribute="classCode",
        value="10^^1.2",
        object_id=ENTRY,
    ),
    coded(
        "coding scheme",
        entry(event_code_list=()),
        entry(event_code_list=(Coded("CT", "", "x"),)),
        attribute="eventCodeList",
        value="CT^^",
        object_id=ENTRY,
    ),
    coded(
        "code",
        folder(),
        folder(code_list=(make_folder().code_list[0], Coded("", "1.2", "x"))),
        attribute="codeList",
        value="^^1.2",
        object_id=FOLDER,
    ),
    coded(
        "association",
        second_link(),
        make_submission(
            associations=(
                make_association(),
                make_association(
                    entry_uuid="Association02",
                    association_type=ebrim.AssociationType.RPLC,
                    source_object="Document01",
                    target_object=ELSEWHERE,
                    submission_set_status=None,
                    documentation=Coded("x", "1.2"),
                ),
            )
        ),
        attribute="associationDocumentation",
        value="x^^1.2",
        object_id=LINK,
    ),
    Case(
        rule="META-023",
        name="code",
        right=entry(class_code=Coded("10", "1.2.250.1.213.1.1.4.1", "any words")),
        wrong=entry(class_code=Coded("11", "1.2.250.1.213.1.1.4.1", "x")),
        object_id=ENTRY,
        attribute="classCode",
        value="11^^1.2.250.1.213.1.1.4.1",
    ),
    Case(
        rule="META-023",
        name="coding scheme",
        right=VALID,
        wrong=entry(class_code=Coded("10", "1.2.3", "x")),
        object_id=ENTRY,
        attribute="classCode",
        value="10^^1.2.3",
    ),
    Case(
        rule="META-024",
        name="MIME type",
        right=VALID,
        wrong=entry(mime_type="application/pdf"),
        object_id=ENTRY,
        attribute="mimeType",
        value="application/pdf",
    ),
]


def service(start: str, stop: str) -> Submission:
    return entry(service_start_time=DTM(start), service_stop_time=DTM(stop))


def reversed_service(right: tuple[str, str], wrong: tuple[str, str]) -> Case:
    return Case(
        rule="META-025",
        name=" after ".join(wrong),
        right=service(*right),
        wrong=service(*wrong),
        object_id=ENTRY,
        attribute="serviceStartTime",
        value=wrong[0],
    )


OTHERS = [
    reversed_service(("202403051000", "202403051000"), ("202403051001", "202403051000")),
    reversed_service(("2024", "20240101"), ("2025", "20240101")),
    # A stop known to the day only may be any moment of that day.
    reversed_service(("202403050930", "20240305"), ("202403060930", "20240305")),
    Case(
        rule="META-026",
        name="objectType",
        right=VALID,
        wrong=entry(object_type="urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f001"),
        object_id=ENTRY,
        attribute="objectType",
        value="urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f001",
    ),
    Case(
        rule="META-027",
        name="on-demand entry",
        right=entry(object_type=DocumentEntryType.STABLE),
        wrong=entry(object_type=DocumentEntryType.ON_DEMAND),
        object_id=ENTRY,
        attribute="objectType",
        value=DocumentEntryType.ON_DEMAND,
    ),
    Case(
        rule="META-028",
        name="home longer than 64 characters",
        right=entry(home_community_id="urn:oid:1." + "2" * 54),
        wrong=entry(home_community_id="urn:oid:1." + "2" * 55),
        object_id=ENTRY,
        attribute="homeCommunityId",
        value="urn:oid:1." + "2" * 55,
    ),
    *(
        Case(
            rule="META-028",
            name=f"home {home}",
            right=entry(home_community_id="urn:oid:1.2.3"),
            wrong=entry(home_community_id=home),
            object_id=ENTRY,
            attribute="homeCommunityId",
            value=home,
        )
        for home in ("1.2.3", "urn:oid:x", "urn:oid:", "")
    ),
    Case(
        rule="META-028",
        name="home of an association",
        right=second_link(home_community_id="urn:oid:1.2.3"),
        wrong=second_link(home_community_id="x"),
        object_id=LINK,
        attribute="homeCommunityId",
        value="x",
    ),
]


def further(  # noqa: PLR0917 - a row of the table
    rule: str, attribute: str, right: Submission, wrong: Submission, value: str = "", name: str = ""
) -> Case:
    return Case(
        rule=rule, name=name or attribute, right=right, wrong=wrong, object_id=ENTRY, attribute=attribute, value=value
    )


UNKNOWN_TYPE = CXi("1^^^&1.2.3&ISO^urn:example:type")
FURTHER = [
    further("META-030", "title", entry(title="é" * 128), entry(title="é" * 129), "é" * 129),
    *(
        further(
            "META-031",
            "documentAvailability",
            entry(document_availability=right),
            entry(document_availability=wrong),
            wrong,
            name=f"availability {wrong}",
        )
        for right, wrong in (
            (DocumentAvailability.ONLINE, "Online"),
            (DocumentAvailability.OFFLINE, "urn:ihe:iti:2010:DocumentAvailability:offline"),
            (None, ""),
        )
    ),
    *(
        further(
            "META-032",
            "sourcePatientInfo",
            entry(source_patient_info=("PID-3|1", "PID-3|2", f"{field}|a")),
            entry(source_patient_info=(f"{field}|a", f"{field}|b")),
            f"{field}|b",
            name=f"second {field}",
        )
        for field in ("PID-7", "PID-8")
    ),
    further(
        "META-033",
        "author",
        entry(authors=written_by(person=None, institutions=())),
        entry(authors=written_by(person=None, institutions=(), telecommunications=())),
    ),
    further(
        "META-034",
        "referenceIdList",
        entry(reference_id_list=tuple(CXi(f"1^^^^{kind}") for kind in ReferenceIdType)),
        entry(reference_id_list=(UNKNOWN_TYPE,)),
        UNKNOWN_TYPE.text,
    ),
    Case(
        rule="META-035",
        name="patient of a set",
        right=lone_set(patient_id=CX.of("1", AUTHORITY)),
        wrong=lone_set(patient_id=CX.of("1", "1.2.3")),
        object_id=SET,
        attribute="patientId",
        value="1^^^&1.2.3&ISO",
    ),
]
LABELLED = [
    Case(
        rule="META-012",
        name=object_id.split(maxsplit=1)[0],
        right=make(limited_metadata=False),
        wrong=make(limited_metadata=True),
        object_id=object_id,
        attribute="limitedMetadata",
    )
    for make, object_id in ((entry, ENTRY), (lone_set, SET), (folder, FOLDER))
]

CASES = [*LABELLED, *MISSING, *ILL_FORMED, *PATIENT_FORMS, *CODES, *OTHERS, *FURTHER]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def domain_of(case: Case) -> AffinityDomain:
    if case.rule == "META-035":
        return AffinityDomain(assigning_authorities=frozenset({"1.9.9", AUTHORITY}))
    return CLOSED if case.rule in {"META-023", "META-024"} else OPEN


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == check_submission(case.right, domain_of(case))


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == found(check_submission(case.wrong, domain_of(case)))


def test_a_time_that_is_no_time_is_not_compared() -> None:
    assert ["META-021"] == [error.rule for error in check_submission(service("2025", "x"), OPEN)]
    assert ["META-021"] == [error.rule for error in check_submission(service("x", "2024"), OPEN)]


def test_a_service_may_have_only_one_end() -> None:
    assert [] == check_submission(entry(service_start_time=None), OPEN)
    assert [] == check_submission(entry(service_stop_time=None), OPEN)


def test_every_value_of_a_list_is_checked() -> None:
    wrong = entry(source_patient_info=("PID-2|x", "PID-5|A", "PID-4|x"))
    assert ["PID-2|x", "PID-4|x"] == [error.value for error in check_submission(wrong, OPEN)]


def test_a_long_value_is_shortened_in_its_finding() -> None:
    (error,) = check_submission(entry(language_code="x" * 10_000), OPEN)
    assert "x" * 256 + "..." == error.value
    assert len(error.code_context) < 500
