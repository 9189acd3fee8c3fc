"""Requests to update metadata, valid unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    FOLDER_UNIQUE_ID,
    LOCAL_PATIENT,
    PATIENT,
    make_association,
    make_document_entry,
    make_folder,
    make_submission_set,
)
from tests.rule_cases import Case, found
from xds_adapter.datatypes import CX
from xds_adapter.model import (
    Association,
    DocumentEntry,
    Folder,
    KnownObject,
    RegistryFacts,
    RegistryObject,
    Submission,
)
from xds_adapter.model.update import UpdateFacts, UpdatePlan
from xds_adapter.rules import AffinityDomain, check_update, check_updated
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
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


def wrong_in(request: Request, submission: Submission) -> Request:
    return replace(request, submission=submission)


def case(rule: str, name: str, right: Request, wrong: Request | Submission, code: str, *found_at: str) -> Case:
    """A case whose finding names object, attribute and value in this order."""
    object_id, attribute, value = (*found_at, "", "", "")[:3]
    broken = wrong if isinstance(wrong, Request) else wrong_in(right, wrong)
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
        case(rule, f"{name} in ITI-92", restricted, wrong_in(restricted, wrong), codes[1], *found_at),
    ]


SERVED = ("XDSMetadataUpdateError", "XDSInvalidRequestException")
ANNOTATED = (UPDATE_ERROR, ANNOTATION_ERROR)
UNTYPED = DocumentEntryType.ON_DEMAND
