"""Each rule on a submission as a whole: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    ENTRY_UUID,
    FOLDER_UNIQUE_ID,
    LOCAL_PATIENT,
    PATIENT,
    SUBMISSION_SET_UNIQUE_ID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
    make_submission_with_folder,
)
from tests.rule_cases import Case, found
from xds_adapter.datatypes import CX, Coded
from xds_adapter.model import Association, Submission
from xds_adapter.rules import AffinityDomain, check_submission
from xds_adapter.vocabulary.ebrim import RELATIONSHIPS, AssociationType

UNRESOLVED = "UnresolvedReferenceException"
ELSEWHERE = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009"
LINK = "Association Association05"
ENTRY = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"
FOLDER = f"Folder {FOLDER_UNIQUE_ID}"
SECOND = make_document_entry(entry_uuid="Document02", unique_id="1.2.250.1.999.2.2")
SECOND_LINK = make_association(entry_uuid="Association06", target_object="Document02")


def linked(**changes: Any) -> Submission:
    """A set, a folder and two entries, all linked, and one further association with these changes."""
    complete = make_submission_with_folder()
    given: dict[str, Any] = {"entry_uuid": "Association05", "submission_set_status": None} | changes
    return replace(
        complete,
        document_entries=(*complete.document_entries, SECOND),
        associations=(*complete.associations, SECOND_LINK, make_association(**given)),
    )


def member(**changes: Any) -> Submission:
    """The further association puts the second entry into the folder; a link to the set belongs to it."""
    submission = linked(**({"source_object": "Folder01", "target_object": "Document02"} | changes))
    link = make_association(entry_uuid="Association07", target_object="Association05", submission_set_status=None)
    return replace(submission, associations=(*submission.associations, link))


def related(kind: AssociationType = AssociationType.APND, **changes: Any) -> Submission:
    """The further association relates the first entry to one that is registered."""
    given = {"association_type": kind, "source_object": "Document01", "target_object": ELSEWHERE}
    return linked(**(given | changes))


def without(submission: Submission, entry_uuid: str) -> Submission:
    """The submission without one of its associations."""
    return replace(submission, associations=tuple(a for a in submission.associations if a.entry_uuid != entry_uuid))


def first_link(**changes: Any) -> Submission:
    return make_submission(associations=(make_association(**changes),))


def status(name: str, right: Submission, wrong: Submission, value: str = "") -> Case:
    return Case(
        rule="META-042",
        name=name,
        right=right,
        wrong=wrong,
        object_id="Association Association01",
        attribute="SubmissionSetStatus",
        value=value,
    )


def end(  # noqa: PLR0917 - a row of the table
    rule: str, name: str, right: Submission, wrong: Submission, attribute: str, value: str, **more: str
) -> Case:
    return Case(
        rule=rule, name=name, right=right, wrong=wrong, object_id=LINK, attribute=attribute, value=value, **more
    )


FOLDERED = make_submission_with_folder()
CASES = [
    Case(
        rule="META-011",
        name="entry and set",
        right=FOLDERED,
        wrong=replace(FOLDERED, folders=(make_folder(), make_folder(unique_id="1.2.3"))),
        object_id=FOLDER,
        attribute="entryUUID",
        value="Folder01",
    ),
    *(
        Case(
            rule="META-021",
            name=f"entryUUID {wrong}",
            right=make_submission(
                document_entries=(make_document_entry(entry_uuid=ENTRY_UUID),),
                associations=(make_association(target_object=ENTRY_UUID),),
            ),
            wrong=make_submission(associations=(make_association(entry_uuid=wrong),)),
            object_id=f"Association {wrong}",
            attribute="entryUUID",
            value=wrong,
        )
        for wrong in ("urn:uuid:1", ENTRY_UUID.replace("5f0c", "5F0C"))
    ),
    *(
        Case(
            rule="META-021",
            name=f"end {wrong}",
            right=related(),
            wrong=related(target_object=wrong),
            object_id=LINK,
            attribute="targetObject",
            value=wrong,
        )
        for wrong in ("urn:uuid:1", ELSEWHERE.replace("5f0c", "5F0C"))
    ),
    *(
        end(
            "META-040",
            f"type {kind}",
            related(),
            related(association_type=kind),
            "associationType",
            kind,
        )
        for kind in (
            AssociationType.UPDATE_AVAILABILITY_STATUS,
            AssociationType.SUBMIT_ASSOCIATION,
            "urn:ihe:iti:2007:AssociationType:rplc",
            "HasMember",
            "",
        )
    ),
    Case(
        rule="META-041",
        name="entry",
        right=make_submission(),
        wrong=make_submission(associations=()),
        object_id=ENTRY,
        attribute="HasMember",
    ),
    Case(
        rule="META-041",
        name="folder",
        right=FOLDERED,
        wrong=without(FOLDERED, "Association02"),
        object_id=FOLDER,
        attribute="HasMember",
    ),
    Case(
        rule="META-041",
        name="folder membership",
        right=FOLDERED,
        wrong=without(FOLDERED, "Association04"),
        object_id="Association Association03",
        attribute="HasMember",
    ),
    Case(
        rule="META-041",
        name="membership in a registered folder",
        right=member(source_object=ELSEWHERE),
        wrong=without(member(source_object=ELSEWHERE), "Association07"),
        object_id=LINK,
        attribute="HasMember",
    ),
    status("absent", make_submission(), first_link(submission_set_status=None)),
    status("unknown", make_submission(), first_link(submission_set_status="original"), "original"),
    status(
        "Original elsewhere",
        make_submission(
            document_entries=(),
            associations=(make_association(target_object=ELSEWHERE, submission_set_status="Reference"),),
        ),
        make_submission(document_entries=(), associations=(make_association(target_object=ELSEWHERE),)),
        "Original",
    ),
    end("META-043", "source", member(), member(source_object="Folder09"), "sourceObject", "Folder09"),
    end("META-043", "target", member(), linked(target_object="Document03"), "targetObject", "Document03"),
    end(
        "META-044",
        "entry",
        related(target_object="Document02"),
        related(target_object="Document01"),
        "targetObject",
        "Document01",
    ),
    end(
        "META-044",
        "set as its own member",
        member(),
        linked(target_object="SubmissionSet01"),
        "targetObject",
        "SubmissionSet01",
    ),
    end(
        "META-044",
        "association as its own member",
        member(),
        linked(target_object="Association05"),
        "targetObject",
        "Association05",
    ),
    end(
        "META-045",
        "set",
        related(),
        related(source_object="SubmissionSet01"),
        "sourceObject",
        "SubmissionSet01",
    ),
    Case(
        rule="META-046",
        name="HasMember with documentation",
        right=related(documentation=Coded("1", "1.2", "x")),
        wrong=member(documentation=Coded("1", "1.2", "x")),
        object_id=LINK,
        attribute="associationDocumentation",
    ),
    end("META-047", "from an entry", member(), member(source_object="Document01"), "sourceObject", "Document01"),
    end(
        "META-047",
        "from an association",
        member(),
        member(source_object="Association01"),
        "sourceObject",
        "Association01",
    ),
    end(
        "META-047",
        "set in a folder",
        member(),
        member(target_object="SubmissionSet01"),
        "targetObject",
        "SubmissionSet01",
    ),
    end(
        "META-047", "link in a folder", member(), member(target_object="Association01"), "targetObject", "Association01"
    ),
    end(
        "META-048",
        "from a folder",
        related(),
        related(source_object="Folder01"),
        "sourceObject",
        "Folder01",
        code=UNRESOLVED,
    ),
    end(
        "META-048",
        "from a registered entry",
        related(),
        related(source_object=ENTRY_UUID),
        "sourceObject",
        ENTRY_UUID,
        code=UNRESOLVED,
    ),
    *(
        end(
            "META-049",
            kind.rsplit(":", 1)[-1],
            related(kind),
            related(kind, target_object="Document02"),
            "targetObject",
            "Document02",
            code=UNRESOLVED,
        )
        for kind in (AssociationType.RPLC, AssociationType.XFRM_RPLC, AssociationType.IS_SNAPSHOT_OF)
    ),
    end(
        "META-050",
        "registered object without status",
        linked(target_object=ELSEWHERE, submission_set_status="Reference"),
        linked(target_object=ELSEWHERE),
        "targetObject",
        ELSEWHERE,
    ),
    end(
        "META-050",
        "link of another document",
        member(),
        linked(target_object="Association01"),
        "targetObject",
        "Association01",
    ),
    end(
        "META-051",
        "link",
        member(),
        linked(target_object="Document02", submission_set_status="Original"),
        "targetObject",
        "Document02",
    ),
    *(
        end(
            "META-052",
            f"{kind.rsplit(':', 1)[-1]} of {wrong}",
            related(kind, target_object=right),
            related(kind, target_object=wrong),
            "targetObject",
            wrong,
        )
        for kind, right, wrong in (
            (AssociationType.APND, "Document02", "Folder01"),
            (AssociationType.XFRM, "Document02", "SubmissionSet01"),
            (AssociationType.SIGNS, "SubmissionSet01", "Association01"),
        )
    ),
    *(
        Case(
            rule="META-060",
            name=name,
            right=FOLDERED,
            wrong=wrong,
            code="XDSRegistryDuplicateUniqueIdInMessage",
            object_id=object_id,
            attribute="uniqueId",
            value=value,
        )
        for name, object_id, wrong, value in (
            (
                "two entries",
                ENTRY,
                replace(
                    related(),
                    document_entries=(
                        make_document_entry(),
                        replace(SECOND, unique_id=DOCUMENT_UNIQUE_ID),
                    ),
                ),
                DOCUMENT_UNIQUE_ID,
            ),
            (
                "entry and folder",
                ENTRY,
                replace(FOLDERED, folders=(make_folder(unique_id=DOCUMENT_UNIQUE_ID),)),
                DOCUMENT_UNIQUE_ID,
            ),
            (
                "folder and set",
                f"Folder {SUBMISSION_SET_UNIQUE_ID}",
                replace(FOLDERED, folders=(make_folder(unique_id=SUBMISSION_SET_UNIQUE_ID),)),
                SUBMISSION_SET_UNIQUE_ID,
            ),
        )
    ),
    Case(
        rule="META-061",
        name="entry",
        right=make_submission(document_entries=(make_document_entry(patient_id=CX(PATIENT.text.removesuffix("^NH"))),)),
        wrong=make_submission(document_entries=(make_document_entry(patient_id=LOCAL_PATIENT),)),
        code="XDSPatientIdDoesNotMatch",
        object_id=ENTRY,
        attribute="patientId",
        value=LOCAL_PATIENT.text,
    ),
    Case(
        rule="META-061",
        name="folder",
        right=FOLDERED,
        wrong=replace(FOLDERED, folders=(make_folder(patient_id=LOCAL_PATIENT),)),
        code="XDSPatientIdDoesNotMatch",
        object_id=FOLDER,
        attribute="patientId",
        value=LOCAL_PATIENT.text,
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == check_submission(case.right, AffinityDomain())


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == found(check_submission(case.wrong, AffinityDomain()))


@pytest.mark.parametrize("kind", sorted(RELATIONSHIPS))
def test_every_relationship_may_lead_to_a_registered_entry(kind: AssociationType) -> None:
    assert [] == check_submission(related(kind), AffinityDomain())


@pytest.mark.parametrize("kind", [AssociationType.APND, AssociationType.XFRM, AssociationType.SIGNS])
def test_what_replaces_nothing_may_lead_to_an_entry_of_the_submission(kind: AssociationType) -> None:
    assert [] == check_submission(related(kind, target_object="Document02"), AffinityDomain())


def test_a_submission_may_hold_links_only() -> None:
    links = (make_association(target_object=ELSEWHERE, submission_set_status="Reference"),)
    assert [] == check_submission(make_submission(document_entries=(), associations=links), AffinityDomain())


def test_an_ill_formed_patient_of_the_set_is_reported_once() -> None:
    wrong = make_submission(submission_set=make_submission_set(patient_id=CX("1")))
    assert ["META-021"] == [error.rule for error in check_submission(wrong, AffinityDomain())]


def test_without_a_set_nothing_is_compared_with_it() -> None:
    links: tuple[Association, ...] = ()
    assert [] == check_submission(make_submission(submission_set=None, associations=links), AffinityDomain())
    folder_link = make_association(source_object="Folder01", submission_set_status=None)
    lacking = make_submission(submission_set=None, folders=(make_folder(),), associations=(folder_link,))
    assert [] == check_submission(lacking, AffinityDomain())
    relationship = replace(folder_link, association_type=AssociationType.APND, source_object="Document01")
    related_only = replace(lacking, associations=(replace(relationship, target_object=ELSEWHERE),))
    assert [] == check_submission(related_only, AffinityDomain())
