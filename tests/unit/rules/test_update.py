"""Each rule on metadata updates: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    LOCAL_PATIENT,
    PATIENT,
    SUBMISSION_SET_UNIQUE_ID,
    make_association,
    make_document_entry,
    make_folder,
)
from tests.rule_cases import Case
from tests.unit.rules import update_association_cases, update_cases
from tests.unit.rules.update_requests import (
    APPENDED,
    APPROVED,
    DEPRECATED,
    ENTRY,
    ENTRY_2,
    FOLDER,
    MEMBERSHIP,
    NEW_ENTRY,
    SET,
    Request,
    change,
    errors,
    link,
    membership,
    new_folder,
    new_version,
    relationship,
    submission,
    trigger,
)
from xds_adapter.datatypes import CX, DTM
from xds_adapter.model import (
    SubmissionSet,
)
from xds_adapter.model.update import UpdatePlan
from xds_adapter.rules import AffinityDomain, check_update, check_updated
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentAvailability, DocumentEntryType

CASES = [*update_cases.CASES, *update_association_cases.CASES]

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
