"""Each rule on the removal of metadata: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, SUBMISSION_SET_UNIQUE_ID
from tests.rule_cases import Case, found
from xds_adapter.model import KnownObject, RemovalFacts
from xds_adapter.rules import check_removal
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus

APPROVED = AvailabilityStatus.APPROVED
SET, ENTRY, MEMBER, OTHER = (f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f{n:03}" for n in range(4))


def known(kind: str, entry_uuid: str, **changes: Any) -> KnownObject:
    return KnownObject(**({"kind": kind, "entry_uuid": entry_uuid, "status": APPROVED} | changes))


def association(entry_uuid: str, source: str, target: str, kind: str = AssociationType.HAS_MEMBER) -> KnownObject:
    return known("Association", entry_uuid, source_object=source, target_object=target, association_type=kind)


SUBMISSION_SET = known("SubmissionSet", SET, unique_id=SUBMISSION_SET_UNIQUE_ID)
DOCUMENT = known("DocumentEntry", ENTRY, unique_id=DOCUMENT_UNIQUE_ID)
LINK = association(MEMBER, SET, ENTRY)


@dataclass(frozen=True)
class Removal:
    """What is to be removed, and all that the registry holds."""

    entry_uuids: tuple[str, ...]
    held: tuple[KnownObject, ...] = (SUBMISSION_SET, DOCUMENT, LINK)

    @property
    def facts(self) -> RemovalFacts:
        named = {known.entry_uuid: known for known in self.held if known.entry_uuid in self.entry_uuids}
        ends = {end for known in named.values() for end in (known.source_object, known.target_object)}
        linked = {k.entry_uuid: k for k in self.held if k.entry_uuid in ends and k.entry_uuid not in named}
        touched = {*named, *linked}
        associations = tuple(k for k in self.held if {k.source_object, k.target_object} & touched)
        return RemovalFacts(named=named, linked=linked, associations=associations)


def errors(removal: Removal) -> list[tuple[str, str, str, str, str]]:
    return found(check_removal(removal.entry_uuids, removal.facts))


WHOLE = Removal((SET, ENTRY, MEMBER))
CASES = [
    Case(
        rule="RM-002",
        name="an object that is not there",
        right=WHOLE,
        wrong=Removal((SET, ENTRY, MEMBER, OTHER)),
        code="UnresolvedReferenceException",
        object_id="ObjectRef",
        attribute="id",
        value=OTHER,
    ),
    Case(
        rule="RM-003",
        name="a relationship to a removed entry",
        right=Removal((SET, ENTRY, MEMBER, OTHER), (*WHOLE.held, association(OTHER, ENTRY, ENTRY))),
        wrong=Removal(
            (SET, ENTRY, MEMBER), (*WHOLE.held, association(OTHER, "urn:uuid:new", ENTRY, AssociationType.RPLC))
        ),
        code="ReferencesExistException",
        object_id=f"DocumentEntry {DOCUMENT_UNIQUE_ID}",
        attribute="entryUUID",
        value=ENTRY,
    ),
    Case(
        rule="RM-003",
        name="a membership of a removed membership",
        right=Removal((SET, ENTRY, MEMBER, OTHER), (*WHOLE.held, association(OTHER, SET, MEMBER))),
        wrong=Removal((SET, ENTRY, MEMBER), (*WHOLE.held, association(OTHER, "urn:uuid:set", MEMBER))),
        code="ReferencesExistException",
        object_id=f"Association {MEMBER}",
        attribute="entryUUID",
        value=MEMBER,
    ),
    Case(
        rule="RM-004",
        name="a set that loses its last member",
        right=Removal((ENTRY, MEMBER), (*WHOLE.held, association(OTHER, SET, "urn:uuid:second"))),
        wrong=Removal((ENTRY, MEMBER)),
        code="XDSUnreferencedObjectException",
        object_id=f"SubmissionSet {SUBMISSION_SET_UNIQUE_ID}",
        attribute="entryUUID",
        value=SET,
    ),
    Case(
        rule="RM-004",
        name="an entry that nothing holds any more",
        right=Removal((SET, MEMBER), (*WHOLE.held, association(OTHER, "urn:uuid:folder", ENTRY))),
        wrong=Removal((SET, MEMBER)),
        code="XDSUnreferencedObjectException",
        object_id=f"DocumentEntry {DOCUMENT_UNIQUE_ID}",
        attribute="entryUUID",
        value=ENTRY,
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == errors(case.right)


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == errors(case.wrong)


def test_all_findings_are_given_in_the_order_of_the_checks() -> None:
    removal = Removal((ENTRY, OTHER), (*WHOLE.held, association("urn:uuid:a", ENTRY, ENTRY)))
    assert ["RM-002", "RM-003", "RM-003"] == [rule for rule, *_ in errors(removal)]
    lone = Removal((OTHER, MEMBER), WHOLE.held)
    assert [("RM-002", OTHER), ("RM-004", SET), ("RM-004", ENTRY)] == [(e[0], e[4]) for e in errors(lone)]


def test_the_remaining_association_is_named() -> None:
    removal = Removal((SET, ENTRY, MEMBER), (*WHOLE.held, association(OTHER, ENTRY, "x", AssociationType.APND)))
    (error,) = check_removal(removal.entry_uuids, removal.facts)
    assert f"is an end of the APND Association {OTHER}, which is not removed with it" in error.code_context
