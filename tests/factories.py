"""Valid-by-default values: a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xds_adapter.datatypes import CX, DTM, XCN, XON, Coded, CXi
from xds_adapter.model import Association, Author, DocumentEntry, Folder, Submission, SubmissionSet
from xds_adapter.vocabulary.ebrim import AssociationType, ReferenceIdType

AUTHORITY = "1.2.250.1.213.1.4.10"
PATIENT = CX.of("187060801203587", AUTHORITY, "NH")
LOCAL_PATIENT = CX.of("PAT-4711", "1.2.250.1.999.1")
DOCUMENT_UNIQUE_ID = "1.2.250.1.999.2.1"
SUBMISSION_SET_UNIQUE_ID = "1.2.250.1.999.3.1"
FOLDER_UNIQUE_ID = "1.2.250.1.999.4.1"
REPOSITORY_UNIQUE_ID = "1.2.250.1.999.5"
SOURCE_ID = "1.2.250.1.999.6"
STUDY_INSTANCE_UID = "1.2.250.1.999.7.1"
ENTRY_UUID = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f001"
SECOND_ENTRY_UUID = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f002"


def make_author(**changes: Any) -> Author:
    """A radiologist of a named hospital."""
    author = Author(
        person=XCN.of(id_number="801234567897", family="MARTIN", given="Claire", authority="1.2.250.1.71.4.2.1"),
        institutions=(XON.of("CH de Ville", id_number="1350000000", authority="1.2.250.1.71.4.2.2").text,),
        roles=("Radiologue",),
        specialties=("Radiodiagnostic",),
        telecommunications=("^^Internet^claire.martin@hopital.example",),
    )
    return replace(author, **changes)


def make_document_entry(**changes: Any) -> DocumentEntry:
    """A stable entry under a symbolic id, as a Document Source sends it."""
    entry = DocumentEntry(
        entry_uuid="Document01",
        mime_type="text/xml",
        creation_time=DTM("20240305101500"),
        hash="da39a3ee5e6b4b0d3255bfef95601890afd80709",
        language_code="fr-FR",
        legal_authenticator=make_author().person,
        reference_id_list=(CXi.of(STUDY_INSTANCE_UID, "", ReferenceIdType.STUDY_INSTANCE_UID),),
        repository_unique_id=REPOSITORY_UNIQUE_ID,
        service_start_time=DTM("202403050930"),
        service_stop_time=DTM("202403051000"),
        size=4711,
        source_patient_id=LOCAL_PATIENT,
        source_patient_info=("PID-5|DUPONT^Marie^^^^^L", "PID-7|19870608", "PID-8|F"),
        uri="report.xml",
        title="Compte rendu d’imagerie",
        comments="Scanner thoracique",
        authors=(make_author(),),
        class_code=Coded("10", "1.2.250.1.213.1.1.4.1", "Comptes rendus"),
        confidentiality_codes=(Coded("N", "2.16.840.1.113883.5.25", "Normal"),),
        event_code_list=(Coded("CT", "1.2.840.10008.2.16.4", "Computed Tomography"),),
        format_code=Coded("urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013", "1.3.6.1.4.1.19376.1.2.3", "CDA"),
        healthcare_facility_type_code=Coded("SA01", "1.2.250.1.71.4.2.4", "Établissement public de santé"),
        practice_setting_code=Coded("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", "Établissement de santé"),
        type_code=Coded("18748-4", "2.16.840.1.113883.6.1", "CR d’imagerie médicale"),
        patient_id=PATIENT,
        unique_id=DOCUMENT_UNIQUE_ID,
    )
    return replace(entry, **changes)


def make_submission_set(**changes: Any) -> SubmissionSet:
    """A set under a symbolic id."""
    submission_set = SubmissionSet(
        entry_uuid="SubmissionSet01",
        intended_recipient=("CH de Ville^^^^^&1.2.250.1.71.4.2.2&ISO^^^^1350000000|^MARTIN^Claire",),
        submission_time=DTM("20240305101600"),
        title="Demande de télé-expertise",
        comments="Avis demandé",
        authors=(make_author(),),
        content_type_code=Coded("34133-9", "2.16.840.1.113883.6.1", "Episode of care"),
        patient_id=PATIENT,
        source_id=SOURCE_ID,
        unique_id=SUBMISSION_SET_UNIQUE_ID,
    )
    return replace(submission_set, **changes)


def make_folder(**changes: Any) -> Folder:
    """A folder under a symbolic id."""
    folder = Folder(
        entry_uuid="Folder01",
        last_update_time=DTM("20240305101700"),
        title="Dossier de téléradiologie",
        comments="Un dossier par demande",
        code_list=(Coded("TLR", "1.2.250.1.213.1.1.4.30", "Téléradiologie"),),
        patient_id=PATIENT,
        unique_id=FOLDER_UNIQUE_ID,
    )
    return replace(folder, **changes)


def make_association(**changes: Any) -> Association:
    """HasMember Original from the set to the entry of `make_submission`."""
    association = Association(
        entry_uuid="Association01",
        association_type=AssociationType.HAS_MEMBER,
        source_object="SubmissionSet01",
        target_object="Document01",
        submission_set_status="Original",
    )
    return replace(association, **changes)


def make_submission(**changes: Any) -> Submission:
    """One set with one stable entry, linked by HasMember Original."""
    submission = Submission(
        submission_set=make_submission_set(),
        document_entries=(make_document_entry(),),
        associations=(make_association(),),
    )
    return replace(submission, **changes)


def make_submission_with_folder(**changes: Any) -> Submission:
    """One set, one entry and one folder that holds it; every link that XDS asks for is there."""
    submission = make_submission(
        folders=(make_folder(),),
        associations=(
            make_association(),
            make_association(entry_uuid="Association02", target_object="Folder01", submission_set_status=None),
            make_association(entry_uuid="Association03", source_object="Folder01", submission_set_status=None),
            make_association(entry_uuid="Association04", target_object="Association03", submission_set_status=None),
        ),
    )
    return replace(submission, **changes)
