"""Each fault of form: what is just right passes, and the same message with one thing broken yields one finding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from lxml import etree

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
    beside,
    limited,
    remove,
    repeat,
    set_attribute,
    set_value,
    set_values,
    split_scheme,
    unset,
)
from xds_adapter.ebxml import decode_submission
from xds_adapter.vocabulary.ebrim import (
    FOLDER_NODE,
    LIMITED_DOCUMENT_ENTRY_NODE,
    LIMITED_FOLDER_NODE,
    REFERENCE_ID_LIST_SLOT,
    SUBMISSION_SET_NODE,
)


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


CASES = [
    Case("META-001", "no set", _nothing, lambda m: remove(m, PACKAGE)),
    Case("META-001", "two sets", lambda m: repeat(m, FOLDER), lambda m: repeat(m, PACKAGE)),
    Case(
        "META-002",
        "no label",
        beside,
        lambda m: remove(m, f"{FOLDER}/rim:Classification[@classificationNode]"),
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
        lambda m: set_value(m, "sourcePatientInfo", "PID-7|1987", "PID-8|F"),
        lambda m: set_value(m, "creationTime", "2024", "2025"),
        "creationTime",
        "2025",
    ),
    Case(
        "META-005",
        "number",
        lambda m: set_value(m, "size", "1"),
        lambda m: set_value(m, "size", "1", "2"),
        "size",
        "2",
    ),
    Case(
        "META-005",
        "classification",
        lambda m: repeat(m, AUTHOR),
        lambda m: repeat(m, CODE),
        "classCode",
        "10^^1.2.250.1.213.1.1.4.1",
    ),
    Case(
        "META-005",
        "identifier",
        lambda m: set_attribute(m, f"{ENTRY}/rim:ExternalIdentifier[2]", "value", "1.2.3"),
        lambda m: repeat(m, f"{ENTRY}/rim:ExternalIdentifier[2]"),
        "uniqueId",
        "1.2.250.1.999.2.1",
    ),
    Case(
        "META-005",
        "person of an author",
        lambda m: set_values(m, AUTHOR, "authorRole", "a", "b"),
        lambda m: set_values(m, AUTHOR, "authorPerson", "^A", "^B"),
        "author/authorPerson",
        "^B",
    ),
    Case(
        "META-005",
        "coding scheme",
        lambda m: set_values(m, CODE, "codingScheme", "1.2"),
        lambda m: set_values(m, CODE, "codingScheme", "1.2", "1.3"),
        "classCode",
        "1.3",
    ),
    Case(
        "META-005",
        "status of a link to the set",
        _nothing,
        lambda m: set_values(m, f"{LIST}/rim:Association", "SubmissionSetStatus", "Original", "Reference"),
        "SubmissionSetStatus",
        "Reference",
    ),
    Case(
        "META-006",
        "classification",
        lambda m: split_scheme(m, CODE, "classificationScheme"),
        lambda m: set_attribute(m, CODE, "classificationScheme", "urn:uuid:other"),
        attribute="Classification",
        value="urn:uuid:other",
    ),
    Case(
        "META-006",
        "classification without a scheme",
        _nothing,
        lambda m: unset(m, CODE, "classificationScheme"),
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
        beside,
        lambda m: insert(m, LIST, '<rim:Classification classificationNode="urn:uuid:other"/>'),
        attribute="classificationNode",
        value="urn:uuid:other",
    ),
    Case(
        "META-007",
        "identifier",
        lambda m: split_scheme(m, IDENTIFIER, "identificationScheme"),
        lambda m: set_attribute(m, IDENTIFIER, "identificationScheme", "urn:uuid:other"),
        attribute="ExternalIdentifier",
        value="urn:uuid:other",
    ),
    Case(
        "META-007",
        "identifier without a scheme",
        _nothing,
        lambda m: unset(m, IDENTIFIER, "identificationScheme"),
        attribute="ExternalIdentifier",
        value="(none)",
    ),
    Case(
        "META-008",
        "classification",
        lambda m: set_attribute(m, CODE, "classifiedObject", "Document01"),
        lambda m: set_attribute(m, CODE, "classifiedObject", "Document02"),
        "classCode/@classifiedObject",
        "Document02",
    ),
    Case(
        "META-008",
        "identifier",
        lambda m: set_attribute(m, IDENTIFIER, "registryObject", "Document01"),
        lambda m: unset(m, IDENTIFIER, "registryObject"),
        "patientId/@registryObject",
    ),
    Case(
        "META-008",
        "label",
        beside,
        lambda m: set_attribute(
            m, f"{PACKAGE}/rim:Classification[@classificationNode]", "classifiedObject", "Folder01"
        ),
        "Classification/@classifiedObject",
        "Folder01",
    ),
    Case(
        "META-009",
        "slot",
        lambda m: set_value(m, REFERENCE_ID_LIST_SLOT, "a", "b"),
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
        lambda m: set_value(m, "URI", "x" * 256),
        lambda m: set_value(m, "URI", "x" * 257),
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
        lambda m: set_values(m, AUTHOR, "authorRole", "x" * 256),
        lambda m: set_values(m, AUTHOR, "authorRole", "x" * 257),
        "author/authorRole",
        "x" * 256 + "...",
    ),
    Case(
        "META-014",
        "description",
        lambda m: set_attribute(m, f"{ENTRY}/rim:Description/rim:LocalizedString", "value", "x" * 1024),
        lambda m: set_attribute(m, f"{ENTRY}/rim:Description/rim:LocalizedString", "value", "x" * 1025),
        "comments",
        "x" * 256 + "...",
    ),
    Case(
        "META-015",
        "another attribute's name",
        _nothing,
        lambda m: set_attribute(m, f"{IDENTIFIER}//rim:LocalizedString", "value", "XDSSubmissionSet.patientId"),
        "patientId/Name",
        "XDSSubmissionSet.patientId",
    ),
    Case("META-015", "no name", _nothing, lambda m: remove(m, f"{IDENTIFIER}/rim:Name"), "patientId/Name"),
    Case(
        "META-016",
        "label of an entry",
        beside,
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
        lambda m: set_value(m, "size", "9" * 18),
        lambda m: set_value(m, "size", "9" * 19),
        "size",
        "9" * 19,
    ),
]


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
