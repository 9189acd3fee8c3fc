"""Patients of an answer: several are refused, but for the versions of the one folder that was asked for."""

from __future__ import annotations

import pytest

from xds_adapter.actors.single_patient import PatientsOfResult
from xds_adapter.model import StoredQuery
from xds_adapter.storage import StoredObject
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS, GET_FOLDER_AND_CONTENTS, GET_FOLDERS, StoredQueryForm

Seen = tuple[tuple[str, str], ...]
SEVERAL = (("DocumentEntry", "1"), ("DocumentEntry", "2"))
VERSIONS = (("Folder", "1"), ("Folder", "2"))


def several(form: StoredQueryForm, seen: Seen) -> bool:
    patients = PatientsOfResult(StoredQuery(query_id=form.query_id))
    for number, (kind, patient) in enumerate(seen):
        patients.add(StoredObject(kind=kind, entry_uuid=str(number), status="", leaf="", patient_id=patient))
    return patients.are_several


@pytest.mark.parametrize("form", [GET_DOCUMENTS, GET_FOLDERS, GET_FOLDER_AND_CONTENTS])
def test_objects_of_one_patient(form: StoredQueryForm) -> None:
    assert not several(form, ())
    assert not several(form, (("Folder", "1"), ("DocumentEntry", "1"), ("Association", "")))


@pytest.mark.parametrize("form", [GET_DOCUMENTS, GET_FOLDERS])
@pytest.mark.parametrize("seen", [SEVERAL, VERSIONS])
def test_objects_of_two_patients(form: StoredQueryForm, seen: Seen) -> None:
    assert several(form, seen)


def test_versions_of_the_one_folder_that_was_asked_for() -> None:
    assert not several(GET_FOLDER_AND_CONTENTS, (*VERSIONS, ("DocumentEntry", "1")))
    assert several(GET_FOLDER_AND_CONTENTS, (*VERSIONS, ("DocumentEntry", "3")))
    assert several(GET_FOLDER_AND_CONTENTS, (("Folder", "1"), ("DocumentEntry", "2")))
    assert several(GET_FOLDER_AND_CONTENTS, SEVERAL)
