"""What each stored query returns, on a registry with sets, entries, a folder and what links them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import (
    DOCUMENT_UNIQUE_ID,
    FOLDER_UNIQUE_ID,
    LOCAL_PATIENT,
    PATIENT,
    SUBMISSION_SET_UNIQUE_ID,
    make_association,
    make_document_entry,
    make_submission,
    make_submission_set,
    make_submission_with_folder,
)
from xds_adapter.actors import DocumentRegistry, LeafCodec
from xds_adapter.datatypes import CX
from xds_adapter.ebxml import decode_leaf, encode_leaf
from xds_adapter.model import ParameterSlot, ReturnType, StoredQuery, Submission
from xds_adapter.storage import Database
from xds_adapter.vocabulary import stored_queries as queries
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import StoredQueryForm

Slots = tuple[ParameterSlot, ...]
APPENDIX, OTHER, SECOND_SET, OTHER_SET = (
    "1.2.250.1.999.2.2",
    "1.2.250.1.999.2.3",
    "1.2.250.1.999.3.2",
    "1.2.250.1.999.3.3",
)
APPROVED = AvailabilityStatus.APPROVED


def one(value: str) -> Slots:
    return (ParameterSlot((value,)),)


def many(*values: str) -> Slots:
    return (ParameterSlot(values, listed=True),)


def uuid(number: int) -> str:
    return f"urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f{number:03x}"


NAMES: dict[str, str] = {}
"""What stands for an entryUUID in the expectations below."""


def with_uuids(submission: Submission, first: int, **names: str) -> Submission:
    """Give every object a UUID of its own, and remember it under a name."""
    symbols = [o.entry_uuid or "" for o in submission.objects()]
    given = {symbol: uuid(first + number) for number, symbol in enumerate(symbols)}
    NAMES.update({given[symbol]: name for symbol, name in names.items()})

    def of(symbol: str | None) -> str | None:
        return given.get(symbol or "", symbol)

    assert submission.submission_set is not None
    return replace(
        submission,
        submission_set=replace(submission.submission_set, entry_uuid=of(submission.submission_set.entry_uuid)),
        document_entries=tuple(replace(e, entry_uuid=of(e.entry_uuid)) for e in submission.document_entries),
        folders=tuple(replace(f, entry_uuid=of(f.entry_uuid)) for f in submission.folders),
        associations=tuple(
            replace(
                a, entry_uuid=of(a.entry_uuid), source_object=of(a.source_object), target_object=of(a.target_object)
            )
            for a in submission.associations
        ),
    )


FIRST = with_uuids(
    make_submission_with_folder(),
    0x100,
    Document01="report",
    SubmissionSet01="set",
    Folder01="folder",
    Association01="set>report",
    Association02="set>folder",
    Association03="folder>report",
    Association04="set>membership",
)
REPORT, FOLDER = FIRST.document_entries[0].entry_uuid or "", FIRST.folders[0].entry_uuid or ""
SECOND = with_uuids(
    make_submission(
        submission_set=make_submission_set(unique_id=SECOND_SET),
        document_entries=(make_document_entry(unique_id=APPENDIX),),
        associations=(
            make_association(),
            make_association(
                entry_uuid="Association02",
                association_type=AssociationType.APND,
                source_object="Document01",
                target_object=REPORT,
                submission_set_status=None,
            ),
        ),
    ),
    0x200,
    Document01="appendix",
    SubmissionSet01="second set",
    Association01="second set>appendix",
    Association02="appendix>report",
)
THIRD = with_uuids(
    make_submission(
        submission_set=make_submission_set(unique_id=OTHER_SET, patient_id=LOCAL_PATIENT),
        document_entries=(make_document_entry(unique_id=OTHER, patient_id=LOCAL_PATIENT),),
    ),
    0x300,
    Document01="other",
    SubmissionSet01="other set",
    Association01="other set>other",
)
OF_PATIENT = ["set", "second set", "report", "appendix", "folder", "set>report", "set>folder", "folder>report"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentRegistry]:
    folder: Path = tmp_path_factory.mktemp("registry")
    database = Database(folder / "data")
    made = DocumentRegistry(database, LeafCodec(encode_leaf, decode_leaf), unknown_patients=True, max_query_results=20)
    for submission in (FIRST, SECOND, THIRD):
        outcome = made.register(submission)
        assert (True, ()) == (outcome.is_success, outcome.errors)
    yield made
    database.close()


def asked(registry: DocumentRegistry, form: StoredQueryForm, /, **parameters: Slots) -> list[str]:
    """The names of what a query returns, or the code of its refusal."""
    return asked_for(registry, ReturnType.LEAF_CLASS, form, **parameters)


def asked_for(registry: DocumentRegistry, return_type: str, form: StoredQueryForm, /, **parameters: Slots) -> list[str]:
    named = {f"${name}": slots for name, slots in parameters.items()}
    query = StoredQuery(query_id=form.query_id, parameters=named, return_type=return_type)
    outcome, made = registry.query(
        query, (), lambda objects: [NAMES[o.entry_uuid] for o in objects], multi_patient=form.multi_patient
    )
    return [error.code for error in outcome.errors] if made is None else made


STATUS = {"XDSDocumentEntryStatus": many(APPROVED)}
FIND = {"XDSDocumentEntryPatientId": one(PATIENT.text), **STATUS}


def test_find_documents(registry: DocumentRegistry) -> None:
    assert ["report", "appendix"] == asked(registry, queries.FIND_DOCUMENTS, **FIND)
    assert [] == asked(registry, queries.FIND_DOCUMENTS, **FIND | {"XDSDocumentEntryTypeCode": many("x^^y")})


def test_find_documents_by_reference_id(registry: DocumentRegistry) -> None:
    form = queries.FIND_DOCUMENTS_BY_REFERENCE_ID
    reference = FIRST.document_entries[0].reference_id_list[0].text
    assert ["report", "appendix"] == asked(registry, form, **FIND, XDSDocumentEntryReferenceIdList=many(reference))
    assert ["report", "appendix"] == asked(registry, form, **FIND, XDSDocumentEntryReferenceIdList=many("1.2.250.%"))
    both = (*many(reference), *many("x%"))
    assert [] == asked(registry, form, **FIND, XDSDocumentEntryReferenceIdList=both)
    assert ["XDSStoredQueryMissingParam"] == asked(registry, form, **FIND)


def test_find_submission_sets(registry: DocumentRegistry) -> None:
    parameters = {"XDSSubmissionSetPatientId": one(PATIENT.text), "XDSSubmissionSetStatus": many(APPROVED)}
    assert ["set", "second set"] == asked(registry, queries.FIND_SUBMISSION_SETS, **parameters)


def test_find_folders(registry: DocumentRegistry) -> None:
    parameters = {"XDSFolderPatientId": one(PATIENT.text), "XDSFolderStatus": many(APPROVED)}
    assert ["folder"] == asked(registry, queries.FIND_FOLDERS, **parameters)
    assert [] == asked(registry, queries.FIND_FOLDERS, **parameters, XDSFolderCodeList=many("x^^y"))


def test_get_all(registry: DocumentRegistry) -> None:
    parameters = {
        "patientId": one(PATIENT.text),
        "XDSDocumentEntryStatus": many(APPROVED),
        "XDSSubmissionSetStatus": many(APPROVED),
        "XDSFolderStatus": many(APPROVED),
    }
    expected = [*OF_PATIENT, "set>membership", "second set>appendix", "appendix>report"]
    found = asked(registry, queries.GET_ALL, **parameters)
    assert sorted(expected) == sorted(found)
    assert ["XDSStoredQueryMissingParam"] == asked(registry, queries.GET_ALL, **parameters | {"XDSFolderStatus": ()})


@pytest.mark.parametrize(
    ("name", "values"),
    [("XDSDocumentEntryEntryUUID", [REPORT]), ("XDSDocumentEntryUniqueId", [DOCUMENT_UNIQUE_ID, "1.2"])],
)
def test_get_documents(registry: DocumentRegistry, name: str, values: list[str]) -> None:
    assert ["report"] == asked(registry, queries.GET_DOCUMENTS, **{name: many(*values)})
    assert ["report"] == asked(registry, queries.GET_DOCUMENTS, XDSDocumentEntryLogicalID=many(REPORT))


def test_documents_of_two_patients_come_as_references_only(registry: DocumentRegistry) -> None:
    ids = {"XDSDocumentEntryUniqueId": many(DOCUMENT_UNIQUE_ID, OTHER)}
    assert ["XDSResultNotSinglePatient"] == asked(registry, queries.GET_DOCUMENTS, **ids)
    assert ["report", "other"] == asked_for(registry, ReturnType.OBJECT_REF, queries.GET_DOCUMENTS, **ids)


def test_get_folders(registry: DocumentRegistry) -> None:
    for name, value in (("EntryUUID", FOLDER), ("UniqueId", FOLDER_UNIQUE_ID), ("LogicalID", FOLDER)):
        assert ["folder"] == asked(registry, queries.GET_FOLDERS, **{f"XDSFolder{name}": many(value)})


def test_get_associations(registry: DocumentRegistry) -> None:
    expected = ["set>report", "folder>report", "appendix>report"]
    assert sorted(expected) == sorted(asked(registry, queries.GET_ASSOCIATIONS, uuid=many(REPORT)))
    status = many(AvailabilityStatus.DEPRECATED)
    assert [] == asked(registry, queries.GET_ASSOCIATIONS, uuid=many(REPORT), XDSAssociationStatus=status)


def test_get_documents_and_associations(registry: DocumentRegistry) -> None:
    found = asked(registry, queries.GET_DOCUMENTS_AND_ASSOCIATIONS, XDSDocumentEntryUniqueId=many(DOCUMENT_UNIQUE_ID))
    assert ["report", *sorted(["set>report", "folder>report", "appendix>report"])] == [found[0], *sorted(found[1:])]


def test_get_submission_sets(registry: DocumentRegistry) -> None:
    assert ["set", "set>report"] == asked(registry, queries.GET_SUBMISSION_SETS, uuid=many(REPORT))
    found = asked(registry, queries.GET_SUBMISSION_SETS, uuid=many(REPORT, FOLDER))
    assert ["set", "set>folder", "set>report"] == [found[0], *sorted(found[1:])]


@pytest.mark.parametrize(
    ("name", "value"),
    [("EntryUUID", FIRST.submission_set and FIRST.submission_set.entry_uuid), ("UniqueId", SUBMISSION_SET_UNIQUE_ID)],
)
def test_get_submission_set_and_contents(registry: DocumentRegistry, name: str, value: str) -> None:
    form = queries.GET_SUBMISSION_SET_AND_CONTENTS
    everything = ["folder", "folder>report", "report", "set", "set>folder", "set>membership", "set>report"]
    assert everything == sorted(asked(registry, form, **{f"XDSSubmissionSet{name}": one(value)}))
    filtered = {f"XDSSubmissionSet{name}": one(value), "XDSDocumentEntryFormatCode": many("x^^y")}
    assert ["folder", "set", "set>folder"] == sorted(asked(registry, form, **filtered))


@pytest.mark.parametrize(("name", "value"), [("EntryUUID", FOLDER), ("UniqueId", FOLDER_UNIQUE_ID)])
def test_get_folder_and_contents(registry: DocumentRegistry, name: str, value: str) -> None:
    form = queries.GET_FOLDER_AND_CONTENTS
    assert ["folder", "report", "folder>report"] == asked(registry, form, **{f"XDSFolder{name}": one(value)})
    filtered = {f"XDSFolder{name}": one(value), "XDSDocumentEntryType": many(DocumentEntryType.ON_DEMAND)}
    assert ["folder"] == asked(registry, form, **filtered)


def test_get_folders_for_document(registry: DocumentRegistry) -> None:
    form = queries.GET_FOLDERS_FOR_DOCUMENT
    assert ["folder"] == asked(registry, form, XDSDocumentEntryEntryUUID=one(REPORT))
    assert [] == asked(registry, form, XDSDocumentEntryUniqueId=one(APPENDIX))


@pytest.mark.parametrize("unique_id", [DOCUMENT_UNIQUE_ID, APPENDIX])
def test_get_related_documents_gives_both_ends(registry: DocumentRegistry, unique_id: str) -> None:
    form, ids = queries.GET_RELATED_DOCUMENTS, {"XDSDocumentEntryUniqueId": one(unique_id)}
    found = asked(registry, form, **ids, AssociationTypes=many(AssociationType.APND))
    assert ["report", "appendix", "appendix>report"] == found
    assert [] == asked(registry, form, **ids, AssociationTypes=many(AssociationType.RPLC))


def test_queries_for_multiple_patients(registry: DocumentRegistry) -> None:
    form = queries.FIND_DOCUMENTS_FOR_MULTIPLE_PATIENTS
    patients = many(PATIENT.text, LOCAL_PATIENT.text)
    every = ["report", "appendix", "other"]
    assert every == asked(registry, form, **STATUS, XDSDocumentEntryPatientId=patients)
    code = FIRST.document_entries[0].class_code
    assert code is not None
    assert every == asked(registry, form, **STATUS, XDSDocumentEntryClassCode=many(code.key))
    assert ["XDSStoredQueryMissingParam"] == asked(registry, form, **STATUS)
    folders = queries.FIND_FOLDERS_FOR_MULTIPLE_PATIENTS
    assert ["folder"] == asked(registry, folders, XDSFolderStatus=many(APPROVED), XDSFolderPatientId=patients)
    by_reference = queries.FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_MULTIPLE_PATIENTS
    wanted = {"XDSDocumentEntryPatientId": patients, "XDSDocumentEntryReferenceIdList": many("1.2.250.%")}
    assert every == asked(registry, by_reference, **STATUS, **wanted)


@pytest.mark.parametrize("form", [queries.FIND_DOCUMENTS, queries.FIND_DOCUMENTS_FOR_MULTIPLE_PATIENTS])
def test_a_query_of_the_other_transaction_is_unknown(registry: DocumentRegistry, form: StoredQueryForm) -> None:
    query = StoredQuery(query_id=form.query_id)
    outcome, _ = registry.query(query, (), list, multi_patient=not form.multi_patient)
    assert ["XDSUnknownStoredQuery"] == [error.code for error in outcome.errors]


def test_a_result_over_the_limit_is_refused(registry: DocumentRegistry, tmp_path: Path) -> None:
    database = Database(tmp_path / "data")
    small = DocumentRegistry(database, LeafCodec(encode_leaf, decode_leaf), unknown_patients=True, max_query_results=2)
    for submission in (FIRST, SECOND):
        small.register(submission)
    parameters = {"XDSDocumentEntryPatientId": one(PATIENT.text), **STATUS}
    assert ["report", "appendix"] == asked(small, queries.FIND_DOCUMENTS, **parameters)
    assert ["XDSTooManyResults"] == asked(small, queries.GET_ASSOCIATIONS, uuid=many(REPORT))
    database.close()


def test_an_unknown_patient_has_no_documents(registry: DocumentRegistry) -> None:
    nobody = CX.of("nobody", "1.2.3")
    assert [] == asked(registry, queries.FIND_DOCUMENTS, XDSDocumentEntryPatientId=one(nobody.text), **STATUS)
