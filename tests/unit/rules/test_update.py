"""Each rule on metadata updates: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    FOLDER_UNIQUE_ID,
    LOCAL_PATIENT,
    PATIENT,
    SUBMISSION_SET_UNIQUE_ID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission_set,
)
from tests.rule_cases import Case, found
from xds_adapter.datatypes import CX, DTM
from xds_adapter.model import (
    Association,
    DocumentEntry,
    Folder,
    KnownObject,
    RegistryFacts,
    RegistryObject,
    Submission,
    SubmissionSet,
)
from xds_adapter.model.update import UpdateFacts, UpdatePlan
from xds_adapter.rules import AffinityDomain, check_update, check_updated
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentAvailability, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus

APPROVED, DEPRECATED = AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED
ENTRY, ENTRY_2, FOLDER, MEMBERSHIP, APPENDED, SET, HELD, OLD_ENTRY = (
    f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f1{number:02}" for number in range(8)
)
NEW_ENTRY = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f199"
OTHER = LOCAL_PATIENT.key
UPDATE_ERROR, OPERATION_ERROR = "XDSMetadataUpdateError", "XDSMetadataUpdateOperationError"
ANNOTATION_ERROR = "XDSMetadataAnnotationError"
NAME = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"
FOLDER_NAME = f"Folder {FOLDER_UNIQUE_ID}"
LINK, CHANGE, NEW = "Association Association01", "Association Association02", "Association Association03"


def known(kind: str, entry_uuid: str, **changes: Any) -> KnownObject:
    """A registered object of the usual patient, in force."""
    given: dict[str, Any] = {"kind": kind, "entry_uuid": entry_uuid, "status": APPROVED}
    if kind != "Association":
        given |= {"patient_id": PATIENT.key, "logical_id": entry_uuid, "unique_id": DOCUMENT_UNIQUE_ID}
        given["object_type"] = DocumentEntryType.STABLE if kind == "DocumentEntry" else ""
    return KnownObject(**(given | changes))


HELD_OBJECTS = (
    known("DocumentEntry", ENTRY),
    known("DocumentEntry", ENTRY_2, unique_id="1.2.250.1.999.2.2"),
    known("Folder", FOLDER, unique_id=FOLDER_UNIQUE_ID),
    known("SubmissionSet", SET, unique_id="1.2.250.1.999.3.9", logical_id=""),
    known(
        "Association",
        MEMBERSHIP,
        source_object=FOLDER,
        target_object=ENTRY,
        association_type=AssociationType.HAS_MEMBER,
    ),
    known(
        "Association",
        APPENDED,
        source_object=ENTRY_2,
        target_object=ENTRY,
        association_type=AssociationType.APND,
    ),
    known("Association", HELD, source_object=SET, target_object=ENTRY, association_type=AssociationType.HAS_MEMBER),
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """An update and what the registry holds when it comes.

    Attributes:
        changed: Attributes of registered objects, by entryUUID; an empty mapping takes the object away.
        further: More registered objects.
        former: What the former version of the entry says.
    """

    submission: Submission
    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    further: tuple[KnownObject, ...] = ()
    former: DocumentEntry = field(default_factory=make_document_entry)
    restricted: bool = False

    @property
    def objects(self) -> dict[str, KnownObject]:
        held = {one.entry_uuid: one for one in (*HELD_OBJECTS, *self.further)}
        for entry_uuid, changes in self.changed.items():
            held[entry_uuid] = replace(held[entry_uuid], **changes)
            if not changes:
                del held[entry_uuid]
        return held

    @property
    def facts(self) -> UpdateFacts:
        objects = self.objects
        versions: dict[tuple[str, str], tuple[KnownObject, ...]] = {}
        touching: dict[str, tuple[KnownObject, ...]] = {}
        unique_ids: dict[str, tuple[KnownObject, ...]] = {}
        for one in sorted(objects.values(), key=lambda o: -o.version):
            if one.logical_id:
                series = (one.kind, one.logical_id)
                versions[series] = (*versions.get(series, ()), one)
            if one.unique_id:
                unique_ids[one.unique_id] = (*unique_ids.get(one.unique_id, ()), one)
            for end in {one.source_object, one.target_object} - {""}:
                touching[end] = (*touching.get(end, ()), one)
        return UpdateFacts(
            registry=RegistryFacts(
                patients=frozenset({PATIENT.key, OTHER}), by_entry_uuid=objects, by_unique_id=unique_ids
            ),
            known=objects,
            versions=versions,
            previous=dict.fromkeys(objects, self.former),
            touching=touching,
        )


def errors(request: Request) -> list[tuple[str, str, str, str, str]]:
    plan = UpdatePlan.of(request.submission)
    restricted = request.restricted
    return found(
        [
            *check_update(request.submission, plan, AffinityDomain(), restricted=restricted),
            *check_updated(request.submission, plan, request.facts, restricted=restricted),
        ]
    )


def submission(*objects: RegistryObject, set_changes: Mapping[str, Any] | None = None) -> Submission:
    return Submission(
        submission_set=make_submission_set(**(set_changes or {})),
        document_entries=tuple(o for o in objects if isinstance(o, DocumentEntry)),
        folders=tuple(o for o in objects if isinstance(o, Folder)),
        associations=tuple(o for o in objects if isinstance(o, Association)),
    )


def link(**changes: Any) -> Association:
    return make_association(**({"previous_version": "1"} | changes))


def new_version(
    *more: RegistryObject, link_changes: Mapping[str, Any] | None = None, patient_id: CX = PATIENT, **changes: Any
) -> Submission:
    """A new version of the entry."""
    entry = make_document_entry(**({"logical_id": ENTRY, "patient_id": patient_id} | changes))
    return submission(entry, link(**(link_changes or {})), *more, set_changes={"patient_id": patient_id})


def restated(name: str, value: Any) -> Submission:
    """A new version with one attribute changed."""
    changes: dict[str, Any] = {name: value}
    return new_version(**changes)


def new_folder(*more: RegistryObject, link_changes: Mapping[str, Any] | None = None, **changes: Any) -> Submission:
    """A new version of the folder."""
    folder = make_folder(**({"logical_id": FOLDER} | changes))
    said = {"target_object": "Folder01", "submission_set_status": None, **(link_changes or {})}
    return submission(folder, link(**said), *more)


def change(**changes: Any) -> Association:
    """The order to deprecate the entry."""
    given: dict[str, Any] = {
        "entry_uuid": "Association02",
        "association_type": AssociationType.UPDATE_AVAILABILITY_STATUS,
        "target_object": ENTRY,
        "submission_set_status": None,
        "original_status": APPROVED,
        "new_status": DEPRECATED,
    }
    return make_association(**(given | changes))


def trigger(**changes: Any) -> Association:
    given: dict[str, Any] = {
        "entry_uuid": "Association04",
        "association_type": AssociationType.SUBMIT_ASSOCIATION,
        "target_object": "Association03",
        "submission_set_status": None,
    }
    return make_association(**(given | changes))


def membership(**changes: Any) -> Association:
    """The second entry goes into the folder."""
    given: dict[str, Any] = {
        "entry_uuid": "Association03",
        "source_object": FOLDER,
        "target_object": ENTRY_2,
        "submission_set_status": None,
    }
    return make_association(**(given | changes))


def relationship(**changes: Any) -> Association:
    """The second entry signs the first."""
    return membership(
        **({"association_type": AssociationType.SIGNS, "source_object": ENTRY_2, "target_object": ENTRY} | changes)
    )


def submitted(association: Association | None = None, **changes: Any) -> Request:
    return Request(submission=submission(trigger(), association or membership()), **changes)


APART: Mapping[str, Mapping[str, Any]] = {MEMBERSHIP: {"status": DEPRECATED}, APPENDED: {"status": DEPRECATED}}
"""The registry without anything that an update of the entry would carry over."""
UPDATED = Request(submission=new_version())
FOLDER_UPDATED = Request(submission=new_folder())
CHANGED = Request(submission=submission(change()))
SUBMITTED = submitted()


def _wrong(request: Request, submission: Submission) -> Request:
    return replace(request, submission=submission)


def case(rule: str, name: str, right: Request, wrong: Request | Submission, code: str, *found_at: str) -> Case:
    """A case whose finding names object, attribute and value in this order."""
    object_id, attribute, value = (*found_at, "", "", "")[:3]
    broken = wrong if isinstance(wrong, Request) else _wrong(right, wrong)
    return Case(
        rule=rule,
        name=name,
        right=right,
        wrong=broken,
        code=code,
        object_id=object_id,
        attribute=attribute,
        value=value,
    )


def both(
    rule: str, name: str, wrong: Submission, codes: tuple[str, str], *found_at: str, right: Request = UPDATED
) -> list[Case]:
    """The same in ITI-57 and in ITI-92, each with its code."""
    restricted = replace(right, restricted=True)
    return [
        case(rule, f"{name} in ITI-57", right, wrong, codes[0], *found_at),
        case(rule, f"{name} in ITI-92", restricted, _wrong(restricted, wrong), codes[1], *found_at),
    ]


SERVED = ("XDSMetadataUpdateError", "XDSInvalidRequestException")
ANNOTATED = (UPDATE_ERROR, ANNOTATION_ERROR)
UNTYPED = DocumentEntryType.ON_DEMAND
CASES = [
    *both("MU-001", "no operation", submission(), SERVED),
    *both(
        "MU-002",
        "a membership nobody asked for",
        new_version(membership()),
        SERVED,
        NEW,
        "associationType",
        AssociationType.HAS_MEMBER,
    ),
    *both("MU-003", "no logicalID", new_version(logical_id=None), SERVED, NAME, "logicalID"),
    case("MU-003", "a new folder", FOLDER_UPDATED, new_folder(logical_id=None), UPDATE_ERROR, FOLDER_NAME, "logicalID"),
    *both(
        "MU-004",
        "no HasMember",
        submission(make_document_entry(logical_id=ENTRY)),
        ANNOTATED,
        NAME,
        "HasMember",
    ),
    *both(
        "MU-005",
        "no PreviousVersion",
        new_version(link_changes={"previous_version": None}),
        ANNOTATED,
        LINK,
        "PreviousVersion",
    ),
    *both(
        "MU-005",
        "PreviousVersion in words",
        new_version(link_changes={"previous_version": "one"}),
        ANNOTATED,
        LINK,
        "PreviousVersion",
        "one",
    ),
    *both(
        "MU-006",
        "no SubmissionSetStatus",
        new_version(link_changes={"submission_set_status": None}),
        ANNOTATED,
        LINK,
        "SubmissionSetStatus",
    ),
    *both(
        "MU-006",
        "Reference",
        new_version(link_changes={"submission_set_status": "Reference"}),
        ANNOTATED,
        LINK,
        "SubmissionSetStatus",
        "Reference",
    ),
    *both(
        "MU-007",
        "maybe",
        new_version(link_changes={"association_propagation": "maybe"}),
        ANNOTATED,
        LINK,
        "AssociationPropagation",
        "maybe",
    ),
    *both(
        "MU-008",
        "OriginalStatus of a new version",
        new_version(link_changes={"original_status": APPROVED}),
        (OPERATION_ERROR, ANNOTATION_ERROR),
        LINK,
        "OriginalStatus",
        APPROVED,
    ),
    case(
        "MU-008",
        "PreviousVersion of a status change",
        CHANGED,
        submission(change(previous_version="1")),
        OPERATION_ERROR,
        CHANGE,
        "PreviousVersion",
        "1",
    ),
    case(
        "MU-008",
        "NewStatus of a new association",
        SUBMITTED,
        submission(trigger(), membership(new_status=DEPRECATED)),
        OPERATION_ERROR,
        NEW,
        "NewStatus",
        DEPRECATED,
    ),
    case(
        "MU-009",
        "two status changes",
        CHANGED,
        submission(change(), change(entry_uuid="Association05")),
        OPERATION_ERROR,
        CHANGE,
        "targetObject",
        ENTRY,
    ),
    case(
        "MU-009",
        "an association submitted twice",
        SUBMITTED,
        submission(trigger(), trigger(entry_uuid="Association05"), membership()),
        OPERATION_ERROR,
        "Association Association04",
        "targetObject",
        "Association03",
    ),
    case(
        "MU-010",
        "an entry nobody registered",
        UPDATED,
        new_version(logical_id=NEW_ENTRY),
        "XDSMetadataVersionError",
        NAME,
        "logicalID",
        NEW_ENTRY,
    ),
    case(
        "MU-010",
        "the logicalID of a folder",
        UPDATED,
        new_version(logical_id=FOLDER),
        "XDSMetadataVersionError",
        NAME,
        "logicalID",
        FOLDER,
    ),
    case(
        "MU-011",
        "a folder nobody registered",
        FOLDER_UPDATED,
        new_folder(logical_id=NEW_ENTRY),
        UPDATE_ERROR,
        FOLDER_NAME,
        "logicalID",
        NEW_ENTRY,
    ),
    *both(
        "MU-012",
        "a later version",
        new_version(link_changes={"previous_version": "2"}),
        ("XDSMetadataVersionError", "XDSMetadataVersionError"),
        LINK,
        "PreviousVersion",
        "2",
    ),
    case(
        "MU-013",
        "deprecated",
        UPDATED,
        replace(UPDATED, changed={ENTRY: {"status": DEPRECATED}}),
        UPDATE_ERROR,
        NAME,
        "availabilityStatus",
    ),
    *both(
        "MU-014",
        "another uniqueId",
        new_version(unique_id="1.2.250.1.999.2.77"),
        (UPDATE_ERROR, "XDSMetadataIdentifierError"),
        "DocumentEntry 1.2.250.1.999.2.77",
        "uniqueId",
        "1.2.250.1.999.2.77",
    ),
    *both(
        "MU-015",
        "on-demand",
        new_version(object_type=UNTYPED, creation_time=None, hash=None, size=None),
        (UPDATE_ERROR, "UnmodifiableMetadataError"),
        NAME,
        "objectType",
        UNTYPED,
    ),
    case(
        "MU-016",
        "no OriginalStatus",
        CHANGED,
        submission(change(original_status=None)),
        OPERATION_ERROR,
        CHANGE,
        "OriginalStatus",
    ),
    case(
        "MU-016",
        "an unknown NewStatus",
        CHANGED,
        submission(change(new_status="Withdrawn")),
        OPERATION_ERROR,
        CHANGE,
        "NewStatus",
        "Withdrawn",
    ),
    case(
        "MU-016",
        "no change",
        CHANGED,
        submission(change(new_status=APPROVED)),
        OPERATION_ERROR,
        CHANGE,
        "NewStatus",
        APPROVED,
    ),
    case(
        "MU-017",
        "of an entry",
        CHANGED,
        replace(CHANGED, changed={ENTRY: {"status": DEPRECATED}}),
        UPDATE_ERROR,
        CHANGE,
        "OriginalStatus",
        APPROVED,
    ),
    case(
        "MU-017",
        "of the version that the request makes",
        Request(submission=new_version(change(target_object="Document01"))),
        new_version(change(target_object="Document01", original_status=DEPRECATED, new_status=APPROVED)),
        UPDATE_ERROR,
        CHANGE,
        "OriginalStatus",
        DEPRECATED,
    ),
    case(
        "MU-018",
        "superseded before",
        CHANGED,
        replace(CHANGED, further=(known("DocumentEntry", NEW_ENTRY, logical_id=ENTRY, version=2),)),
        UPDATE_ERROR,
        CHANGE,
        "targetObject",
        ENTRY,
    ),
    case(
        "MU-018",
        "superseded by the request",
        Request(submission=new_version(change(target_object="Document01"))),
        new_version(change()),
        UPDATE_ERROR,
        CHANGE,
        "targetObject",
        ENTRY,
    ),
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

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == errors(case.right)


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == errors(case.wrong)


def rules(request: Request) -> list[str]:
    return sorted(rule for rule, *_ in errors(request))


def test_two_updates_of_one_object_are_one_too_many() -> None:
    twice = submission(
        make_document_entry(logical_id=ENTRY),
        make_document_entry(logical_id=ENTRY, entry_uuid="Document02"),
        link(),
        link(entry_uuid="Association02", target_object="Document02"),
    )
    expected = [("META-060", "uniqueId"), ("MU-009", "logicalID")]
    assert expected == sorted((rule, attribute) for rule, _, _, attribute, _ in errors(Request(submission=twice)))


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = new_version(
        change(original_status=None, target_object=SET),
        trigger(),
        membership(target_object=NEW_ENTRY),
        link_changes={"previous_version": "7", "association_propagation": "maybe"},
        class_code=None,
        unique_id="1.2.250.1.999.2.77",
    )
    expected = ["META-020", "MU-007", "MU-012", "MU-014", "MU-016", "MU-019", "MU-023"]
    assert expected == rules(Request(submission=wrong))


def test_operations_of_all_kinds_go_together() -> None:
    submitted_set = new_version(change(target_object="Document01"), trigger(), membership())
    folder = make_folder(logical_id=FOLDER)
    held = replace(
        submitted_set,
        folders=(folder,),
        associations=(
            *(a for a in submitted_set.associations if a.association_type != AssociationType.SUBMIT_ASSOCIATION),
            trigger(),
            link(
                entry_uuid="Association05",
                target_object="Folder01",
                submission_set_status=None,
                association_propagation="no",
            ),
        ),
    )
    moved = tuple(replace(a, source_object="Folder01") if a.source_object == FOLDER else a for a in held.associations)
    assert [] == errors(Request(submission=replace(held, associations=moved)))


def test_a_new_association_may_be_deprecated_at_once() -> None:
    order = change(target_object="Association03")
    assert [] == errors(Request(submission=submission(trigger(), membership(), order)))
    wrong = change(target_object="Association03", original_status=DEPRECATED, new_status=APPROVED)
    assert ["MU-017"] == rules(Request(submission=submission(trigger(), membership(), wrong)))


def test_a_new_association_takes_the_place_of_one_that_is_deprecated_with_it() -> None:
    order = change(target_object=MEMBERSHIP)
    assert [] == errors(Request(submission=submission(trigger(), membership(target_object=ENTRY), order)))


def test_a_new_association_to_an_entry_approved_by_the_request_is_accepted() -> None:
    order = change(target_object=ENTRY_2, original_status=DEPRECATED, new_status=APPROVED)
    request = Request(submission=submission(trigger(), membership(), order), changed={ENTRY_2: {"status": DEPRECATED}})
    assert [] == errors(request)


def test_two_equal_new_associations_exclude_each_other() -> None:
    twice = submission(
        trigger(),
        membership(),
        trigger(entry_uuid="Association05", target_object="Association06"),
        relationship(entry_uuid="Association06", source_object=ENTRY, target_object=ENTRY_2),
        trigger(entry_uuid="Association07", target_object="Association08"),
        relationship(
            entry_uuid="Association08",
            source_object=ENTRY,
            target_object=ENTRY_2,
            association_type=AssociationType.APND,
        ),
    )
    assert ["MU-027", "MU-027"] == rules(Request(submission=twice))


def test_the_link_of_a_new_membership_may_be_given() -> None:
    given = make_association(entry_uuid="Association05", target_object="Association03", submission_set_status=None)
    assert [] == errors(Request(submission=submission(trigger(), membership(), given)))


def test_a_folder_and_its_documents_move_to_another_patient_together() -> None:
    """What stays linked is compared as it will be, not as it was."""
    moved: dict[str, Any] = {"patient_id": LOCAL_PATIENT}
    together = submission(
        make_document_entry(logical_id=ENTRY, **moved),
        make_folder(logical_id=FOLDER, **moved),
        link(),
        link(entry_uuid="Association02", target_object="Folder01", submission_set_status=None),
        set_changes=moved,
    )
    request = Request(submission=together, changed={APPENDED: {"status": DEPRECATED}})
    assert [] == errors(request)
    assert ["MU-029"] == rules(Request(submission=together))


def test_nothing_is_carried_over_to_what_declines_it() -> None:
    """The folder propagates, its document does not: they are no longer linked, so their patients may differ."""
    moved: dict[str, Any] = {"patient_id": LOCAL_PATIENT}
    folder = make_folder(logical_id=FOLDER, **moved)
    entry = make_document_entry(logical_id=ENTRY, **moved)
    links = (
        link(association_propagation="no"),
        link(entry_uuid="Association02", target_object="Folder01", submission_set_status=None),
    )
    assert [] == errors(Request(submission=submission(entry, folder, *links, set_changes=moved)))


def test_an_association_deprecated_by_the_request_is_not_carried_over() -> None:
    apart = new_version(
        change(target_object=MEMBERSHIP),
        change(entry_uuid="Association05", target_object=APPENDED),
        patient_id=LOCAL_PATIENT,
    )
    assert [] == errors(Request(submission=apart))


def test_hash_size_and_repository_may_change() -> None:
    assert [] == errors(Request(submission=new_version(hash="0" * 40, size=1, repository_unique_id="1.2.3")))
    assert [] == errors(Request(submission=new_version(hash="0" * 40, size=1), restricted=True))


def test_a_restricted_update_may_concern_a_deprecated_version() -> None:
    request = Request(submission=new_version(), changed={ENTRY: {"status": DEPRECATED}}, restricted=True)
    assert [] == errors(request)


def test_online_is_what_an_entry_without_availability_is() -> None:
    online = new_version(document_availability=DocumentAvailability.ONLINE)
    assert [] == errors(Request(submission=online, restricted=True))


def test_a_patient_is_the_same_whatever_the_type_of_its_identifier() -> None:
    same = CX(PATIENT.text.replace("^NH", "^PI"))
    assert [] == errors(Request(submission=new_version(patient_id=same), restricted=True))


def test_an_on_demand_entry_has_no_creation_time_hash_or_size() -> None:
    bare: dict[str, Any] = {"creation_time": None, "hash": None, "size": None}
    request = Request(
        submission=new_version(object_type=DocumentEntryType.ON_DEMAND, **bare),
        changed={ENTRY: {"object_type": DocumentEntryType.ON_DEMAND}},
    )
    assert [] == errors(request)
    assert ["META-020"] * 3 == rules(Request(submission=new_version(**bare)))
    wrong = new_version(object_type=DocumentEntryType.ON_DEMAND, **bare, class_code=None)
    assert ["META-020"] == rules(replace(request, submission=wrong))


@pytest.mark.parametrize("name", ["document", "folder"])
def test_the_new_version_is_checked_like_a_first_one(name: str) -> None:
    wrong = new_version(creation_time=DTM("soon")) if name == "document" else new_folder(title=None)
    assert 1 == len(errors(Request(submission=wrong)))


def test_general_rules_of_the_registry_apply() -> None:
    unknown = {"patient_id": CX.of("1", "1.2")}
    known_set = {"unique_id": "1.2.250.1.999.3.9"}
    for wrong, expected in (
        (submission(change(), set_changes=unknown), ["REG-001"]),
        (submission(change(), set_changes=known_set), ["REG-002"]),
        (new_version(entry_uuid=ENTRY_2, link_changes={"target_object": ENTRY_2}), ["REG-005"]),
    ):
        submitted_request = Request(submission=wrong)
        assert expected == [rule for rule in rules(submitted_request) if rule.startswith("REG")]


def test_the_set_may_name_another_patient_than_an_object_whose_status_changes() -> None:
    assert [] == errors(Request(submission=submission(change(), set_changes={"patient_id": LOCAL_PATIENT})))


def test_without_a_set_no_operation_is_looked_at() -> None:
    lacking = replace(new_version(), submission_set=None)
    plan = UpdatePlan.of(lacking)
    assert ["META-043"] == [error.rule for error in check_update(lacking, plan, AffinityDomain())]
    assert [] == check_updated(lacking, plan, Request(submission=lacking).facts)


def test_ends_that_are_absent_are_left_to_other_rules() -> None:
    for wrong in (
        submission(change(target_object=None)),
        submission(change(source_object=None)),
        submission(trigger(), membership(source_object=None)),
        submission(trigger(target_object=None), membership()),
    ):
        found_rules = rules(Request(submission=wrong))
        assert "META-020" in found_rules
        assert not {"MU-019", "MU-020", "MU-023"} & set(found_rules)


def test_a_logical_id_must_be_a_uuid_of_its_own() -> None:
    for logical_id, entry_uuid in (("Document01", "Document01"), ("x", "Document01"), (NEW_ENTRY, NEW_ENTRY)):
        wrong = new_version(logical_id=logical_id, entry_uuid=entry_uuid, link_changes={"target_object": entry_uuid})
        assert "MU-003" in rules(Request(submission=wrong))


def test_the_set_of_the_samples_is_named_in_findings() -> None:
    wrong = submission(change(), set_changes={"content_type_code": None})
    expected = [("META-020", f"SubmissionSet {SUBMISSION_SET_UNIQUE_ID}")]
    assert expected == [(rule, name) for rule, _, name, _, _ in errors(Request(submission=wrong))]
    assert isinstance(wrong.submission_set, SubmissionSet)
