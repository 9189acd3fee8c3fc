"""Everything that is wrong with a submission is said in one answer, and a flood of faults is answered in bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from tests.factories import (
    LOCAL_PATIENT,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
)
from tests.flow.running import EMPTY, HttpAnswer, Site, footprint, post, running
from tests.flow.submissions import mtom, numbered, plain
from tests.messages import element, find, insert, slot
from xds_adapter.config import RegistrySettings, Settings
from xds_adapter.ebxml import encode_submission
from xds_adapter.model import Submission
from xds_adapter.rules import MOST_FINDINGS
from xds_adapter.transactions import iti42
from xds_adapter.vocabulary.ebrim import (
    DOCUMENT_ENTRY,
    FOLDER,
    LIMITED_DOCUMENT_ENTRY_NODE,
    REFERENCE_ID_LIST_SLOT,
    SUBMISSION_SET,
    AssociationType,
)
from xds_adapter.vocabulary.rules import RULES
from xds_adapter.vocabulary.status import Severity
from xds_adapter.vocabulary.transactions import ITI_42
from xds_adapter.xmlio import parse

LIST = "rim:RegistryObjectList"
ELSEWHERE = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009"


def entry_id(number: int) -> str:
    return f"1.2.250.1.999.2.{number}"


def valid() -> Submission:
    """Three documents, one of them in a new folder, and one of them an addendum to another."""
    entries = tuple(
        make_document_entry(entry_uuid=f"Document0{number}", unique_id=entry_id(number)) for number in (1, 2, 3)
    )
    held = [make_association(entry_uuid=f"A{number}", target_object=f"Document0{number}") for number in (1, 2, 3)]
    others = [
        make_association(entry_uuid=uuid, source_object=source, target_object=target, submission_set_status=None)
        for uuid, source, target in (
            ("A4", "SubmissionSet01", "Folder01"),
            ("A5", "Folder01", "Document01"),
            ("A6", "SubmissionSet01", "A5"),
            ("A7", "Document01", "Document02"),
            ("A8", "Document01", "Document03"),
            ("A9", "Document02", "Document03"),
            ("B1", "Document02", "Document01"),
            ("B2", "Document03", "Document01"),
        )
    ]
    others[3:] = [replace(one, association_type=AssociationType.APND) for one in others[3:]]
    return make_submission(document_entries=entries, folders=(make_folder(),), associations=(*held, *others))


Change = Callable[[etree._Element], object]


class Fault(NamedTuple):
    """One thing broken, and what the answer must say of it."""

    rule: str
    owner: str
    attribute: str
    change: Change


def path_of(owner: str) -> str:
    """Where the object stands in the message."""
    kind, name = owner.split(" ")
    if kind == "DocumentEntry":
        return f"{LIST}/rim:ExtrinsicObject[@id='Document0{name[-1]}']"
    symbols = {"SubmissionSet": "SubmissionSet01", "Folder": "Folder01"}
    tag = "Association" if kind == "Association" else "RegistryPackage"
    return f"{LIST}/rim:{tag}[@id='{symbols.get(kind, name)}']"


def key_of(owner: str, attribute: str) -> str:
    tables = {"DocumentEntry": DOCUMENT_ENTRY, "SubmissionSet": SUBMISSION_SET, "Folder": FOLDER}
    return next(row.key for row in tables[owner.split(" ", maxsplit=1)[0]] if row.name == attribute)


def value(owner: str, attribute: str, *values: str, rule: str = "META-021", key: str = "") -> Fault:
    """A slot gets other values."""

    def change(message: etree._Element) -> None:
        old = find(message, f"{path_of(owner)}/rim:Slot[@name='{key or attribute}']")
        old.getparent().replace(old, element(slot(key or attribute, *values)))  # type: ignore[union-attr]

    return Fault(rule, owner, attribute, change)


def set_(rule: str, owner: str, attribute: str, key: str, text: str, *, below: str = "") -> Fault:
    """An XML attribute gets another value."""
    return Fault(rule, owner, attribute, lambda m: find(m, path_of(owner) + below).set(key, text))


def added(rule: str, owner: str, attribute: str, xml: str) -> Fault:
    return Fault(rule, owner, attribute, lambda m: insert(m, path_of(owner), xml))


def removed(rule: str, owner: str, attribute: str, below: str) -> Fault:
    def change(message: etree._Element) -> None:
        old = find(message, path_of(owner) + below)
        old.getparent().remove(old)  # type: ignore[union-attr]

    return Fault(rule, owner, attribute, change)


def code(owner: str, attribute: str) -> str:
    return f"/rim:Classification[@classificationScheme='{key_of(owner, attribute)}']"


def identifier(owner: str, attribute: str) -> str:
    return f"/rim:ExternalIdentifier[@identificationScheme='{key_of(owner, attribute)}']"


def author_slot(owner: str, name: str, text: str) -> Fault:
    def change(message: etree._Element) -> None:
        author = find(message, f"{path_of(owner)}{code(owner, 'author')}")
        author.replace(find(author, f"rim:Slot[@name='{name}']"), element(slot(name, text)))

    return Fault("META-021", owner, f"author/{name}", change)


def _emptied(parent: etree._Element) -> None:
    for child in list(parent):
        parent.remove(child)


D1, D2, D3 = (f"DocumentEntry {entry_id(number)}" for number in (1, 2, 3))
SET = f"SubmissionSet {make_submission_set().unique_id}"
FOLDER_1 = f"Folder {make_folder().unique_id}"
REFERENCES = ("OPN1", "OPN1^^^^urn:example:type")
FAULTS = (
    removed("META-020", D1, "classCode", code(D1, "classCode")),
    value(D1, "creationTime", "yesterday"),
    removed("META-022", D1, "formatCode", code(D1, "formatCode") + "/rim:Name"),
    set_("META-023", D1, "typeCode", "nodeRepresentation", "18748-5", below=code(D1, "typeCode")),
    set_("META-024", D1, "mimeType", "mimeType", "application/x-none"),
    value(D1, "serviceStartTime", "20250101", rule="META-025"),
    set_("META-028", D1, "homeCommunityId", "home", "1.2.3"),
    set_("META-030", D1, "title", "value", "x" * 129, below="/rim:Name/rim:LocalizedString"),
    added("META-031", D1, "documentAvailability", slot("documentAvailability", "Online")),
    value(D1, "sourcePatientInfo", "PID-7|1987", "PID-7|1988", rule="META-032"),
    value(D1, "referenceIdList", REFERENCES[1], rule="META-034", key=REFERENCE_ID_LIST_SLOT),
    added("META-009", D1, "urn:ihe:iti:other", slot("urn:ihe:iti:other", "x")),
    added("META-003", D1, "colour", slot("colour", "red")),
    added("META-004", D1, "languageCode", slot("languageCode", "fr")),
    set_(
        "META-015",
        D1,
        "patientId/Name",
        "value",
        "patientId",
        below=identifier(D1, "patientId") + "/rim:Name/rim:LocalizedString",
    ),
    value(D2, "hash", "a" * 40, "b" * 40, rule="META-005"),
    value(D2, "size", "large"),
    added("META-006", D2, "Classification", '<rim:Classification classificationScheme="urn:uuid:other"/>'),
    added("META-007", D2, "ExternalIdentifier", '<rim:ExternalIdentifier identificationScheme="urn:uuid:other"/>'),
    set_("META-008", D2, "classCode/@classifiedObject", "classifiedObject", "Document01", below=code(D2, "classCode")),
    value(D2, "URI", "x" * 257, rule="META-014"),
    author_slot(D2, "authorTelecommunication", "0123456789"),
    author_slot(D2, "authorInstitution", "^^^^^^^^^1.2.3"),
    value(D2, "referenceIdList", REFERENCES[0], key=REFERENCE_ID_LIST_SLOT),
    set_("META-026", D2, "objectType", "objectType", "urn:uuid:other"),
    value(D2, "sourcePatientId", "1^^^HOSPITAL"),
    added(
        "META-012",
        D3,
        "limitedMetadata",
        f'<rim:Classification classificationNode="{LIMITED_DOCUMENT_ENTRY_NODE}" classifiedObject="Document03"/>',
    ),
    Fault("META-013", D3, "Slot", lambda m: find(m, path_of(D3)).append(element(slot("urn:example:late", "x")))),
    set_("META-061", D3, "patientId", "value", LOCAL_PATIENT.text, below=identifier(D3, "patientId")),
    removed("META-041", D3, "HasMember", "/../rim:Association[@id='A3']"),
    Fault("META-033", D3, "author", lambda m: _emptied(find(m, path_of(D3) + code(D3, "author")))),
    removed("META-020", FOLDER_1, "title", "/rim:Name"),
    removed("META-020", FOLDER_1, "codeList", code(FOLDER_1, "codeList")),
    removed("META-020", SET, "contentTypeCode", code(SET, "contentTypeCode")),
    set_("META-021", SET, "sourceId", "value", "RIS-NORD", below=identifier(SET, "sourceId")),
    value(SET, "intendedRecipient", "|^^Claire|"),
    value(SET, "submissionTime", "now"),
    value("Association A1", "SubmissionSetStatus", "original", rule="META-042"),
    set_("META-043", "Association A7", "targetObject", "targetObject", "Document09"),
    set_("META-040", "Association A8", "associationType", "associationType", "urn:example:sibling"),
    set_("META-045", "Association A9", "sourceObject", "sourceObject", "SubmissionSet01"),
    set_("META-044", "Association B1", "targetObject", "targetObject", "Document02"),
    set_("REG-006", "Association B2", "targetObject", "targetObject", ELSEWHERE),
)
FORTY = FAULTS[:38] + FAULTS[-2:]

CODES = """<Codes>
  <CodeType name="typeCode" classScheme="urn:uuid:f0306f51-975f-434e-a61c-c59651d33983">
    <Code code="18748-4" display="Imaging report" codingScheme="2.16.840.1.113883.6.1"/>
  </CodeType>
  <CodeType name="mimeType"><Code code="text/xml"/></CodeType>
</Codes>"""


@pytest.fixture(scope="module")
def strict_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A registry with an affinity domain of its own."""
    folder = tmp_path_factory.mktemp("strict")
    codes = folder / "codes.xml"
    codes.write_text(CODES, encoding="utf-8")
    with running(folder / "data", Settings(registry=RegistrySettings(codes=codes))) as site:
        yield site


def register(site: Site, message: etree._Element) -> HttpAnswer:
    xml = etree.tostring(message, encoding="unicode")
    return post(site.registry, *plain(iti42.encode_request(valid()), ITI_42, lambda _: xml))


def message_with(faults: tuple[Fault, ...]) -> etree._Element:
    message = parse(encode_submission(valid()).encode())
    for fault in faults:
        fault.change(message)
    return message


def named(answer: HttpAnswer, fault: Fault) -> bool:
    """An error says where by object and attribute, and why by its rule."""
    where = f"{fault.owner}, {fault.attribute}"
    return any(location == where and f"[{fault.rule}]" in context for _, location, context in answer.errors)


def test_forty_faults_seeded_in_one_submission_are_named_in_one_answer(strict_site: Site) -> None:
    assert 40 == len(FORTY)
    answer = register(strict_site, message_with(FORTY))
    missed = [fault[:3] for fault in FORTY if not named(answer, fault)]
    print(f"{len(FORTY) - len(missed)} of {len(FORTY)} faults named, {len(answer.errors)} findings in all")  # noqa: T201
    assert [] == missed
    assert "Failure" == answer.status_word
    assert EMPTY == footprint(strict_site.data)


REFUSED = [fault for fault in FAULTS if RULES[fault.rule].severity is Severity.ERROR]


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: f"{fault.rule} {fault.attribute}")
def test_each_of_the_faults_is_named_when_it_is_alone(strict_site: Site, fault: Fault) -> None:
    assert named(register(strict_site, message_with((fault,))), fault)


def test_the_same_submission_without_faults_is_accepted(tmp_path: Path) -> None:
    with running(tmp_path / "data") as site:
        assert ("Success", []) == ((answer := register(site, message_with(()))).status_word, answer.errors)


def test_a_foreign_code_is_refused_with_the_nearest(strict_site: Site) -> None:
    fault = next(fault for fault in FAULTS if fault.rule == "META-023")
    ((code_, _, context),) = register(strict_site, message_with((fault,))).errors
    assert "XDSRegistryMetadataError" == code_
    words = "is not in the affinity domain's list of type codes; nearest: 18748-4 Imaging report [META-023]"
    assert f'{D1}, typeCode: "18748-5^^2.16.840.1.113883.6.1" (LOINC) {words}' == context


def test_warnings_alone_refuse_nothing(tmp_path: Path) -> None:
    fault = next(fault for fault in FAULTS if fault.rule == "META-034")
    with running(tmp_path / "data") as site:
        answer = register(site, message_with((fault,)))
    assert ("Success", ["XDSRegistryMetadataError"]) == (answer.status_word, answer.codes)
    assert named(answer, fault)


def test_a_flood_of_faults_is_answered_in_bounds(strict_site: Site) -> None:
    flood = "".join(f'<rim:Slot name="s{number}"/>' for number in range(100_000))
    body = iti42.encode_request(valid())
    message = plain(body, ITI_42, lambda xml: xml.replace("<rim:Slot", flood + "<rim:Slot", 1))
    answer = post(strict_site.registry, *message)
    assert MOST_FINDINGS + 1 == len(answer.errors)
    more = int(answer.errors[-1][2].split(maxsplit=1)[0])
    assert 100_000 <= MOST_FINDINGS + more <= 100_010
    assert f"{more} more findings are not listed [META-070]" == answer.errors[-1][2]
    assert EMPTY == footprint(strict_site.data)


def test_a_repository_tells_its_own_findings_and_the_registrys(strict_site: Site) -> None:
    submission = numbered(7, b"<a/>", hash="0" * 40, class_code=None)
    submission = replace(submission, associations=())
    answer = post(strict_site.repository, *mtom(submission))
    rules = sorted(context.rpartition("[")[2].rstrip("]") for _, _, context in answer.errors)
    assert ["META-020", "META-041", "REPO-003"] == rules
