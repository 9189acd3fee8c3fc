"""The values that other tests start from are valid."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from tests.factories import make_association, make_author, make_document_entry, make_folder, make_submission
from tests.factories import make_submission_set as make_set
from xds_adapter.datatypes import XON, is_oid

OBJECTS = [make_document_entry(), make_set(), make_folder(), make_association()]


def _faults(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [fault for item in value for fault in _faults(item)]
    fault = value.fault() if hasattr(value, "fault") else None
    return [f"{value}: {fault}"] if fault else []


@pytest.mark.parametrize("value", [*OBJECTS, make_author()], ids=lambda value: type(value).__name__)
def test_every_value_of_a_data_type_is_valid(value: object) -> None:
    assert [] == [fault for f in fields(value) for fault in _faults(getattr(value, f.name))]  # type: ignore[arg-type]


def test_every_plain_identifier_and_organisation_is_valid() -> None:
    entry, submission_set, folder = make_document_entry(), make_set(), make_folder()
    identifiers = [
        entry.unique_id,
        entry.repository_unique_id,
        submission_set.unique_id,
        submission_set.source_id,
        folder.unique_id,
    ]
    assert [True] * 5 == [is_oid(text or "") for text in identifiers]
    assert [None] == [XON(text).fault() for text in make_author().institutions]


@pytest.mark.parametrize(("make", "change"), [(make_document_entry, {"title": "x"}), (make_set, {"title": "x"})])
def test_a_change_replaces_one_attribute(make: Any, change: dict[str, str]) -> None:
    assert "x" == make(**change).title


def test_the_submission_links_its_set_to_its_entry() -> None:
    submission = make_submission()
    association = submission.associations[0]
    assert submission.submission_set is not None
    assert submission.submission_set.entry_uuid == association.source_object
    assert submission.document_entries[0].entry_uuid == association.target_object
