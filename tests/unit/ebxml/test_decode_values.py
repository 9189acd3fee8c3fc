"""What the decoder makes of values, kept as they were sent, and of what it cannot keep."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.factories import make_document_entry, make_submission
from tests.messages import element, find, insert, slot, submission_message
from tests.unit.ebxml.changes import (
    AUTHOR,
    CODE,
    ENTRY,
    FOLDER,
    IDENTIFIER,
    LIST,
    PACKAGE,
    Change,
    remove,
    repeat,
    set_attribute,
    set_value,
    set_values,
    unset,
)
from xds_adapter.datatypes import DTM, XCN
from xds_adapter.ebxml import decode_objects, decode_submission
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import Author, DocumentEntry, Slot, Submission
from xds_adapter.vocabulary.ebrim import (
    LIMITED_DOCUMENT_ENTRY_NODE,
    LIMITED_FOLDER_NODE,
    LIMITED_SUBMISSION_SET_NODE,
)
from xds_adapter.vocabulary.namespaces import LCM, RIM, RS, qname


def _decoded(change: Change) -> Submission:
    message = submission_message()
    change(message)
    return decode_submission(message)[0]


def _entry(change: Change) -> DocumentEntry:
    return _decoded(change).document_entries[0]


def test_a_finding_names_its_object() -> None:
    message = submission_message()
    set_value(message, "size", "many")
    assert ["DocumentEntry 1.2.250.1.999.2.1"] == [e.object_id for e in decode_submission(message)[1]]


def test_a_value_that_cannot_be_kept_is_left_out() -> None:
    assert _entry(lambda m: set_value(m, "size", "many")).size is None


@pytest.mark.parametrize("text", ["-1", "1.0", "٣", "1 2"])
def test_a_size_is_written_with_digits_only(text: str) -> None:
    assert _entry(lambda m: set_value(m, "size", text)).size is None


def test_an_ill_formed_value_is_kept_for_the_rules() -> None:
    assert DTM("yesterday") == _entry(lambda m: set_value(m, "creationTime", "yesterday")).creation_time


def test_of_several_values_the_first_is_kept() -> None:
    assert DTM("2024") == _entry(lambda m: set_value(m, "creationTime", "2024", "2025")).creation_time


def test_blanks_around_slot_values_are_formatting_and_empty_values_are_none() -> None:
    entry = _entry(lambda m: set_value(m, "sourcePatientInfo", "\n  PID-8|F\n  ", "", "   "))
    assert ("PID-8|F",) == entry.source_patient_info


@pytest.mark.parametrize(("name", "field"), [("creationTime", "creation_time"), ("size", "size")])
def test_a_slot_without_values_is_an_absent_attribute(name: str, field: str) -> None:
    assert getattr(_entry(lambda m: set_value(m, name)), field) is None


def test_an_identifier_with_an_empty_value_is_absent() -> None:
    assert _entry(lambda m: set_attribute(m, IDENTIFIER, "value", "  ")).patient_id is None


@pytest.mark.parametrize(
    ("path", "key", "field"),
    [(ENTRY, "objectType", "object_type"), (f"{LIST}/rim:Association", "associationType", "association_type")],
)
def test_an_absent_xml_attribute_is_absent_not_a_default(path: str, key: str, field: str) -> None:
    submission = _decoded(lambda m: unset(m, path, key))
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
        lambda m: remove(m, f"{CODE}/rim:Name"),
        lambda m: find(m, f"{CODE}/rim:Name").clear(),
        lambda m: set_attribute(m, f"{CODE}/rim:Name/rim:LocalizedString", "value", ""),
    ],
    ids=["no Name", "empty Name", "empty text"],
)
def test_a_code_may_lack_its_display_name(changes: Change) -> None:
    code = _entry(changes).class_code
    assert code is not None
    assert ("10", "1.2.250.1.213.1.1.4.1", "") == (code.code, code.scheme, code.display)


def test_a_code_may_lack_its_scheme_and_carry_other_slots() -> None:
    def change(message: etree._Element) -> None:
        set_values(message, CODE, "codingScheme")
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
    entry = _entry(lambda m: set_values(m, AUTHOR, "authorPerson"))
    assert entry.authors[0].person is None


def test_of_several_persons_of_one_author_the_first_is_kept() -> None:
    entry = _entry(lambda m: set_values(m, AUTHOR, "authorPerson", "^A", "^B"))
    assert XCN("^A") == entry.authors[0].person


def test_several_authors_are_kept_in_order() -> None:
    authors = (Author(roles=("b",)), Author(roles=("a",)))
    message = submission_message(make_submission(document_entries=(make_document_entry(authors=authors),)))
    assert authors == decode_submission(message)[0].document_entries[0].authors


def test_of_several_sets_the_first_is_kept() -> None:
    def change(message: etree._Element) -> None:
        repeat(message, PACKAGE)
        set_attribute(message, f"{PACKAGE}[2]", "id", "SubmissionSet02")

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
