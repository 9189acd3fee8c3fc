"""Patients that were merged: nothing is submitted for them, and a site may refuse queries that name them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, PATIENT, SUBMISSION_SET_UNIQUE_ID, make_document_entry, make_submission
from tests.rule_cases import Case, found
from xds_adapter.datatypes import CX
from xds_adapter.model import ParameterSlot, RegistryFacts, StoredQuery, Submission
from xds_adapter.rules import check_query_patients, check_registered
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS, FIND_SUBMISSION_SETS, GET_DOCUMENTS, StoredQueryForm

OTHER = CX.of("PAT-2", "1.2.3")
UNKNOWN = "XDSUnknownPatientId"


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """A submission, and which patients are in force or merged."""

    submission: Submission = field(default_factory=make_submission)
    patients: frozenset[str] = frozenset({PATIENT.key, OTHER.key})
    merged: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query, and what became of patients."""

    query: StoredQuery
    standing: dict[str, str | None] = field(default_factory=dict)


def asking(form: StoredQueryForm, parameter: str, *patients: CX) -> StoredQuery:
    slot = ParameterSlot(tuple(patient.text for patient in patients))
    status = ParameterSlot((AvailabilityStatus.APPROVED,), listed=True)
    return StoredQuery(query_id=form.query_id, parameters={parameter: (slot,), "$XDSDocumentEntryStatus": (status,)})


DOCUMENTS = asking(FIND_DOCUMENTS, "$XDSDocumentEntryPatientId", PATIENT)
SETS = asking(FIND_SUBMISSION_SETS, "$XDSSubmissionSetPatientId", PATIENT)
ENTRY_OF_OTHER = make_submission(document_entries=(make_document_entry(patient_id=OTHER),))

CASES = [
    Case(
        rule="PIF-001",
        name="set",
        right=Submitted(),
        wrong=Submitted(patients=frozenset(), merged=frozenset({PATIENT.key})),
        code=UNKNOWN,
        object_id=f"SubmissionSet {SUBMISSION_SET_UNIQUE_ID}",
        attribute="patientId",
        value=PATIENT.text,
    ),
    Case(
        rule="PIF-001",
        name="entry",
        right=Submitted(submission=ENTRY_OF_OTHER),
        wrong=Submitted(submission=ENTRY_OF_OTHER, merged=frozenset({OTHER.key})),
        code=UNKNOWN,
        object_id=f"DocumentEntry {DOCUMENT_UNIQUE_ID}",
        attribute="patientId",
        value=OTHER.text,
    ),
    Case(
        rule="PIF-002",
        name="merged",
        right=Asked(query=DOCUMENTS, standing={PATIENT.key: None}),
        wrong=Asked(query=DOCUMENTS, standing={PATIENT.key: OTHER.key}),
        code=UNKNOWN,
        object_id="FindDocuments",
        attribute="$XDSDocumentEntryPatientId",
        value=PATIENT.text,
    ),
    Case(
        rule="PIF-002",
        name="unknown",
        right=Asked(query=SETS, standing={PATIENT.key: None}),
        wrong=Asked(query=SETS),
        code=UNKNOWN,
        object_id="FindSubmissionSets",
        attribute="$XDSSubmissionSetPatientId",
        value=PATIENT.text,
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def errors(case: Submitted | Asked, *, unknown_patients: bool = False) -> list[tuple[str, str, str, str, str]]:
    if isinstance(case, Asked):
        return found(check_query_patients(case.query, case.standing, unknown_patients=unknown_patients))
    facts = RegistryFacts(patients=case.patients, merged=case.merged)
    return found(check_registered(case.submission, facts, unknown_patients=unknown_patients))


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == errors(case.right)


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == errors(case.wrong)


@pytest.mark.parametrize("case", [case for case in CASES if case.name != "unknown"], ids=str)
def test_a_merged_patient_is_refused_also_where_unknown_ones_are_accepted(case: Case) -> None:
    assert [case.finding] == errors(case.wrong, unknown_patients=True)


def test_an_unknown_patient_may_be_asked_for_where_such_are_accepted() -> None:
    assert [] == errors(Asked(query=SETS), unknown_patients=True)


def test_the_words_do_not_name_the_surviving_identifier() -> None:
    (error,) = check_query_patients(DOCUMENTS, {PATIENT.key: OTHER.key}, unknown_patients=False)
    assert "PAT-2" not in error.code_context


def test_each_of_several_patients_is_judged() -> None:
    query = asking(FIND_DOCUMENTS, "$XDSDocumentEntryPatientId", PATIENT, OTHER)
    assert [PATIENT.text, OTHER.text] == [value for *_, value in errors(Asked(query=query))]


def test_a_query_without_patient_is_not_judged() -> None:
    slot = ParameterSlot((DOCUMENT_UNIQUE_ID,), listed=True)
    query = StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters={"$XDSDocumentEntryUniqueId": (slot,)})
    assert [] == errors(Asked(query=query))
