"""Objects become ebRIM in the order of rim.xsd; the stored form lacks the status only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from tests.factories import (
    ENTRY_UUID,
    make_association,
    make_author,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
)
from tests.messages import NAMESPACES, element, find, submission_message
from xds_adapter.datatypes import Coded, is_uuid_urn
from xds_adapter.ebxml import decode_objects, encode_leaf, encode_submission, insert_status
from xds_adapter.ebxml.writers import encode_slot
from xds_adapter.model import DocumentEntry, RegistryObject, Slot
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.namespaces import RIM, qname
from xds_adapter.vocabulary.status import AvailabilityStatus

ORDER = ["Slot", "Name", "Description", "VersionInfo", "Classification", "ExternalIdentifier"]
REGISTERED = {"entry_uuid": ENTRY_UUID, "logical_id": ENTRY_UUID, "version": "1"}
OBJECTS: list[RegistryObject] = [
    make_document_entry(**REGISTERED),
    make_submission_set(**REGISTERED),
    make_folder(**REGISTERED),
    make_association(**REGISTERED, documentation=Coded("42", "1.2", "Correction")),
    make_document_entry(**REGISTERED, limited_metadata=True),
    make_submission_set(**REGISTERED, limited_metadata=True),
    make_folder(**REGISTERED, limited_metadata=True),
]

each_object = pytest.mark.parametrize("registry_object", OBJECTS, ids=lambda o: type(o).__name__)


def _locals(parent: etree._Element) -> list[str]:
    """The local names of the children, each as often as it changes."""
    names = [etree.QName(child).localname for child in parent]
    return [name for name, before in zip(names, [None, *names], strict=False) if name != before]


def _nested(leaf: str) -> list[etree._Element]:
    root = element(leaf)
    return [e for tag in ("Classification", "ExternalIdentifier") for e in root.iterchildren(qname(RIM, tag))]


@each_object
def test_children_stand_in_the_order_of_the_schema(registry_object: RegistryObject) -> None:
    found = _locals(element(encode_leaf(registry_object)))
    assert [name for name in ORDER if name in found] == found


@each_object
def test_a_stored_leaf_is_complete_but_for_the_status(registry_object: RegistryObject) -> None:
    approved = replace(registry_object, availability_status=AvailabilityStatus.APPROVED)
    leaf = encode_leaf(approved)
    assert "status=" not in leaf
    with_status = insert_status(leaf, AvailabilityStatus.DEPRECATED)
    objects = element(f"<rim:RegistryObjectList>{with_status}</rim:RegistryObjectList>")
    deprecated = replace(registry_object, availability_status=AvailabilityStatus.DEPRECATED)
    assert ([deprecated], []) == decode_objects(objects)


def test_a_message_carries_the_status() -> None:
    entry = make_document_entry(availability_status=AvailabilityStatus.APPROVED)
    message = submission_message(make_submission(document_entries=(entry,)))
    assert AvailabilityStatus.APPROVED == find(message, ".//rim:ExtrinsicObject").get("status")


@each_object
def test_nested_elements_of_a_stored_leaf_have_uuids_object_types_and_their_parent(
    registry_object: RegistryObject,
) -> None:
    nested = _nested(encode_leaf(registry_object))
    ids = [e.get("id", "") for e in nested]
    assert [True] * len(nested) == [is_uuid_urn(text) for text in ids]
    assert len(set(ids)) == len(nested)
    assert {ENTRY_UUID} == {e.get("classifiedObject") or e.get("registryObject") for e in nested}
    types = {"Classification": ebrim.OBJECT_TYPE_CLASSIFICATION}
    types["ExternalIdentifier"] = ebrim.OBJECT_TYPE_EXTERNAL_IDENTIFIER
    assert [types[etree.QName(e).localname] for e in nested] == [e.get("objectType") for e in nested]


def test_nested_elements_of_a_message_have_symbolic_ids_that_stand_once() -> None:
    message = submission_message()
    ids = [e.get("id", "") for e in message.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)
    assert [] == [text for text in ids if text.startswith("urn:uuid:")]


@pytest.mark.parametrize(
    ("registry_object", "expected"),
    [
        (make_document_entry(), ebrim.DocumentEntryType.STABLE),
        (make_submission_set(), ebrim.OBJECT_TYPE_PACKAGE),
        (make_folder(), ebrim.OBJECT_TYPE_PACKAGE),
        (make_association(), ebrim.OBJECT_TYPE_ASSOCIATION),
    ],
)
def test_every_object_has_its_object_type(registry_object: RegistryObject, expected: str) -> None:
    assert expected == element(encode_leaf(registry_object)).get("objectType")


@pytest.mark.parametrize(
    ("registry_object", "expected"),
    [
        (make_document_entry(), ["XDSDocumentEntry.patientId", "XDSDocumentEntry.uniqueId"]),
        (
            make_submission_set(),
            ["XDSSubmissionSet.patientId", "XDSSubmissionSet.sourceId", "XDSSubmissionSet.uniqueId"],
        ),
        (make_folder(), ["XDSFolder.patientId", "XDSFolder.uniqueId"]),
    ],
)
def test_identifiers_are_named_after_object_and_attribute(registry_object: RegistryObject, expected: list[str]) -> None:
    names = element(encode_leaf(registry_object)).findall(
        "rim:ExternalIdentifier/rim:Name/rim:LocalizedString", NAMESPACES
    )
    assert expected == [name.get("value") for name in names]


def test_what_is_absent_is_not_written() -> None:
    leaf = element(encode_leaf(DocumentEntry(entry_uuid="x", object_type=None)))
    assert ([], {"id": "x"}) == (list(leaf), dict(leaf.items()))


def test_an_object_without_an_id_can_be_written() -> None:
    association = make_association(entry_uuid=None, documentation=Coded("42", "1.2", "Correction"))
    message = submission_message(make_submission(associations=(association,)))
    classification = find(message, ".//rim:Association/rim:Classification")
    assert "" == classification.get("classifiedObject")


def test_a_code_without_a_display_name_has_no_name() -> None:
    leaf = element(encode_leaf(make_document_entry(class_code=Coded("10", "1.2"))))
    path = f"rim:Classification[@classificationScheme='{_scheme('classCode')}']"
    assert ["Slot"] == _locals(find(leaf, path))


def _scheme(name: str) -> str:
    return next(attribute.key for attribute in ebrim.DOCUMENT_ENTRY if attribute.name == name)


def test_an_author_has_an_empty_node_representation_and_only_the_slots_given() -> None:
    author = make_author(institutions=(), telecommunications=(), extra_slots=(Slot("note", ("x",)),))
    leaf = element(encode_leaf(make_document_entry(authors=(author,))))
    found = find(leaf, "rim:Classification")
    assert ("", _scheme("author")) == (found.get("nodeRepresentation"), found.get("classificationScheme"))
    assert ["authorPerson", "authorRole", "authorSpecialty", "note"] == [slot.get("name") for slot in found]


@pytest.mark.parametrize(
    ("registry_object", "expected"),
    [
        (make_document_entry(limited_metadata=True), [ebrim.LIMITED_DOCUMENT_ENTRY_NODE]),
        (make_submission_set(limited_metadata=True), [ebrim.SUBMISSION_SET_NODE, ebrim.LIMITED_SUBMISSION_SET_NODE]),
        (make_folder(limited_metadata=True), [ebrim.FOLDER_NODE, ebrim.LIMITED_FOLDER_NODE]),
        (make_document_entry(), []),
    ],
)
def test_limited_metadata_is_a_label_without_scheme(registry_object: RegistryObject, expected: list[str]) -> None:
    found = element(encode_leaf(registry_object)).findall("rim:Classification[@classificationNode]", NAMESPACES)
    assert expected == [label.get("classificationNode") for label in found]
    assert [] == [label for label in found if label.get("classificationScheme") or label.get("nodeRepresentation")]


def test_extra_slots_are_written() -> None:
    leaf = encode_leaf(make_document_entry(extra_slots=(Slot("urn:example:a", ("1", "2")),)))
    assert encode_slot("urn:example:a", ("1", "2")) in leaf


def test_markup_in_a_value_is_escaped() -> None:
    assert (
        '<rim:Slot name="a&quot;b"><rim:ValueList><rim:Value>&lt;&amp;&gt;</rim:Value></rim:ValueList></rim:Slot>'
    ) == encode_slot('a"b', ["<&>"])


def test_a_character_that_xml_forbids_is_refused() -> None:
    with pytest.raises(ValueError, match="forbids"):
        encode_submission(make_submission(document_entries=(make_document_entry(title="\x01"),)))


def test_request_slots_stand_before_the_objects() -> None:
    message = submission_message(make_submission(request_slots=(Slot("urn:example:a", ("1",)),)))
    assert ["RequestSlotList", "RegistryObjectList"] == _locals(message)
    assert "urn:example:a" == find(message, "rs:RequestSlotList/rim:Slot").get("name")
