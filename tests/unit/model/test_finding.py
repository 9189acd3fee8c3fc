"""A finding names object, attribute, value and rule."""

from __future__ import annotations

import pytest

from tests.factories import make_association, make_document_entry, make_folder, make_submission_set
from xds_adapter.model import RegistryError, RegistryObject, finding, label
from xds_adapter.vocabulary.error_codes import XdsErrorCode


def test_a_finding_names_object_attribute_value_and_rule() -> None:
    expected = RegistryError(
        code=XdsErrorCode.REGISTRY_METADATA_ERROR,
        code_context='DocumentEntry 1.2.3, creationTime: "2024-03" is no DTM [META-021]',
        location="DocumentEntry 1.2.3, creationTime",
        rule="META-021",
        object_id="DocumentEntry 1.2.3",
        attribute="creationTime",
        value="2024-03",
    )
    words = "is no DTM"
    found = finding("META-021", words, object_id="DocumentEntry 1.2.3", attribute="creationTime", value="2024-03")
    assert expected == found


@pytest.mark.parametrize(
    ("where", "context"),
    [
        ({}, "is missing [META-020]"),
        ({"attribute": "title"}, "title: is missing [META-020]"),
        ({"object_id": "Folder 1.2"}, "Folder 1.2: is missing [META-020]"),
        ({"value": "x"}, '"x" is missing [META-020]'),
    ],
    ids=["nothing", "attribute", "object", "value"],
)
def test_what_is_not_given_leaves_no_trace(where: dict[str, str], context: str) -> None:
    assert context == finding("META-020", "is missing", **where).code_context


@pytest.mark.parametrize(("length", "shown"), [(256, "x" * 256), (257, "x" * 256 + "...")])
def test_a_value_is_shown_to_256_characters(length: int, shown: str) -> None:
    found = finding("META-021", "is wrong", value="x" * length)
    assert (shown, f'"{shown}" is wrong [META-021]') == (found.value, found.code_context)


@pytest.mark.parametrize(
    ("registry_object", "expected"),
    [
        (make_document_entry(unique_id="1.2.3"), "DocumentEntry 1.2.3"),
        (make_document_entry(unique_id=None), "DocumentEntry Document01"),
        (make_submission_set(unique_id="1.2.4"), "SubmissionSet 1.2.4"),
        (make_folder(unique_id="1.2.5"), "Folder 1.2.5"),
        (make_association(), "Association Association01"),
        (make_association(entry_uuid=None), "Association (no id)"),
    ],
)
def test_an_object_is_named_by_its_unique_id_or_else_by_its_id(registry_object: RegistryObject, expected: str) -> None:
    assert expected == label(registry_object)
