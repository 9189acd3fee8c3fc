"""Each fault of form: what is just right passes, and the same message with one thing broken yields one finding."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

import pytest
from lxml import etree

from tests.factories import make_document_entry, make_submission
from tests.messages import element, find, insert, slot, submission_message
from xds_adapter.datatypes import DTM, XCN
from xds_adapter.ebxml import decode_objects, decode_submission
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import Author, DocumentEntry, Slot, Submission
from xds_adapter.vocabulary.ebrim import (
    FOLDER_NODE,
    LIMITED_DOCUMENT_ENTRY_NODE,
    LIMITED_FOLDER_NODE,
    LIMITED_SUBMISSION_SET_NODE,
    REFERENCE_ID_LIST_SLOT,
    SUBMISSION_SET_NODE,
)
from xds_adapter.vocabulary.namespaces import LCM, RIM, RS, qname

LIST = "rim:RegistryObjectList"
ENTRY = f"{LIST}/rim:ExtrinsicObject"
PACKAGE = f"{LIST}/rim:RegistryPackage"
FOLDER = f"{LIST}/rim:RegistryPackage[2]"
CODE = f"{ENTRY}/rim:Classification[2]"
AUTHOR = f"{ENTRY}/rim:Classification"
IDENTIFIER = f"{ENTRY}/rim:ExternalIdentifier"

Change = Callable[[etree._Element], object]


def _remove(message: etree._Element, path: str) -> None:
    found = find(message, path)
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)


def _repeat(message: etree._Element, path: str) -> None:
    found = find(message, path)
    found.addnext(deepcopy(found))


def _set(message: etree._Element, path: str, key: str, value: str) -> None:
    find(message, path).set(key, value)


def _unset(message: etree._Element, path: str, key: str) -> None:
    del find(message, path).attrib[key]


def _value(message: etree._Element, slot_name: str, *values: str) -> None:
    """Give a slot of the entry other values."""
    old = find(message, f"{ENTRY}/rim:Slot[@name='{slot_name}']")
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, element(slot(slot_name, *values)))


def _split_scheme(message: etree._Element, path: str, key: str) -> None:
    found = find(message, path)
    found.set(key, (found.get(key) or "").replace("-", "-\n   ", 1))


def _beside(message: etree._Element) -> None:
    """Move the label of the set out of it."""
    label = find(message, f"{PACKAGE}/rim:Classification[@classificationNode]")
    find(message, LIST).insert(0, label)


@dataclass(frozen=True)
class Case:
    """A rule with a change of the valid message that keeps it, and one that breaks nothing but it."""

    rule: str
    name: str
    right: Change
    wrong: Change
    attribute: str = ""
    value: str = ""


def _nothing(message: etree._Element) -> None:
    """The message as it is."""


def limited(object_id: str, node: str = LIMITED_DOCUMENT_ENTRY_NODE) -> str:
    """The label of an object with limited metadata."""
    return f'<rim:Classification id="l" classifiedObject="{object_id}" classificationNode="{node}"/>'


CASES = [
    Case("META-001", "no set", _nothing, lambda m: _remove(m, PACKAGE)),
    Case("META-001", "two sets", lambda m: _repeat(m, FOLDER), lambda m: _repeat(m, PACKAGE)),
    Case(
        "META-002",
        "no label",
        _beside,
        lambda m: _remove(m, f"{FOLDER}/rim:Classification[@classificationNode]"),
    ),
    Case(
        "META-002",
        "no label and no id",
        _nothing,
        lambda m: insert(m, LIST, "<rim:RegistryPackage/>"),
    ),
    Case(
        "META-003",
        "slot",
        lambda m: insert(m, ENTRY, slot("urn:example:status", "x")),
        lambda m: insert(m, ENTRY, slot("status", "x")),
        "status",
    ),
    Case(
        "META-003",
        "slot without a name",
        lambda m: insert(m, ENTRY, slot("urn:example:empty")),
        lambda m: insert(m, ENTRY, "<rim:Slot/>"),
        "Slot",
    ),
    Case(
        "META-004",
        "slot",
        lambda m: insert(m, ENTRY, slot("urn:example:a", "x")),
        lambda m: insert(m, ENTRY, slot("hash", "x")),
        "hash",
    ),
    Case(
        "META-004",
        "slot of an author",
        lambda m: insert(m, AUTHOR, slot("note", "x")),
        lambda m: insert(m, AUTHOR, slot("authorRole", "x")),
        "author/authorRole",
    ),
    Case(
        "META-005",
        "slot",
        lambda m: _value(m, "sourcePatientInfo", "PID-7|1987", "PID-8|F"),
        lambda m: _value(m, "creationTime", "2024", "2025"),
        "creationTime",
        "2025",
    ),
    Case(
        "META-005",
        "number",
        lambda m: _value(m, "size", "1"),
        lambda m: _value(m, "size", "1", "2"),
        "size",
        "2",
    ),
    Case(
        "META-005",
        "classification",
        lambda m: _repeat(m, AUTHOR),
        lambda m: _repeat(m, CODE),
        "classCode",
        "10^^1.2.250.1.213.1.1.4.1",
    ),
    Case(
        "META-005",
        "identifier",
        lambda m: _set(m, f"{ENTRY}/rim:ExternalIdentifier[2]", "value", "1.2.3"),
        lambda m: _repeat(m, f"{ENTRY}/rim:ExternalIdentifier[2]"),
        "uniqueId",
        "1.2.250.1.999.2.1",
    ),
    Case(
        "META-005",
        "person of an author",
        lambda m: _set_values(m, AUTHOR, "authorRole", "a", "b"),
        lambda m: _set_values(m, AUTHOR, "authorPerson", "^A", "^B"),
        "author/authorPerson",
        "^B",
    ),
    Case(
        "META-005",
        "coding scheme",
        lambda m: _set_values(m, CODE, "codingScheme", "1.2"),
        lambda m: _set_values(m, CODE, "codingScheme", "1.2", "1.3"),
        "classCode",
        "1.3",
    ),
    Case(
        "META-005",
        "status of a link to the set",
        _nothing,
        lambda m: _set_values(m, f"{LIST}/rim:Association", "SubmissionSetStatus", "Original", "Reference"),
        "SubmissionSetStatus",
        "Reference",
    ),
    Case(
        "META-006",
        "classification",
        lambda m: _split_scheme(m, CODE, "classificationScheme"),
        lambda m: _set(m, CODE, "classificationScheme", "urn:uuid:other"),
        attribute="Classification",
        value="urn:uuid:other",
    ),
    Case(
        "META-006",
        "classification without a scheme",
        _nothing,
        lambda m: _unset(m, CODE, "classificationScheme"),
        attribute="Classification",
        value="(none)",
    ),
    Case(
        "META-006",
        "label of limited metadata as a scheme",
        partial(insert, path=ENTRY, xml=limited("Document01")),
        partial(insert, path=ENTRY, xml=limited("Document01").replace("Node", "Scheme")),
        attribute="Classification",
        value=LIMITED_DOCUMENT_ENTRY_NODE,
    ),
    Case(
        "META-006",
        "node of another object",
        _nothing,
        lambda m: insert(m, ENTRY, f'<rim:Classification classificationNode="{FOLDER_NODE}"/>'),
        attribute="Classification",
        value=FOLDER_NODE,
    ),
    Case(
        "META-006",
        "folder that is labelled as set, too",
        _nothing,
        lambda m: find(m, FOLDER).insert(
            4, element(f'<rim:Classification classificationNode="{SUBMISSION_SET_NODE}" classifiedObject="Folder01"/>')
        ),
        attribute="Classification",
        value=SUBMISSION_SET_NODE,
    ),
    Case(
        "META-006",
        "unknown node beside the objects",
        _beside,
        lambda m: insert(m, LIST, '<rim:Classification classificationNode="urn:uuid:other"/>'),
        attribute="classificationNode",
        value="urn:uuid:other",
    ),
    Case(
        "META-007",
        "identifier",
        lambda m: _split_scheme(m, IDENTIFIER, "identificationScheme"),
        lambda m: _set(m, IDENTIFIER, "identificationScheme", "urn:uuid:other"),
        attribute="ExternalIdentifier",
        value="urn:uuid:other",
    ),
    Case(
        "META-007",
        "identifier without a scheme",
        _nothing,
        lambda m: _unset(m, IDENTIFIER, "identificationScheme"),
        attribute="ExternalIdentifier",
        value="(none)",
    ),
    Case(
        "META-008",
        "classification",
        lambda m: _set(m, CODE, "classifiedObject", "Document01"),
        lambda m: _set(m, CODE, "classifiedObject", "Document02"),
        "classCode/@classifiedObject",
        "Document02",
    ),
    Case(
        "META-008",
        "identifier",
        lambda m: _set(m, IDENTIFIER, "registryObject", "Document01"),
        lambda m: _unset(m, IDENTIFIER, "registryObject"),
        "patientId/@registryObject",
    ),
    Case(
        "META-008",
        "label",
        _beside,
        lambda m: _set(m, f"{PACKAGE}/rim:Classification[@classificationNode]", "classifiedObject", "Folder01"),
        "Classification/@classifiedObject",
        "Folder01",
    ),
    Case(
        "META-009",
        "slot",
        lambda m: _value(m, REFERENCE_ID_LIST_SLOT, "a", "b"),
        lambda m: insert(m, ENTRY, slot("urn:ihe:iti:other", "x")),
        "urn:ihe:iti:other",
    ),
    Case(
        "META-010",
        "object",
        lambda m: insert(m, LIST, '<rim:ObjectRef id="urn:uuid:x"/>'),
        lambda m: insert(m, LIST, '<rim:Service id="s"/>'),
        value="Service",
    ),
    Case(
        "META-016",
        "label of limited metadata beside the objects",
        partial(insert, path=LIST, xml=limited("Document01")),
        partial(insert, path=LIST, xml=limited("Document09")),
        attribute="classifiedObject",
        value="Document09",
    ),
    Case(
        "META-006",
        "label of limited metadata of another object",
        partial(insert, path=ENTRY, xml=limited("Document01")),
        partial(insert, path=ENTRY, xml=limited("Document01", LIMITED_FOLDER_NODE)),
        attribute="Classification",
        value=LIMITED_FOLDER_NODE,
    ),
    Case(
        "META-006",
        "label of limited metadata of another object, beside it",
        partial(insert, path=LIST, xml=limited("Document01")),
        partial(insert, path=LIST, xml=limited("Document01", LIMITED_FOLDER_NODE)),
        attribute="Classification",
        value=LIMITED_FOLDER_NODE,
    ),
    Case(
        "META-008",
        "label of limited metadata",
        partial(insert, path=ENTRY, xml=limited("Document01")),
        partial(insert, path=ENTRY, xml=limited("Document02")),
        attribute="Classification/@classifiedObject",
        value="Document02",
    ),
    Case(
        "META-013",
        "slot behind the classifications",
        lambda m: insert(m, ENTRY, "<rim:ContentVersionInfo/>"),
        lambda m: find(m, ENTRY).append(find(m, f"{ENTRY}/rim:Slot")),
        attribute="Slot",
    ),
    Case("META-013", "no child of ebRIM", _nothing, lambda m: insert(m, ENTRY, "<rim:Note/>"), attribute="Note"),
    Case(
        "META-014",
        "slot",
        lambda m: _value(m, "URI", "x" * 256),
        lambda m: _value(m, "URI", "x" * 257),
        "URI",
        "x" * 256 + "...",
    ),
    Case(
        "META-014",
        "one value of many",
        lambda m: insert(m, ENTRY, slot("urn:example:a", *("x" * 256 for _ in range(9)))),
        lambda m: insert(m, ENTRY, slot("urn:example:a", "x", "y" * 257)),
        "urn:example:a",
        "y" * 256 + "...",
    ),
    Case(
        "META-014",
        "slot of an author",
        lambda m: _set_values(m, AUTHOR, "authorRole", "x" * 256),
        lambda m: _set_values(m, AUTHOR, "authorRole", "x" * 257),
        "author/authorRole",
        "x" * 256 + "...",
    ),
    Case(
        "META-014",
        "description",
        lambda m: _set(m, f"{ENTRY}/rim:Description/rim:LocalizedString", "value", "x" * 1024),
        lambda m: _set(m, f"{ENTRY}/rim:Description/rim:LocalizedString", "value", "x" * 1025),
        "comments",
        "x" * 256 + "...",
    ),
    Case(
        "META-015",
        "another attribute's name",
        _nothing,
        lambda m: _set(m, f"{IDENTIFIER}//rim:LocalizedString", "value", "XDSSubmissionSet.patientId"),
        "patientId/Name",
        "XDSSubmissionSet.patientId",
    ),
    Case("META-015", "no name", _nothing, lambda m: _remove(m, f"{IDENTIFIER}/rim:Name"), "patientId/Name"),
    Case(
        "META-016",
        "label of an entry",
        _beside,
        lambda m: insert(
            m,
            LIST,
            f'<rim:Classification classificationNode="{FOLDER_NODE}" classifiedObject="Document01"/>',
        ),
        "classifiedObject",
        "Document01",
    ),
    Case(
        "META-021",
        "number",
        lambda m: _value(m, "size", "9" * 18),
        lambda m: _value(m, "size", "9" * 19),
        "size",
        "9" * 19,
    ),
]


def _set_values(message: etree._Element, path: str, name: str, *values: str) -> None:
    """Give a slot of a classification other values."""
    parent = find(message, path)
    parent.replace(find(parent, f"rim:Slot[@name='{name}']"), element(slot(name, *values)))


each_case = pytest.mark.parametrize("case", CASES, ids=[f"{case.rule} {case.name}" for case in CASES])


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    message = submission_message()
    case.right(message)
    assert [] == decode_submission(message)[1]


@each_case
def test_one_broken_thing_yields_one_finding_of_the_rule(case: Case) -> None:
    message = submission_message()
    case.wrong(message)
    errors = decode_submission(message)[1]
    assert [(case.rule, case.attribute, case.value)] == [(e.rule, e.attribute, e.value) for e in errors]


def test_every_rule_of_the_form_has_its_cases() -> None:
    assert {f"META-{number:03}" for number in (*range(1, 11), *range(13, 17))} <= {case.rule for case in CASES}


def _decoded(change: Change) -> Submission:
    message = submission_message()
    change(message)
    return decode_submission(message)[0]


def _entry(change: Change) -> DocumentEntry:
    return _decoded(change).document_entries[0]


def test_a_finding_names_its_object() -> None:
    message = submission_message()
    _value(message, "size", "many")
    assert ["DocumentEntry 1.2.250.1.999.2.1"] == [e.object_id for e in decode_submission(message)[1]]


def test_a_value_that_cannot_be_kept_is_left_out() -> None:
    assert _entry(lambda m: _value(m, "size", "many")).size is None


@pytest.mark.parametrize("text", ["-1", "1.0", "٣", "1 2"])
def test_a_size_is_written_with_digits_only(text: str) -> None:
    assert _entry(lambda m: _value(m, "size", text)).size is None


def test_an_ill_formed_value_is_kept_for_the_rules() -> None:
    assert DTM("yesterday") == _entry(lambda m: _value(m, "creationTime", "yesterday")).creation_time


def test_of_several_values_the_first_is_kept() -> None:
    assert DTM("2024") == _entry(lambda m: _value(m, "creationTime", "2024", "2025")).creation_time


def test_blanks_around_slot_values_are_formatting_and_empty_values_are_none() -> None:
    entry = _entry(lambda m: _value(m, "sourcePatientInfo", "\n  PID-8|F\n  ", "", "   "))
    assert ("PID-8|F",) == entry.source_patient_info


@pytest.mark.parametrize(("name", "field"), [("creationTime", "creation_time"), ("size", "size")])
def test_a_slot_without_values_is_an_absent_attribute(name: str, field: str) -> None:
    assert getattr(_entry(lambda m: _value(m, name)), field) is None


def test_an_identifier_with_an_empty_value_is_absent() -> None:
    assert _entry(lambda m: _set(m, IDENTIFIER, "value", "  ")).patient_id is None


@pytest.mark.parametrize(
    ("path", "key", "field"),
    [(ENTRY, "objectType", "object_type"), (f"{LIST}/rim:Association", "associationType", "association_type")],
)
def test_an_absent_xml_attribute_is_absent_not_a_default(path: str, key: str, field: str) -> None:
    submission = _decoded(lambda m: _unset(m, path, key))
    assert [None] == [getattr(o, field) for o in submission.objects() if hasattr(o, field)]


def test_a_version_is_read_from_its_name() -> None:
    assert "2" == _entry(lambda m: insert(m, ENTRY, '<rim:VersionInfo versionName="2"/>')).version
    assert _entry(lambda m: insert(m, ENTRY, "<rim:VersionInfo/>")).version is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("<rim:Name/>", None),
        ('<rim:Name><rim:LocalizedString value=""/></rim:Name>', None),
        ('<rim:Name><rim:LocalizedString value=""/><rim:LocalizedString value="b"/></rim:Name>', "b"),
        ('<rim:Name><rim:LocalizedString value="a"/><rim:LocalizedString value="b"/></rim:Name>', "a"),
    ],
)
def test_a_title_is_the_first_text_that_is_not_empty(name: str, expected: str | None) -> None:
    def change(message: etree._Element) -> None:
        old = find(message, f"{ENTRY}/rim:Name")
        find(message, ENTRY).replace(old, element(name))

    assert expected == _entry(change).title


@pytest.mark.parametrize("tag", ["rim:Name", "rim:Description"])
def test_an_association_has_neither_title_nor_comments(tag: str) -> None:
    text = f'<{tag}><rim:LocalizedString value="x"/></{tag}>'
    expected = decode_submission(submission_message())
    message = submission_message()
    insert(message, f"{LIST}/rim:Association", text)
    assert expected == decode_submission(message)


@pytest.mark.parametrize(
    "changes",
    [
        lambda m: _remove(m, f"{CODE}/rim:Name"),
        lambda m: find(m, f"{CODE}/rim:Name").clear(),
        lambda m: _set(m, f"{CODE}/rim:Name/rim:LocalizedString", "value", ""),
    ],
    ids=["no Name", "empty Name", "empty text"],
)
def test_a_code_may_lack_its_display_name(changes: Change) -> None:
    code = _entry(changes).class_code
    assert code is not None
    assert ("10", "1.2.250.1.213.1.1.4.1", "") == (code.code, code.scheme, code.display)


def test_a_code_may_lack_its_scheme_and_carry_other_slots() -> None:
    def change(message: etree._Element) -> None:
        _set_values(message, CODE, "codingScheme")
        insert(message, CODE, slot("other", "x"))

    code = _entry(change).class_code
    assert code is not None
    assert ("10", "") == (code.code, code.scheme)


def test_unknown_slots_of_an_author_survive() -> None:
    entry = _entry(lambda m: insert(m, AUTHOR, slot("authorSpeciality", "Orthopedic")))
    assert (Slot("authorSpeciality", ("Orthopedic",)),) == entry.authors[0].extra_slots


def test_the_first_slot_of_an_author_counts() -> None:
    entry = _entry(lambda m: insert(m, AUTHOR, slot("authorRole", "second")))
    assert ("Radiologue",) == entry.authors[0].roles


def test_an_author_may_lack_the_person() -> None:
    entry = _entry(lambda m: _set_values(m, AUTHOR, "authorPerson"))
    assert entry.authors[0].person is None


def test_of_several_persons_of_one_author_the_first_is_kept() -> None:
    entry = _entry(lambda m: _set_values(m, AUTHOR, "authorPerson", "^A", "^B"))
    assert XCN("^A") == entry.authors[0].person


def test_several_authors_are_kept_in_order() -> None:
    authors = (Author(roles=("b",)), Author(roles=("a",)))
    message = submission_message(make_submission(document_entries=(make_document_entry(authors=authors),)))
    assert authors == decode_submission(message)[0].document_entries[0].authors


def test_of_several_sets_the_first_is_kept() -> None:
    def change(message: etree._Element) -> None:
        _repeat(message, PACKAGE)
        _set(message, f"{PACKAGE}[2]", "id", "SubmissionSet02")

    assert make_submission().submission_set == _decoded(change).submission_set


def _labelled(submission: Submission) -> list[str]:
    """The objects that have limited metadata, by kind."""
    owners = (*submission.document_entries, submission.submission_set, *submission.folders)
    return [type(owner).__name__ for owner in owners if owner is not None and owner.limited_metadata]


@pytest.mark.parametrize(
    ("path", "object_id", "node", "kind"),
    [
        (ENTRY, "Document01", LIMITED_DOCUMENT_ENTRY_NODE, "DocumentEntry"),
        (PACKAGE, "SubmissionSet01", LIMITED_SUBMISSION_SET_NODE, "SubmissionSet"),
        (FOLDER, "Folder01", LIMITED_FOLDER_NODE, "Folder"),
    ],
)
@pytest.mark.parametrize("inside", [True, False], ids=["inside", "beside"])
def test_the_label_of_limited_metadata_counts_inside_and_beside(
    path: str, object_id: str, node: str, kind: str, inside: bool
) -> None:
    label = f'<rim:Classification id="l" classifiedObject="{object_id}" classificationNode="{node}"/>'
    message = submission_message()
    assert [] == _labelled(decode_submission(message)[0])
    insert(message, path if inside else LIST, label)
    submission, errors = decode_submission(message)
    assert ([kind], []) == (_labelled(submission), errors)


@pytest.mark.parametrize(
    "label",
    [
        f'<rim:Classification classifiedObject="Document01" classificationNode="{LIMITED_FOLDER_NODE}"/>',
        f'<rim:Classification classifiedObject="Document01" classificationScheme="{LIMITED_DOCUMENT_ENTRY_NODE}"/>',
    ],
    ids=["of another object", "as a scheme"],
)
def test_what_is_no_label_of_the_object_labels_nothing(label: str) -> None:
    assert [] == _labelled(_decoded(lambda m: insert(m, ENTRY, label)))


def test_request_slots_are_read() -> None:
    slots = (Slot("urn:example:a", ("1", "2")), Slot("b", ()))
    message = submission_message(make_submission(request_slots=slots))
    assert slots == decode_submission(message)[0].request_slots


def test_objects_are_returned_in_document_order() -> None:
    objects, errors = decode_objects(find(submission_message(), LIST))
    assert (["DocumentEntry", "SubmissionSet", "Folder", "Association"], []) == (
        [type(o).__name__ for o in objects],
        errors,
    )


@pytest.mark.parametrize(
    "xml",
    [
        "<lcm:SubmitObjectsRequest/>",
        "<lcm:RemoveObjectsRequest><rim:RegistryObjectList/></lcm:RemoveObjectsRequest>",
        "<rim:SubmitObjectsRequest><rim:RegistryObjectList/></rim:SubmitObjectsRequest>",
    ],
    ids=["no list", "another request", "another namespace"],
)
def test_another_message_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage, match="needs lcm:SubmitObjectsRequest with rim:RegistryObjectList"):
        decode_submission(element(xml))


def test_a_request_slot_list_has_its_place_before_the_objects() -> None:
    message = submission_message(make_submission(request_slots=(Slot("a", ("1",)),)))
    assert [qname(RS, "RequestSlotList"), qname(RIM, "RegistryObjectList")] == [child.tag for child in message]
    assert qname(LCM, "SubmitObjectsRequest") == message.tag


def test_elements_that_xds_does_not_use_are_left_out() -> None:
    expected = decode_submission(submission_message())
    message = submission_message()
    insert(message, ENTRY, '<rim:ContentVersionInfo versionName="1"/>')
    assert expected == decode_submission(message)


def test_a_list_without_any_classification_is_empty() -> None:
    message = submission_message(make_submission(document_entries=(make_document_entry(event_code_list=()),)))
    assert () == decode_submission(message)[0].document_entries[0].event_code_list
