"""Each rule on stored queries: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import DOCUMENT_UNIQUE_ID, ENTRY_UUID, PATIENT
from tests.rule_cases import Case, found
from xds_adapter.model import ParameterSlot, ReturnType, StoredQuery
from xds_adapter.rules import check_query
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import (
    FIND_DOCUMENTS,
    FIND_SUBMISSION_SETS,
    GET_ASSOCIATIONS,
    GET_DOCUMENTS,
    STORED_QUERIES,
    Parameter,
    ParameterForm,
    StoredQueryForm,
)

MISSING_PARAM = "XDSStoredQueryMissingParam"
PARAM_NUMBER = "XDSStoredQueryParamNumber"
REGISTRY_ERROR = "XDSRegistryError"

Slots = tuple[ParameterSlot, ...]


def one(*values: str) -> Slots:
    """A value without parentheses."""
    return (ParameterSlot(values),)


def many(*values: str) -> Slots:
    """A list."""
    return (ParameterSlot(values, listed=True),)


_VALUES: dict[str, str] = {
    "$XDSDocumentEntryPatientId": PATIENT.text,
    "$XDSSubmissionSetPatientId": PATIENT.text,
    "$XDSFolderPatientId": PATIENT.text,
    "$patientId": PATIENT.text,
    "$XDSDocumentEntryUniqueId": DOCUMENT_UNIQUE_ID,
    "$AssociationTypes": AssociationType.RPLC,
    "$XDSDocumentEntryReferenceIdList": "ACC%",
    "$uuid": ENTRY_UUID,
}
_SINGLE = {ParameterForm.TEXT, ParameterForm.TIME, ParameterForm.NUMBER, ParameterForm.PATTERN}


def _valid(parameter: Parameter) -> Slots:
    value = AvailabilityStatus.APPROVED if parameter.name.endswith("Status") else _VALUES.get(parameter.name, "1.2.3")
    return one(value) if parameter.form in _SINGLE else many(value)


def _required(form: StoredQueryForm) -> dict[str, Slots]:
    """A valid value of every parameter that a query must have, of one of its alternatives, and of one of its many."""
    chosen = {*(name for name in form.one_of if name.endswith("UniqueId")), *form.some_of[:1], *(form.one_of[:1] or ())}
    if any(name.endswith("UniqueId") for name in form.one_of):
        chosen -= set(form.one_of[:1])
    return {p.name: _valid(p) for p in form.parameters if p.required or p.name in chosen}


REQUIRED: dict[str, dict[str, Slots]] = {form.name: _required(form) for form in STORED_QUERIES.values()}


def asked(form: StoredQueryForm, /, **changes: Slots | None) -> StoredQuery:
    """A valid query with these parameters; None leaves one out. Names come without their dollar."""
    given: dict[str, Slots | None] = {**REQUIRED[form.name], **{f"${name}": slots for name, slots in changes.items()}}
    parameters = {name: slots for name, slots in given.items() if slots is not None}
    return StoredQuery(query_id=form.query_id, parameters=parameters)


def returning(return_type: str, **changes: Slots | None) -> StoredQuery:
    return replace(asked(FIND_DOCUMENTS, **changes), return_type=return_type)


def parameter(
    rule: str, form: StoredQueryForm, name: str, right: Slots | None, wrong: Slots | None, *, value: str = ""
) -> Case:
    code = {"SQ-002": MISSING_PARAM, "SQ-003": PARAM_NUMBER, "SQ-004": REGISTRY_ERROR}[rule]
    return Case(
        rule=rule,
        name=f"{form.name} {name} {value}",
        right=asked(form, **{name: right}),
        wrong=asked(form, **{name: wrong}),
        code=code,
        object_id=form.name,
        attribute=f"${name}",
        value=value,
    )


def required(form: StoredQueryForm, name: str) -> Case:
    return parameter("SQ-002", form, name, REQUIRED[form.name][f"${name}"], None)


APPROVED = AvailabilityStatus.APPROVED
CASES = [
    Case(
        rule="SQ-001",
        name="unknown query",
        right=asked(FIND_DOCUMENTS),
        wrong=StoredQuery(query_id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0e"),
        code="XDSUnknownStoredQuery",
        attribute="AdhocQuery/@id",
        value="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0e",
    ),
    required(FIND_DOCUMENTS, "XDSDocumentEntryPatientId"),
    required(FIND_DOCUMENTS, "XDSDocumentEntryStatus"),
    required(FIND_SUBMISSION_SETS, "XDSSubmissionSetPatientId"),
    required(FIND_SUBMISSION_SETS, "XDSSubmissionSetStatus"),
    required(GET_ASSOCIATIONS, "uuid"),
    parameter("SQ-002", FIND_DOCUMENTS, "XDSDocumentEntryStatus", many("Unknown", APPROVED), many("Approved")),
    Case(
        rule="SQ-002",
        name="GetDocuments without ids",
        right=asked(GET_DOCUMENTS, XDSDocumentEntryUniqueId=None, XDSDocumentEntryEntryUUID=many(ENTRY_UUID)),
        wrong=asked(GET_DOCUMENTS, XDSDocumentEntryUniqueId=None),
        code=MISSING_PARAM,
        object_id="GetDocuments",
        attribute="$XDSDocumentEntryEntryUUID or $XDSDocumentEntryUniqueId or $XDSDocumentEntryLogicalID",
    ),
    Case(
        rule="SQ-003",
        name="GetDocuments by both ids",
        right=asked(GET_DOCUMENTS),
        wrong=asked(GET_DOCUMENTS, XDSDocumentEntryEntryUUID=many(ENTRY_UUID)),
        code=PARAM_NUMBER,
        object_id="GetDocuments",
        attribute="$XDSDocumentEntryEntryUUID or $XDSDocumentEntryUniqueId or $XDSDocumentEntryLogicalID",
    ),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryPatientId", one("1"), one("1", "2")),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryPatientId", one("1"), many("1")),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryCreationTimeFrom", one("2024"), many("2024")),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryCreationTimeFrom", one("2024"), one("2024") * 2),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryStatus", many(APPROVED), one(APPROVED)),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryClassCode", many("a^^b"), many("a^^b") * 2),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryEventCodeList", many("a^^b") * 2, one("a^^b") * 2),
    parameter("SQ-003", FIND_SUBMISSION_SETS, "XDSSubmissionSetAuthorPerson", one("%A%"), many("%A%")),
    parameter("SQ-004", FIND_DOCUMENTS, "XDSDocumentEntryClassCode", many("a^^b"), many("a"), value="a"),
    parameter("SQ-004", FIND_DOCUMENTS, "XDSDocumentEntryTypeCode", many("a^^b"), many("a^^b", "a^^"), value="a^^"),
    parameter("SQ-004", FIND_DOCUMENTS, "XDSDocumentEntryEventCodeList", many("a^^b"), many("^^b"), value="^^b"),
    parameter("SQ-004", FIND_DOCUMENTS, "XDSDocumentEntryFormatCode", many("a^^b"), many("a^b"), value="a^b"),
    parameter("SQ-003", FIND_DOCUMENTS, "XDSDocumentEntryTypeCode", many("a^^b"), many("a^^b") * 2),
    parameter("SQ-003", FIND_DOCUMENTS, "MetadataLevel", one("2"), many("2")),
    parameter("SQ-004", FIND_DOCUMENTS, "MetadataLevel", one("2"), one("two"), value="two"),
    parameter("SQ-004", FIND_DOCUMENTS, "XDSDocumentEntryServiceStopTimeTo", one("2024"), one("24"), value="24"),
    *(
        Case(
            rule="SQ-005",
            name=f"return type {wrong!r}",
            right=returning(ReturnType.OBJECT_REF),
            wrong=returning(wrong),
            code=REGISTRY_ERROR,
            attribute="returnType",
            value=wrong,
        )
        for wrong in ("RegistryObject", "leafclass", "")
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == found(check_query(case.right))


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == found(check_query(case.wrong))


@pytest.mark.parametrize("form", STORED_QUERIES.values(), ids=lambda form: form.name)
def test_a_query_needs_nothing_but_its_required_parameters(form: StoredQueryForm) -> None:
    assert [] == check_query(asked(form), multi_patient=form.multi_patient)


@pytest.mark.parametrize("slots", [one("x"), many("x", "y"), one("a") * 3])
def test_an_unknown_parameter_is_ignored(slots: Slots) -> None:
    assert [] == check_query(asked(FIND_DOCUMENTS, XDSDocumentEntryFavouriteColour=slots))


@pytest.mark.parametrize("form", [f for f in STORED_QUERIES.values() if f.some_of], ids=lambda form: form.name)
def test_a_query_for_multiple_patients_must_ask_for_something(form: StoredQueryForm) -> None:
    bare = asked(form, **{name.removeprefix("$"): None for name in form.some_of})
    expected = ("SQ-002", MISSING_PARAM, form.name, " or ".join(form.some_of), "")
    assert [expected] == found(check_query(bare, multi_patient=True))


def test_all_that_is_wrong_is_reported_at_once() -> None:
    changes: dict[str, Any] = {
        "XDSDocumentEntryPatientId": None,
        "XDSDocumentEntryStatus": one("x"),
        "XDSDocumentEntryClassCode": many("a"),
        "XDSDocumentEntryCreationTimeTo": many("x"),
    }
    errors = check_query(returning("x", **changes))
    expected = ["SQ-002", "SQ-002", "SQ-003", "SQ-003", "SQ-004", "SQ-004", "SQ-005"]
    assert expected == sorted(error.rule for error in errors)
