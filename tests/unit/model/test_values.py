"""Domain values: frozen, with nothing required but what makes them what they are."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from tests.factories import make_association, make_document_entry, make_folder, make_submission, make_submission_set
from xds_adapter.model import (
    Association,
    Author,
    DocumentEntry,
    Folder,
    ParameterSlot,
    ReturnType,
    StoredQuery,
    SubmissionSet,
)
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType

DEFAULTS: dict[type, tuple[str, ...]] = {
    DocumentEntry: (DocumentEntryType.STABLE,),
    Association: (AssociationType.HAS_MEMBER,),
}


@pytest.mark.parametrize("kind", [DocumentEntry, SubmissionSet, Folder, Association, Author])
def test_an_object_without_any_attribute_can_be_made(kind: type[DocumentEntry]) -> None:
    given = {field.name: getattr(kind(), field.name) for field in fields(kind)}
    assert DEFAULTS.get(kind, ()) == tuple(value for value in given.values() if value)


@pytest.mark.parametrize("value", [make_document_entry(), make_association(), make_submission()])
def test_a_value_cannot_be_changed(value: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, fields(value)[0].name, None)


def test_a_submission_yields_entries_set_folders_and_associations() -> None:
    folder = make_folder()
    submission = make_submission(folders=(folder,))
    assert [make_document_entry(), make_submission_set(), folder, make_association()] == list(submission.objects())


def test_a_submission_without_a_set_yields_the_rest() -> None:
    submission = make_submission(submission_set=None)
    assert [make_document_entry(), make_association()] == list(submission.objects())


def test_the_members_of_a_set_are_entries_and_folders() -> None:
    folder = make_folder()
    assert [make_document_entry(), folder] == list(make_submission(folders=(folder,)).members())


def test_a_query_asks_for_whole_objects_by_default() -> None:
    query = StoredQuery(query_id="urn:uuid:x")
    assert ({}, ReturnType.LEAF_CLASS, None) == (query.parameters, query.return_type, query.home_community_id)


def test_a_parameter_is_a_single_value_by_default() -> None:
    assert ParameterSlot(("a",)).listed is False
