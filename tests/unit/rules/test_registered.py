"""Each rule on what the registry holds: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
from xds_adapter.datatypes import CX
from xds_adapter.model import RegistryFacts, Submission
from xds_adapter.model.facts import KnownObject
from xds_adapter.rules import check_registered
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

ENTRY = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"
SET = f"SubmissionSet {SUBMISSION_SET_UNIQUE_ID}"
FOLDER = f"Folder {FOLDER_UNIQUE_ID}"
LINK = "Association Association05"
OLD = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009"
OLD_UNIQUE_ID = "1.2.250.1.999.2.9"
SHA1 = make_document_entry().hash
OTHER_PATIENT = LOCAL_PATIENT.key


def known(kind: str = "DocumentEntry", **changes: Any) -> KnownObject:
    """A registered object of the usual patient, in force."""
    given: dict[str, Any] = {
        "kind": kind,
        "entry_uuid": OLD,
        "status": AvailabilityStatus.APPROVED,
        "patient_id": PATIENT.key,
        "unique_id": OLD_UNIQUE_ID,
        "hash": SHA1,
        "size": 4711,
    }
    return KnownObject(**(given | changes))


@dataclass(frozen=True, kw_only=True)
class Held:
    """A submission and what the registry holds when it comes."""

    submission: Submission = field(default_factory=make_submission)
    objects: tuple[KnownObject, ...] = ()
    patients: frozenset[str] = frozenset({PATIENT.key})

    @property
    def facts(self) -> RegistryFacts:
        by_unique_id: dict[str, tuple[KnownObject, ...]] = {}
        for one in self.objects:
            by_unique_id[one.unique_id] = (*by_unique_id.get(one.unique_id, ()), one)
        return RegistryFacts(
            patients=self.patients,
            by_entry_uuid={one.entry_uuid: one for one in self.objects},
            by_unique_id=by_unique_id,
        )


def errors(held: Held) -> list[tuple[str, str, str, str, str]]:
    return found(check_registered(held.submission, held.facts))


def linked(*objects: KnownObject, **changes: Any) -> Held:
    """One further association beside the links of set, entry and folder."""
    complete = make_submission_with_folder()
    given: dict[str, Any] = {"entry_uuid": "Association05", "submission_set_status": None} | changes
    further = make_association(**given)
    return Held(submission=replace(complete, associations=(*complete.associations, further)), objects=objects)


def replacing(*objects: KnownObject, **changes: Any) -> Held:
    given = {"association_type": AssociationType.RPLC, "source_object": "Document01", "target_object": OLD}
    return linked(*objects, **(given | changes))


def into_folder(*objects: KnownObject) -> Held:
    """The entry of the submission goes into a registered folder."""
    return linked(*objects, source_object=OLD, target_object="Document01")


def referring(*objects: KnownObject) -> Held:
    return linked(*objects, target_object=OLD, submission_set_status="Reference")


def signing(*objects: KnownObject) -> Held:
    return replacing(*objects, association_type=AssociationType.SIGNS)


OLD_FOLDER = known("Folder", hash=None, size=None)
VALID = Held()
CASES = [
    Case(
        rule="REG-001",
        name="nobody announced",
        right=VALID,
        wrong=Held(patients=frozenset()),
        code="XDSUnknownPatientId",
        object_id=SET,
        attribute="patientId",
        value=PATIENT.text,
    ),
    Case(
        rule="REG-001",
        name="another patient of one entry",
        right=Held(
            submission=make_submission(document_entries=(make_document_entry(patient_id=CX.of("1", "1.2")),)),
            patients=frozenset({PATIENT.key, "1^^^&1.2&ISO"}),
        ),
        wrong=Held(submission=make_submission(document_entries=(make_document_entry(patient_id=CX.of("1", "1.2")),))),
        code="XDSUnknownPatientId",
        object_id=ENTRY,
        attribute="patientId",
        value="1^^^&1.2&ISO",
    ),
    Case(
        rule="REG-002",
        name="set",
        right=Held(objects=(known("Folder", unique_id=SUBMISSION_SET_UNIQUE_ID),)),
        wrong=Held(objects=(known("SubmissionSet", unique_id=SUBMISSION_SET_UNIQUE_ID),)),
        code="XDSDuplicateUniqueIdInRegistry",
        object_id=SET,
        attribute="uniqueId",
        value=SUBMISSION_SET_UNIQUE_ID,
    ),
    Case(
        rule="REG-002",
        name="folder",
        right=Held(submission=make_submission_with_folder(), objects=(OLD_FOLDER,)),
        wrong=Held(
            submission=make_submission_with_folder(),
            objects=(known("Folder", unique_id=FOLDER_UNIQUE_ID),),
        ),
        code="XDSDuplicateUniqueIdInRegistry",
        object_id=FOLDER,
        attribute="uniqueId",
        value=FOLDER_UNIQUE_ID,
    ),
    Case(
        rule="REG-003",
        name="hash",
        right=Held(objects=(known(unique_id=DOCUMENT_UNIQUE_ID),)),
        wrong=Held(objects=(known(unique_id=DOCUMENT_UNIQUE_ID, hash="0" * 40),)),
        code="XDSNonIdenticalHash",
        object_id=ENTRY,
        attribute="uniqueId",
        value=DOCUMENT_UNIQUE_ID,
    ),
    Case(
        rule="REG-004",
        name="size",
        right=Held(objects=(known(unique_id=DOCUMENT_UNIQUE_ID),)),
        wrong=Held(objects=(known(unique_id=DOCUMENT_UNIQUE_ID, size=1),)),
        code="XDSNonIdenticalSize",
        object_id=ENTRY,
        attribute="uniqueId",
        value=DOCUMENT_UNIQUE_ID,
    ),
    *(
        Case(
            rule="REG-005",
            name=name,
            right=Held(submission=submission),
            wrong=Held(submission=submission, objects=(known(entry_uuid=ENTRY_UUID, unique_id="1.2"),)),
            object_id=object_id,
            attribute="entryUUID",
            value=ENTRY_UUID,
        )
        for name, object_id, submission in (
            (
                "entry",
                ENTRY,
                make_submission(
                    document_entries=(make_document_entry(entry_uuid=ENTRY_UUID),),
                    associations=(make_association(target_object=ENTRY_UUID),),
                ),
            ),
            (
                "association",
                f"Association {ENTRY_UUID}",
                make_submission(associations=(make_association(entry_uuid=ENTRY_UUID),)),
            ),
        )
    ),
    *(
        Case(
            rule="REG-006",
            name=f"{name} of {kind}",
            right=right,
            wrong=replace(right, objects=()),
            code="UnresolvedReferenceException",
            object_id=LINK,
            attribute=name,
            value=OLD,
        )
        for kind, name, right in (
            ("RPLC", "targetObject", replacing(known())),
            ("folder membership", "sourceObject", into_folder(OLD_FOLDER)),
            ("Reference", "targetObject", referring(known())),
        )
    ),
    *(
        Case(
            rule="REG-006",
            name=f"{name} is a {one.kind}",
            right=right,
            wrong=wrong,
            code="UnresolvedReferenceException",
            object_id=LINK,
            attribute=name,
            value=OLD,
        )
        for name, one, right, wrong in (
            ("targetObject", OLD_FOLDER, replacing(known()), replacing(OLD_FOLDER)),
            ("targetObject", known("SubmissionSet"), replacing(known()), replacing(known("SubmissionSet"))),
            ("targetObject", known("Folder"), referring(known()), referring(OLD_FOLDER)),
            ("targetObject", known("Association"), referring(known()), referring(known("Association"))),
            ("targetObject", known("Folder"), signing(known("SubmissionSet")), signing(OLD_FOLDER)),
            ("sourceObject", known(), into_folder(OLD_FOLDER), into_folder(known())),
            ("sourceObject", known("SubmissionSet"), into_folder(OLD_FOLDER), into_folder(known("SubmissionSet"))),
            (
                "targetObject",
                OLD_FOLDER,
                linked(known(), source_object="Folder01", target_object=OLD),
                linked(OLD_FOLDER, source_object="Folder01", target_object=OLD),
            ),
        )
    ),
    *(
        Case(
            rule="REG-007",
            name=name,
            right=make(one),
            wrong=make(replace(one, status=AvailabilityStatus.DEPRECATED)),
            code="XDSRegistryDeprecatedDocumentError",
            object_id=LINK,
            attribute=attribute,
            value=OLD,
        )
        for name, make, one, attribute in (
            ("RPLC", replacing, known(), "targetObject"),
            ("folder membership", into_folder, OLD_FOLDER, "sourceObject"),
        )
    ),
    *(
        Case(
            rule="REG-008",
            name=name,
            right=make(one),
            wrong=make(replace(one, patient_id=OTHER_PATIENT)),
            code="XDSPatientIdDoesNotMatch",
            object_id=LINK,
            attribute=attribute,
            value=OLD,
        )
        for name, make, one, attribute in (
            ("RPLC", replacing, known(), "targetObject"),
            ("folder membership", into_folder, OLD_FOLDER, "sourceObject"),
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


def test_an_unknown_patient_may_be_accepted() -> None:
    held = Held(patients=frozenset())
    assert [] == check_registered(held.submission, held.facts, unknown_patients=True)


def test_a_patient_is_known_whatever_the_type_of_its_identifier() -> None:
    patient = CX(PATIENT.text.replace("^NH", "^PI"))
    assert [] == errors(Held(submission=make_submission(submission_set=make_submission_set(patient_id=patient))))


@pytest.mark.parametrize("patient_id", [None, CX("1")], ids=["absent", "ill-formed"])
def test_a_patient_that_cannot_be_looked_up_is_left_to_other_rules(patient_id: CX | None) -> None:
    wrong = make_submission(document_entries=(make_document_entry(patient_id=patient_id),))
    assert [] == errors(Held(submission=wrong))


def test_a_hash_is_compared_without_case() -> None:
    entry = make_document_entry(hash=(SHA1 or "").upper())
    same = known(unique_id=DOCUMENT_UNIQUE_ID)
    assert [] == errors(Held(submission=make_submission(document_entries=(entry,)), objects=(same,)))


def test_a_document_unknown_by_that_kind_is_new() -> None:
    assert [] == errors(Held(objects=(known("Folder", unique_id=DOCUMENT_UNIQUE_ID, hash=None, size=None),)))


def test_an_entry_lacking_hash_or_size_is_not_compared() -> None:
    old = known(unique_id=DOCUMENT_UNIQUE_ID, hash=None, size=None)
    assert [] == errors(Held(objects=(old,)))


def test_objects_without_a_unique_id_are_left_to_other_rules() -> None:
    lacking = make_submission(
        submission_set=make_submission_set(unique_id=None),
        document_entries=(make_document_entry(unique_id=None),),
        folders=(make_folder(unique_id=None),),
    )
    assert [] == errors(Held(submission=lacking, objects=(known(unique_id=""),)))


def test_a_reference_may_name_a_deprecated_document_of_another_patient() -> None:
    old = known(status=AvailabilityStatus.DEPRECATED, patient_id=OTHER_PATIENT)
    assert [] == errors(referring(old))


def test_without_a_set_or_its_patient_no_patient_is_compared() -> None:
    for submission_set in (None, make_submission_set(patient_id=None)):
        held = replacing(known(patient_id=OTHER_PATIENT))
        lacking = replace(held, submission=replace(held.submission, submission_set=submission_set))
        assert [] == errors(lacking)


def test_ends_that_are_absent_symbolic_or_of_the_submission_are_not_looked_up() -> None:
    entry = make_document_entry(entry_uuid=ENTRY_UUID)
    links = (make_association(source_object=None, target_object="x"), make_association(target_object=ENTRY_UUID))
    assert [] == errors(Held(submission=make_submission(document_entries=(entry,), associations=links)))
