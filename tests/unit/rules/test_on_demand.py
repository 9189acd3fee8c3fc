"""Each rule on on-demand entries and snapshots: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    PATIENT,
    make_association,
    make_document_entry,
    make_submission,
)
from tests.rule_cases import Case, found
from xds_adapter.datatypes import DTM
from xds_adapter.model import KnownObject, RegistryFacts, Submission
from xds_adapter.rules import (
    REGISTER,
    REGISTER_ON_DEMAND,
    AffinityDomain,
    Profile,
    check_registered,
    check_submission,
)
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus

ENTRY = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"
LINK = "Association Association02"
OLD = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009"
STABLE, ON_DEMAND = DocumentEntryType.STABLE, DocumentEntryType.ON_DEMAND
WITHOUT_BYTES = {"creation_time": None, "hash": None, "size": None}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A submission, the transaction it comes by, and a registered entry."""

    submission: Submission
    profile: Profile = REGISTER_ON_DEMAND
    known: KnownObject | None = None


def errors(sent: Sent) -> list[tuple[str, str, str, str, str]]:
    known = (sent.known,) if sent.known is not None else ()
    facts = RegistryFacts(
        patients=frozenset({PATIENT.key}),
        by_entry_uuid={one.entry_uuid: one for one in known},
        by_unique_id={one.unique_id: known for one in known},
    )
    checked = check_submission(sent.submission, AffinityDomain(), profile=sent.profile)
    return found([*checked, *check_registered(sent.submission, facts)])


def on_demand(known: KnownObject | None = None, **changes: Any) -> Sent:
    given = {"object_type": ON_DEMAND, **WITHOUT_BYTES} | changes
    return Sent(submission=make_submission(document_entries=(make_document_entry(**given),)), known=known)


def stable(known: KnownObject | None = None) -> Sent:
    return Sent(submission=make_submission(), profile=REGISTER, known=known)


def snapshot(known: KnownObject, sent: Sent | None = None) -> Sent:
    """A submission whose entry is a snapshot of a registered one."""
    sent = sent or stable()
    link = make_association(
        entry_uuid="Association02",
        association_type=AssociationType.IS_SNAPSHOT_OF,
        source_object="Document01",
        target_object=OLD,
        submission_set_status=None,
    )
    submission = replace(sent.submission, associations=(*sent.submission.associations, link))
    return replace(sent, submission=submission, known=known)


def registered(object_type: DocumentEntryType = ON_DEMAND, **changes: Any) -> KnownObject:
    given: dict[str, Any] = {
        "kind": "DocumentEntry",
        "entry_uuid": OLD,
        "status": AvailabilityStatus.APPROVED,
        "patient_id": PATIENT.key,
        "unique_id": "1.2.250.1.999.2.9",
        "object_type": object_type,
    }
    return KnownObject(**(given | changes))


CASES = [
    Case(
        rule="OD-001",
        name="a stable entry",
        right=on_demand(),
        wrong=on_demand(object_type=STABLE),
        object_id=ENTRY,
        attribute="objectType",
        value=STABLE,
    ),
    Case(
        rule="OD-002",
        name="no entry",
        right=on_demand(),
        wrong=Sent(submission=make_submission(document_entries=(), associations=())),
        object_id="SubmitObjectsRequest",
        attribute="DocumentEntry",
    ),
    *(
        Case(
            rule="OD-003",
            name=name,
            right=on_demand(),
            wrong=on_demand(None, **{field: value}),
            object_id=ENTRY,
            attribute=name,
            value=str(value),
        )
        for name, field, value in (
            ("creationTime", "creation_time", DTM("2024")),
            ("hash", "hash", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("size", "size", 0),
        )
    ),
    Case(
        rule="OD-004",
        name="stable before",
        right=on_demand(registered(unique_id=DOCUMENT_UNIQUE_ID)),
        wrong=on_demand(registered(STABLE, unique_id=DOCUMENT_UNIQUE_ID)),
        code="XDSDuplicateUniqueIdInRegistry",
        object_id=ENTRY,
        attribute="uniqueId",
        value=DOCUMENT_UNIQUE_ID,
    ),
    Case(
        rule="OD-004",
        name="on-demand before",
        right=stable(registered(STABLE, unique_id=DOCUMENT_UNIQUE_ID)),
        wrong=stable(registered(unique_id=DOCUMENT_UNIQUE_ID)),
        code="XDSDuplicateUniqueIdInRegistry",
        object_id=ENTRY,
        attribute="uniqueId",
        value=DOCUMENT_UNIQUE_ID,
    ),
    Case(
        rule="OD-005",
        name="an on-demand snapshot",
        right=snapshot(registered()),
        wrong=snapshot(registered(), on_demand()),
        object_id=LINK,
        attribute="sourceObject",
        value="Document01",
    ),
    Case(
        rule="OD-006",
        name="of a stable entry",
        right=snapshot(registered()),
        wrong=snapshot(registered(STABLE)),
        object_id=LINK,
        attribute="targetObject",
        value=OLD,
    ),
    Case(
        rule="OD-006",
        name="of an entry out of force",
        right=snapshot(registered()),
        wrong=snapshot(registered(status=AvailabilityStatus.DEPRECATED)),
        object_id=LINK,
        attribute="targetObject",
        value=OLD,
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == errors(case.right)


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == errors(case.wrong)


@pytest.mark.parametrize("profile", [REGISTER, REGISTER_ON_DEMAND], ids=lambda profile: profile.transaction)
def test_each_transaction_requires_what_its_entries_have(profile: Profile) -> None:
    """Also that the repositoryUniqueId is required of both (ITI TF-3 Table 4.3.1-3)."""
    sent = replace(on_demand(repository_unique_id=None, object_type=profile.entry_type), profile=profile)
    missing = ["repositoryUniqueId", *(["creationTime", "hash", "size"] if profile is REGISTER else [])]
    assert sorted(("META-020", name) for name in missing) == sorted(
        (rule, name) for rule, _, _, name, _ in errors(sent)
    )


def test_an_unknown_object_type_is_none_of_either_transaction() -> None:
    assert ["META-026"] == [rule for rule, *_ in errors(on_demand(object_type="urn:example:type"))]


def test_a_snapshot_follows_the_other_rules_of_relationships() -> None:
    of_another = snapshot(registered(patient_id="1^^^&1.2&ISO"))
    assert ["REG-008"] == [rule for rule, *_ in errors(of_another)]
