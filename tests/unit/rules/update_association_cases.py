"""Rules of updates on associations, on what is carried over, and of restricted updates (MU-019 to MU-044)."""

from __future__ import annotations

from dataclasses import replace

from tests.factories import (
    LOCAL_PATIENT,
)
from tests.unit.rules.update_requests import (
    ANNOTATION_ERROR,
    APART,
    APPENDED,
    APPROVED,
    CHANGE,
    CHANGED,
    DEPRECATED,
    ENTRY,
    ENTRY_2,
    FOLDER,
    FOLDER_NAME,
    HELD,
    LINK,
    MEMBERSHIP,
    NAME,
    NEW,
    NEW_ENTRY,
    OPERATION_ERROR,
    OTHER,
    SET,
    SUBMITTED,
    UPDATE_ERROR,
    UPDATED,
    Request,
    case,
    change,
    membership,
    new_folder,
    new_version,
    relationship,
    restated,
    submission,
    submitted,
    trigger,
)
from xds_adapter.datatypes import CX
from xds_adapter.vocabulary.ebrim import DocumentAvailability

CASES = [
    *(
        case(
            "MU-019",
            name,
            Request(submission=submission(change(target_object=right))),
            submission(change(target_object=wrong)),
            UPDATE_ERROR,
            CHANGE,
            "targetObject",
            wrong,
        )
        for name, right, wrong in (
            ("nothing", ENTRY, NEW_ENTRY),
            ("a SubmissionSet", FOLDER, SET),
            ("an association of a SubmissionSet", MEMBERSHIP, HELD),
        )
    ),
    case(
        "MU-020",
        "of a status change",
        CHANGED,
        submission(change(source_object=SET)),
        UPDATE_ERROR,
        CHANGE,
        "sourceObject",
        SET,
    ),
    case(
        "MU-020",
        "of a SubmitAssociation",
        SUBMITTED,
        submission(trigger(source_object=FOLDER), membership()),
        UPDATE_ERROR,
        "Association Association04",
        "sourceObject",
        FOLDER,
    ),
    case(
        "MU-021",
        "registered",
        SUBMITTED,
        submission(trigger(target_object=MEMBERSHIP)),
        UPDATE_ERROR,
        "Association Association04",
        "targetObject",
        MEMBERSHIP,
    ),
    case(
        "MU-022",
        "unknown",
        SUBMITTED,
        submission(trigger(), membership(association_type="urn:x:likes")),
        "XDSRegistryMetadataError",
        NEW,
        "associationType",
        "urn:x:likes",
    ),
    *(
        case(
            "MU-023",
            attribute,
            SUBMITTED,
            submission(trigger(), membership(**{name: NEW_ENTRY})),
            UPDATE_ERROR,
            NEW,
            attribute,
            NEW_ENTRY,
        )
        for attribute, name in (("sourceObject", "source_object"), ("targetObject", "target_object"))
    ),
    *(
        case(
            "MU-024",
            attribute,
            SUBMITTED,
            replace(SUBMITTED, changed={end: {"status": DEPRECATED}}),
            UPDATE_ERROR,
            NEW,
            attribute,
            end,
        )
        for attribute, end in (("sourceObject", FOLDER), ("targetObject", ENTRY_2))
    ),
    *(
        case("MU-025", name, submitted(right), submission(trigger(), wrong), UPDATE_ERROR, NEW, attribute, value)
        for name, right, wrong, attribute, value in (
            ("from a set", membership(), membership(source_object=SET), "sourceObject", SET),
            ("from an entry", membership(), membership(source_object=ENTRY), "sourceObject", ENTRY),
            ("of an association", membership(), membership(target_object=APPENDED), "targetObject", APPENDED),
            (
                "between folders",
                relationship(source_object=ENTRY, target_object=ENTRY_2),
                relationship(source_object=ENTRY, target_object=FOLDER),
                "targetObject",
                FOLDER,
            ),
        )
    ),
    case(
        "MU-026",
        "of two patients",
        SUBMITTED,
        replace(SUBMITTED, changed={ENTRY_2: {"patient_id": OTHER}}),
        UPDATE_ERROR,
        NEW,
        "targetObject",
        ENTRY_2,
    ),
    case(
        "MU-027",
        "there already",
        SUBMITTED,
        submission(trigger(), membership(target_object=ENTRY)),
        UPDATE_ERROR,
        NEW,
        "targetObject",
        ENTRY,
    ),
    case(
        "MU-028",
        "propagated and new",
        Request(
            submission=new_version(
                trigger(), membership(target_object="Document01"), link_changes={"association_propagation": "no"}
            )
        ),
        new_version(trigger(), membership(target_object="Document01")),
        OPERATION_ERROR,
        NEW,
        "targetObject",
        "Document01",
    ),
    case(
        "MU-029",
        "an entry leaves the patient of its folder",
        Request(
            submission=new_version(patient_id=LOCAL_PATIENT, link_changes={"association_propagation": "no"}),
            changed={APPENDED: {"status": DEPRECATED}},
        ),
        new_version(patient_id=LOCAL_PATIENT),
        "XDSPatientIDReconciliationError",
        NAME,
        "patientId",
        LOCAL_PATIENT.text,
    ),
    case(
        "MU-029",
        "an association between patients comes into force",
        Request(
            submission=submission(change(target_object=APPENDED, original_status=DEPRECATED, new_status=APPROVED)),
            changed={APPENDED: {"status": DEPRECATED}},
        ),
        Request(
            submission=submission(change(target_object=APPENDED, original_status=DEPRECATED, new_status=APPROVED)),
            changed={APPENDED: {"status": DEPRECATED}, ENTRY: {"patient_id": OTHER}},
        ),
        "XDSPatientIDReconciliationError",
        CHANGE,
        "targetObject",
        ENTRY,
    ),
    case(
        "MU-040",
        "a folder",
        replace(UPDATED, restricted=True),
        new_folder(),
        "XDSObjectTypeError",
        FOLDER_NAME,
    ),
    *(
        case(
            "MU-041",
            name,
            replace(UPDATED, restricted=True),
            wrong,
            "UnmodifiableMetadataError",
            object_id,
            "associationType",
            wrong.associations[0].association_type or "",
        )
        for name, wrong, object_id in (
            ("a status", submission(change()), CHANGE),
            ("an association", submission(trigger(), membership()), "Association Association04"),
        )
    ),
    case(
        "MU-042",
        "no propagation",
        replace(UPDATED, restricted=True),
        new_version(link_changes={"association_propagation": "no"}),
        ANNOTATION_ERROR,
        LINK,
        "AssociationPropagation",
        "no",
    ),
    case(
        "MU-043",
        "another patient",
        replace(UPDATED, restricted=True, changed=APART),
        new_version(patient_id=LOCAL_PATIENT),
        "XDSPatientIDReconciliationError",
        NAME,
        "patientId",
        LOCAL_PATIENT.text,
    ),
    *(
        case(
            "MU-044",
            attribute,
            replace(UPDATED, restricted=True),
            restated(name, value),
            "UnmodifiableMetadataError",
            NAME,
            attribute,
            shown,
        )
        for attribute, name, value, shown in (
            ("sourcePatientId", "source_patient_id", CX.of("1", "1.2"), CX.of("1", "1.2").key),
            ("repositoryUniqueId", "repository_unique_id", "1.2.3", "1.2.3"),
            (
                "documentAvailability",
                "document_availability",
                DocumentAvailability.OFFLINE,
                DocumentAvailability.OFFLINE,
            ),
        )
    ),
]
