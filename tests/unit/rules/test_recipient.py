"""Each rule of a Document Recipient: what it allows passes, one broken thing yields one finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    FOLDER_UNIQUE_ID,
    LOCAL_PATIENT,
    SUBMISSION_SET_UNIQUE_ID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
    make_submission_with_folder,
)
from tests.rule_cases import Case, found
from xds_adapter.datatypes import DTM, Coded
from xds_adapter.ebxml import decode_submission, encode_submission
from xds_adapter.model import Association, DocumentEntry, Folder, Submission, SubmissionSet, SubmittedDocument
from xds_adapter.rules import check_received
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import Severity
from xds_adapter.xmlio import parse

METADATA_ERROR = "XDSRepositoryMetadataError"
ELSEWHERE = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009"
ENTRY = f"DocumentEntry {DOCUMENT_UNIQUE_ID}"
SET = f"SubmissionSet {SUBMISSION_SET_UNIQUE_ID}"
FOLDER = f"Folder {FOLDER_UNIQUE_ID}"
FOLDER_KEPT = ("XDR-010", "PartialFolderContentNotProcessed", FOLDER, "Folder", "")


def provided(submission: Submission, *document_ids: str) -> Submission:
    """The submission with a document for each entry."""
    ids = document_ids or tuple(entry.entry_uuid or "" for entry in submission.document_entries)
    documents = tuple(SubmittedDocument(document_id=name, content=BytesContent(b"a report")) for name in ids)
    return replace(submission, documents=documents)


def entry(**changes: Any) -> Submission:
    given = {"hash": None, "size": None, "repository_unique_id": None} | changes
    return provided(make_submission(document_entries=(make_document_entry(**given),)))


def of_set(**changes: Any) -> Submission:
    return replace(entry(), submission_set=make_submission_set(**changes))


def folder(**changes: Any) -> Submission:
    whole = entry()
    with_folder = make_submission_with_folder(folders=(make_folder(**changes),))
    return replace(with_folder, document_entries=whole.document_entries, documents=whole.documents)


def linked(**changes: Any) -> Submission:
    """A further association beside the one that must be."""
    association = make_association(**({"entry_uuid": "Association02", "submission_set_status": None} | changes))
    return replace(entry(), associations=(make_association(), association))


def related(kind: str | None) -> Submission:
    return linked(association_type=kind, source_object="Document01", target_object=ELSEWHERE)


LIMITED = Submission(
    document_entries=(
        DocumentEntry(
            entry_uuid="Document01", mime_type="text/plain", unique_id=DOCUMENT_UNIQUE_ID, limited_metadata=True
        ),
    ),
    submission_set=SubmissionSet(
        entry_uuid="SubmissionSet01",
        submission_time=DTM("20240305101600"),
        source_id="1.2.250.1.999.6",
        unique_id=SUBMISSION_SET_UNIQUE_ID,
        limited_metadata=True,
    ),
    associations=(make_association(),),
    documents=entry().documents,
)
"""The least that a labelled submission may hold."""
OPTIONAL: dict[type, dict[str, Any]] = {
    DocumentEntry: {
        "class_code": None,
        "confidentiality_codes": (),
        "creation_time": None,
        "format_code": None,
        "healthcare_facility_type_code": None,
        "language_code": None,
        "patient_id": None,
        "practice_setting_code": None,
        "source_patient_id": None,
        "type_code": None,
    },
    SubmissionSet: {"content_type_code": None, "patient_id": None},
    Folder: {"code_list": (), "patient_id": None, "title": None},
}
"""Required without the label, not with it, and what their absence is."""
NEEDED: dict[type, tuple[str, ...]] = {
    DocumentEntry: ("mime_type", "object_type", "unique_id"),
    SubmissionSet: ("source_id", "submission_time", "unique_id"),
    Folder: ("unique_id",),
}
MAKE: dict[type, Any] = {DocumentEntry: entry, SubmissionSet: of_set, Folder: folder}
NAMES = {DocumentEntry: ENTRY, SubmissionSet: SET, Folder: FOLDER}
BY_ID = {
    DocumentEntry: "DocumentEntry Document01",
    SubmissionSet: "SubmissionSet SubmissionSet01",
    Folder: "Folder Folder01",
}
TABLES = {
    DocumentEntry: ebrim.DOCUMENT_ENTRY,
    SubmissionSet: ebrim.SUBMISSION_SET,
    Folder: ebrim.FOLDER,
}


def _ihe_name(kind: type, field: str) -> str:
    return next(attribute.name for attribute in TABLES[kind] if attribute.field == field)


def _presence() -> list[Case]:
    cases = []
    for kind, fields in OPTIONAL.items():
        for field, absent in fields.items():
            name = f"{kind.__name__} {_ihe_name(kind, field)}"
            given = {field: absent}
            cases.append(
                Case(
                    rule="XDR-001",
                    name=name,
                    right=MAKE[kind](**given, limited_metadata=True),
                    wrong=MAKE[kind](**given),
                    code=METADATA_ERROR,
                    object_id=NAMES[kind],
                    attribute=_ihe_name(kind, field),
                )
            )
    for kind, needed in NEEDED.items():
        cases += [
            Case(
                rule="XDR-001",
                name=f"labelled {kind.__name__} {field}",
                right=MAKE[kind](limited_metadata=True),
                wrong=MAKE[kind](**{field: None}, limited_metadata=True),
                code=METADATA_ERROR,
                object_id=BY_ID[kind] if field == "unique_id" else NAMES[kind],
                attribute=_ihe_name(kind, field),
            )
            for field in needed
        ]
    return cases


def _kept(rule: str, code: str, kind: str, right: Submission | None = None) -> Case:
    return Case(
        rule=rule,
        name=kind.rpartition(":")[2],
        right=right or entry(),
        wrong=related(kind),
        code=code,
        object_id="Association Association02",
        attribute="associationType",
        value=kind,
    )


CASES = [
    *_presence(),
    Case(
        rule="XDR-002",
        name="entry and set",
        right=entry(),
        wrong=entry(patient_id=LOCAL_PATIENT),
        code="XDSPatientIdDoesNotMatch",
        object_id=ENTRY,
        attribute="patientId",
        value=LOCAL_PATIENT.text,
    ),
    Case(
        rule="XDR-002",
        name="two entries, and the set names nobody",
        right=entry(),
        wrong=provided(
            replace(
                LIMITED,
                document_entries=(
                    make_document_entry(hash=None, size=None),
                    make_document_entry(
                        entry_uuid="Document02", unique_id="1.2.3", hash=None, size=None, patient_id=LOCAL_PATIENT
                    ),
                ),
                associations=(
                    make_association(),
                    make_association(entry_uuid="Association02", target_object="Document02"),
                ),
            )
        ),
        code="XDSPatientIdDoesNotMatch",
        object_id="DocumentEntry 1.2.3",
        attribute="patientId",
        value=LOCAL_PATIENT.text,
    ),
    Case(
        rule="XDR-010",
        name="folder",
        right=entry(),
        wrong=folder(),
        code="PartialFolderContentNotProcessed",
        object_id=FOLDER,
        attribute="Folder",
    ),
    Case(
        rule="XDR-010",
        name="folder that was submitted before",
        right=entry(),
        wrong=linked(source_object=ELSEWHERE, target_object="Document01"),
        code="PartialFolderContentNotProcessed",
        object_id="Association Association02",
        attribute="sourceObject",
        value=ELSEWHERE,
    ),
    _kept("XDR-011", "PartialAppendContentNotProcessed", AssociationType.APND),
    _kept("XDR-012", "PartialReplaceContentNotProcessed", AssociationType.RPLC),
    _kept("XDR-013", "PartialTransformNotProcessed", AssociationType.XFRM),
    _kept("XDR-014", "PartialTransformReplaceNotProcessed", AssociationType.XFRM_RPLC),
    _kept("XDR-015", "PartialRelationshipContentNotProcessed", AssociationType.SIGNS),
    _kept("XDR-015", "PartialRelationshipContentNotProcessed", AssociationType.IS_SNAPSHOT_OF),
    _kept("XDR-015", "PartialRelationshipContentNotProcessed", "urn:example:relates"),
    Case(
        rule="XDR-015",
        name="reference to a document that was submitted before",
        right=entry(),
        wrong=linked(target_object=ELSEWHERE, submission_set_status="Reference"),
        code="PartialRelationshipContentNotProcessed",
        object_id="Association Association02",
        attribute="associationType",
        value=AssociationType.HAS_MEMBER,
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


def findings(submission: Submission, **options: Any) -> list[tuple[str, str, str, str, str]]:
    return found(check_received(submission, **options))


def _without_folder_warning(submission: Submission, expected: Sequence[str]) -> list[tuple[str, str, str, str, str]]:
    """Findings, without the warning that a folder brings, unless that is what is looked for."""
    all_of_them = findings(submission)
    by_id = ("XDR-010", "PartialFolderContentNotProcessed", BY_ID[Folder], "Folder", "")
    return [one for one in all_of_them if one[0] in expected or one not in (FOLDER_KEPT, by_id)]


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert [] == _without_folder_warning(case.right, ())


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    assert [case.finding] == _without_folder_warning(case.wrong, [case.rule] if case.rule == "XDR-010" else [])


def test_what_is_kept_only_is_a_warning_and_nothing_else_is() -> None:
    for case in CASES:
        (error,) = [e for e in check_received(case.wrong) if e.rule == case.rule]
        assert (Severity.WARNING if case.rule >= "XDR-010" else Severity.ERROR) == error.severity


def test_the_least_that_a_labelled_submission_may_hold() -> None:
    assert [] == findings(LIMITED)


def test_the_same_without_the_labels_lacks_everything_else() -> None:
    plain = replace(
        LIMITED,
        document_entries=tuple(replace(e, limited_metadata=False) for e in LIMITED.document_entries),
        submission_set=replace(LIMITED.submission_set or SubmissionSet(), limited_metadata=False),
    )
    expected = {_ihe_name(kind, field) for kind in (DocumentEntry, SubmissionSet) for field in OPTIONAL[kind]}
    assert {("XDR-001", METADATA_ERROR)} == {(rule, code) for rule, code, *_ in findings(plain)}
    assert expected == {attribute for _, _, _, attribute, _ in findings(plain)}


def test_a_label_changes_nothing_where_limited_metadata_are_not_accepted() -> None:
    refused = check_received(LIMITED, limited_metadata=False)
    assert {"XDR-001"} == {error.rule for error in refused}
    assert all("does not accept limited metadata" in error.code_context for error in refused)
    assert [] == findings(entry(limited_metadata=True), limited_metadata=False)


def test_each_object_is_judged_by_its_own_label() -> None:
    mixed = replace(LIMITED, submission_set=make_submission_set(content_type_code=None))
    assert [("XDR-001", METADATA_ERROR, SET, "contentTypeCode", "")] == findings(mixed)


def test_codes_may_be_any_but_must_be_well_formed() -> None:
    assert [] == findings(entry(class_code=Coded("any", "1.2.3", "Any")))
    rules = [(rule, code) for rule, code, *_ in findings(entry(class_code=Coded("", "1.2.3", "Any")))]
    assert [("META-022", METADATA_ERROR)] == rules


def test_what_is_there_is_checked_although_it_need_not_be() -> None:
    ill_formed = replace(
        LIMITED, document_entries=tuple(replace(e, creation_time=DTM("soon")) for e in LIMITED.document_entries)
    )
    assert [("META-021", METADATA_ERROR, ENTRY, "creationTime", "soon")] == findings(ill_formed)


def test_an_on_demand_entry_has_no_document_to_hand_over() -> None:
    found_rules = [rule for rule, *_ in findings(entry(object_type=DocumentEntryType.ON_DEMAND))]
    assert ["META-027"] == found_rules


def test_documents_are_compared_with_their_metadata() -> None:
    assert [("REPO-003", METADATA_ERROR), ("REPO-004", METADATA_ERROR)] == [
        (rule, code) for rule, code, *_ in findings(entry(hash="0" * 40, size=1))
    ]
    without, surplus = replace(entry(), documents=()), provided(entry(), "Document01", "Document02")
    assert ["XDSMissingDocument"] == [code for _, code, *_ in findings(without)]
    assert ["XDSMissingDocumentMetadata"] == [code for _, code, *_ in findings(surplus)]


def test_a_unique_id_that_stands_twice_is_reported_once() -> None:
    entries = tuple(make_document_entry(entry_uuid=f"Document0{n}", hash=None, size=None) for n in (1, 2))
    links = tuple(make_association(entry_uuid=f"A{n}", target_object=f"Document0{n}") for n in (1, 2))
    twice = provided(make_submission(document_entries=entries, associations=links))
    assert [("META-060", "XDSRepositoryDuplicateUniqueIdInMessage")] == [(r, c) for r, c, *_ in findings(twice)]


def test_an_entry_belongs_to_the_submission_set() -> None:
    alone = replace(entry(), associations=())
    assert [("META-041", METADATA_ERROR, ENTRY, "HasMember", "")] == findings(alone)


@pytest.mark.parametrize("wrong", [None, "Own"])
def test_the_link_says_original(wrong: str | None) -> None:
    links: tuple[Association, ...] = (make_association(submission_set_status=wrong),)
    assert ["META-042"] == [rule for rule, *_ in findings(replace(entry(), associations=links))]


def test_what_the_decoder_found_is_kept_with_the_codes_of_a_repository() -> None:
    xml = encode_submission(entry()).replace(' name="creationTime"', ' name="unknown"').encode()
    submission, form = decode_submission(parse(xml))
    expected = [
        ("META-003", METADATA_ERROR, ENTRY, "unknown", ""),
        ("XDR-001", METADATA_ERROR, ENTRY, "creationTime", ""),
    ]
    assert expected == findings(replace(submission, documents=entry().documents), form=form)


def test_a_submission_needs_its_set() -> None:
    without = replace(entry(), submission_set=None, associations=())
    assert ["META-001"] == [rule for rule, *_ in findings(without)]
    submission, form = decode_submission(parse(encode_submission(without).encode()))
    assert ["META-001"] == [rule for rule, *_ in findings(replace(submission, documents=without.documents), form=form)]
