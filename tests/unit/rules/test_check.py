"""All rules together: everything that is wrong is said at once, and nothing twice."""

from __future__ import annotations

from tests.factories import make_author, make_document_entry, make_submission, make_submission_with_folder
from tests.messages import find, insert, slot, submission_message
from xds_adapter.datatypes import CX, DTM, XCN, Coded
from xds_adapter.ebxml import decode_submission
from xds_adapter.model import RegistryFacts
from xds_adapter.rules import AffinityDomain, check_registered, check_submission
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY

TYPE_CODE = next(row for row in DOCUMENT_ENTRY if row.name == "typeCode")
DOMAIN = AffinityDomain(
    codes={TYPE_CODE.key: {"18748-4^^2.16.840.1.113883.6.1": "CR d’imagerie médicale"}},
    mime_types=frozenset({"text/xml"}),
)
ENTRY = "rim:RegistryObjectList/rim:ExtrinsicObject"


def test_valid_submissions_have_no_finding() -> None:
    assert [] == check_submission(make_submission(), DOMAIN)
    assert [] == check_submission(make_submission_with_folder(), AffinityDomain())


def test_ten_faults_give_ten_findings_each_naming_object_and_attribute() -> None:
    entry = make_document_entry(
        class_code=None,
        creation_time=DTM("yesterday"),
        format_code=Coded("urn:x", "1.2.3"),
        type_code=Coded("18748-5", "2.16.840.1.113883.6.1", "x"),
        mime_type="application/pdf",
        service_start_time=DTM("2025"),
        object_type=ebrim.DocumentEntryType.ON_DEMAND,
        home_community_id="1.2.3",
        patient_id=CX.of("1", "1.2.3"),
        authors=(make_author(person=XCN("^^x")),),
    )
    errors = check_submission(make_submission(document_entries=(entry,)), DOMAIN)
    expected = [
        ("META-020", "classCode"),
        ("META-021", "author/authorPerson"),
        ("META-021", "creationTime"),
        ("META-022", "formatCode"),
        ("META-023", "typeCode"),
        ("META-024", "mimeType"),
        ("META-025", "serviceStartTime"),
        ("META-027", "objectType"),
        ("META-028", "homeCommunityId"),
        ("META-061", "patientId"),
    ]
    assert expected == sorted((error.rule, error.attribute) for error in errors)
    assert {f"DocumentEntry {entry.unique_id}"} == {error.object_id for error in errors}


def test_faults_of_the_form_and_of_the_content_come_together() -> None:
    message = submission_message(make_submission())
    insert(message, ENTRY, slot("colour", "red"))
    find(message, f"{ENTRY}/rim:Slot[@name='size']//rim:Value").text = "large"
    find(message, f"{ENTRY}/rim:Slot[@name='hash']//rim:Value").text = "none"
    submission, form = decode_submission(message)
    errors = check_submission(submission, AffinityDomain(), form)
    expected = [("META-003", "colour"), ("META-021", "hash"), ("META-021", "size")]
    assert expected == sorted((error.rule, error.attribute) for error in errors)


def test_a_value_that_the_decoder_could_not_keep_is_not_reported_missing_too() -> None:
    message = submission_message(make_submission())
    find(message, f"{ENTRY}/rim:Slot[@name='size']//rim:Value").text = "large"
    submission, form = decode_submission(message)
    assert ["META-021"] == [error.rule for error in check_submission(submission, AffinityDomain(), form)]


def test_without_findings_of_the_form_an_absent_attribute_is_missing() -> None:
    submission = make_submission(document_entries=(make_document_entry(size=None),))
    assert ["META-020"] == [error.rule for error in check_submission(submission, AffinityDomain())]


def test_a_first_submission_for_a_known_patient_is_accepted() -> None:
    submission = make_submission_with_folder()
    assert submission.submission_set is not None
    patient = submission.submission_set.patient_id
    assert patient is not None
    assert [] == check_registered(submission, RegistryFacts(patients=frozenset({patient.key})))
