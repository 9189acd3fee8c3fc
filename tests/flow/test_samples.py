"""The official sample requests, sent as they are over HTTP, each to a registry with an empty data folder.

One module: the samples are one conversation, each registered before another asks for it or changes it, by the same
means.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from tests.flow.running import HttpAnswer, Site, post, rows, running
from tests.shared import shared_path
from xds_adapter.config import RegistrySettings, RepositorySettings, Settings
from xds_adapter.datatypes import CX
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, write_envelope
from xds_adapter.vocabulary.namespaces import RIM, RS, SOAP12, XDS, qname
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS
from xds_adapter.vocabulary.transactions import (
    ITI_18,
    ITI_41,
    ITI_42,
    ITI_43,
    ITI_57,
    ITI_62,
    ITI_86,
    ITI_92,
    TRANSACTIONS,
    Transaction,
)
from xds_adapter.xmlio import parse

pytestmark = pytest.mark.shared

MIME_SAMPLES = ("iti41-mtom-without-xop", "iti41-mtom-xop-body", "iti41-mtom-xop-encoded-cid")
REPOSITORY = "1.19.6.24.109.42.1.5"
"""The repositoryUniqueId that the retrieve samples name."""

AUTHORITY = "1.3.6.1.4.1.21367.2005.13.20.1000"
PATIENT_1, PATIENT_2, PATIENT_3, PATIENT_7 = (f"P1122112524.{n}^^^&{AUTHORITY}&ISO" for n in (1, 2, 3, 7))
MIME_PATIENT = "SR7^^^&1.2.260&ISO"
UID = "1.2.42.20261122112524."

ONE_DOCUMENT, NEW_FOLDER = "iti42-register-one-document", "iti42-register-document-in-new-folder"
ONE_ENTRY = "urn:uuid:85f0d6bc-1a81-44a1-9f77-b4c008e84cb3"
OTHER_ENTRY = "urn:uuid:40639373-5e7c-4659-8a14-5915fe0921c1"
FOLDER, FOLDER_ENTRY = "urn:uuid:f9e0cc9d-d9d2-4ec9-b01d-fdcbad1114d6", "urn:uuid:919badef-14b0-4bad-92d8-ba1f68167ac5"
FOLDER_MEMBER = "urn:uuid:fc9a3330-1b0f-4573-9273-0c11c7b06a29"

_PACKAGE_ENVELOPE = re.compile(rb"<soapenv:Envelope.*</soapenv:Envelope>", re.DOTALL)
_ENTRY, _PACKAGE, _ASSOCIATION = (qname(RIM, name) for name in ("ExtrinsicObject", "RegistryPackage", "Association"))
_UNIQUE_ID = re.compile(r"\.uniqueId$")


def sample(name: str) -> bytes:
    return shared_path("data", "xds", "samples", name).read_bytes()


def mime_sample(name: str) -> tuple[str, bytes]:
    """A MIME package with the line ends it travels with, and a Content-Type without ``start``."""
    body = sample(f"{name}.mime").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    boundary = body.partition(b"\r\n")[0][2:].decode()
    return f'multipart/related; type="application/xop+xml"; boundary="{boundary}"', body


def _missing_codes(root: etree._Element) -> None:
    """Add to a code file what the MIME packages use and it lacks: codes, and their patient's assigning authority."""
    etree.SubElement(root, "AssigningAuthority", {"id": CX(MIME_PATIENT).authority})
    types = {kind.get("classScheme"): kind for kind in root.iter("CodeType")}
    for name in MIME_SAMPLES:
        found = _PACKAGE_ENVELOPE.search(sample(f"{name}.mime"))
        assert found is not None
        for used in parse(found[0]).iter(qname(RIM, "Classification")):
            kind = types.get(used.get("classificationScheme", ""))
            scheme = used.findtext(f"{qname(RIM, 'Slot')}//{qname(RIM, 'Value')}") or ""
            code = {"code": used.get("nodeRepresentation", ""), "codingScheme": scheme, "display": ""}
            if kind is not None and not any(code.items() - {("display", "")} <= set(c.attrib.items()) for c in kind):
                etree.SubElement(kind, "Code", code)


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = parse(shared_path("data", "xds", "codes", "nist-codes.xml").read_bytes())
    _missing_codes(root)
    path = tmp_path_factory.mktemp("codes") / "codes.xml"
    path.write_bytes(etree.tostring(root))
    return path


@pytest.fixture
def site(tmp_path: Path, codes: Path) -> Iterator[Site]:
    settings = Settings(registry=RegistrySettings(codes=codes), repository=RepositorySettings(unique_id=REPOSITORY))
    patients = [CX(text).key for text in (PATIENT_1, PATIENT_2, PATIENT_3, PATIENT_7, MIME_PATIENT)]
    with running(tmp_path / "data", settings, patients=patients) as site:
        yield site


@pytest.fixture(scope="module")
def schemas() -> Callable[[str], etree.XMLSchema]:
    loaded: dict[str, etree.XMLSchema] = {}

    def schema(name: str) -> etree.XMLSchema:
        if name not in loaded:
            loaded[name] = etree.XMLSchema(etree.parse(str(shared_path("data", "xds", "schema", name))))
        return loaded[name]

    return schema


_SCHEMAS = {ITI_18: "query.xsd", ITI_43: "XDS.b_DocumentRepository.xsd"}
_SCHEMAS |= dict.fromkeys((ITI_41, ITI_42, ITI_57, ITI_62, ITI_86, ITI_92), "rs.xsd")
Schemas = Callable[[str], etree.XMLSchema]


@dataclass(frozen=True)
class Send:
    """Sends samples and checks what every answer must fulfil."""

    site: Site
    schemas: Schemas

    def __call__(self, name: str, **changes: str) -> HttpAnswer:
        """Send a sample; `changes` replace texts in it."""
        if name in MIME_SAMPLES:
            content_type, body = mime_sample(name)
        else:
            content_type, body = SIMPLE_CONTENT_TYPE, sample(f"{name}-request.xml")
        for former, new in changes.items():
            assert former.encode() in body, former
            body = body.replace(former.encode(), new.encode())
        return self.message(content_type, body)

    def message(self, content_type: str, body: bytes) -> HttpAnswer:
        """Send a message to the actor that its action belongs to."""
        action, message_id = _header(body, b"Action"), _header(body, b"MessageID")
        transaction = {t.request_action: t for t in TRANSACTIONS}.get(action)
        to_registry = transaction is not None and transaction.actor != "DocumentRepository"
        answer = post(self.site.registry if to_registry else self.site.repository, content_type, body)
        assert message_id == answer.envelope.relates_to
        if transaction is not None:
            _check(answer, transaction, self.schemas)
        return answer


def _header(body: bytes, name: bytes) -> str:
    found = re.search(name + rb"[^>]*>\s*([^<\s]+)", body)
    assert found is not None
    return found[1].decode()


@pytest.fixture
def send(site: Site, schemas: Schemas) -> Send:
    return Send(site, schemas)


def _check(answer: HttpAnswer, transaction: Transaction, schemas: Schemas) -> None:
    assert answer.fault is None
    assert (200, transaction.response_action) == (answer.status, answer.envelope.action)
    _valid(answer.envelope.body, schemas(_SCHEMAS[transaction]))
    _valid(answer.message.envelope, schemas("soap-1.2-envelope.xsd"))
    header = answer.message.envelope[0]
    for block in header:
        # The schema of WS-Addressing is about each block, not about the header.
        block.attrib.pop(qname(SOAP12, "mustUnderstand"), "")
        _valid(block, schemas("ws-addr.xsd"))
    for found in answer.envelope.body.iter(_ENTRY, _PACKAGE, _ASSOCIATION):
        assert found.get("id") == found.get("lid")
        assert (found.get("status") or "").startswith("urn:oasis:names:tc:ebxml-regrep:StatusType:")
        versions = [v.get("versionName") for v in found.iter(qname(RIM, "VersionInfo"))]
        assert ["1"] == versions


def _valid(element: etree._Element, schema: etree.XMLSchema) -> None:
    copy = parse(etree.tostring(element, with_tail=False))
    for include in list(copy.iter("{http://www.w3.org/2004/08/xop/include}Include")):
        # The schema sees what a receiver sees after unpacking.
        parent = include.getparent()
        assert parent is not None
        parent.remove(include)
    schema.validate(copy)
    assert [] == [str(error.message) for error in cast("Any", schema.error_log)]


def unique_ids(answer: HttpAnswer, tag: str) -> list[str]:
    """The last parts of the uniqueIds of the objects with `tag`, in order of the answer."""
    return [
        (identifier.get("value") or "").removeprefix(UID)
        for found in answer.envelope.body.iter(tag)
        for identifier in found.iter(qname(RIM, "ExternalIdentifier"))
        for name in identifier.iter(qname(RIM, "LocalizedString"))
        if _UNIQUE_ID.search(name.get("value") or "")
    ]


def object_refs(answer: HttpAnswer) -> list[str]:
    return [ref.get("id", "") for ref in answer.envelope.body.iter(qname(RIM, "ObjectRef"))]


def members(answer: HttpAnswer) -> set[tuple[str, str]]:
    """Source and target of the associations."""
    found = answer.envelope.body.iter(_ASSOCIATION)
    return {(a.get("sourceObject", ""), a.get("targetObject", "")) for a in found}


def get_documents(send: Send, value: str, *, name: str = "EntryUUID", return_type: str = "LeafClass") -> HttpAnswer:
    changes = {
        f"('{ONE_ENTRY}','{OTHER_ENTRY}')": value,
        "$XDSDocumentEntryEntryUUID": f"$XDSDocumentEntry{name}",
        'returnType="LeafClass"': f'returnType="{return_type}"',
    }
    return send("iti18-not-single-patient", **changes)


def test_registrations_without_references_succeed(send: Send) -> None:
    for name in (ONE_DOCUMENT, NEW_FOLDER, "iti42-register-two-documents-folder"):
        assert ("Success", []) == ((answer := send(name)).status_word, answer.codes)


@pytest.mark.parametrize("name", MIME_SAMPLES)
def test_a_mime_package_is_stored(send: Send, name: str) -> None:
    assert ("Success", []) == ((answer := send(name)).status_word, answer.codes)
    assert answer.message.is_mtom


def test_the_plain_form_of_iti41_is_stored_and_answered_plainly(send: Send) -> None:
    answer = send("iti41-provide-two-documents")
    assert ("Success", [], False) == (answer.status_word, answer.codes, answer.message.is_mtom)


def test_a_submission_sent_twice_is_a_duplicate(send: Send) -> None:
    send(ONE_DOCUMENT)
    answer = send(ONE_DOCUMENT)
    assert "XDSDuplicateUniqueIdInRegistry" in answer.codes


@pytest.mark.parametrize(
    ("name", "uuids"),
    [
        ("iti42-replace", ["urn:uuid:a87ae0e4-0142-44cb-b723-3c85d05b5348"]),
        ("iti42-append", ["urn:uuid:a3f8fceb-7a56-4890-8ef0-2ec9f734b395"] * 2),
        ("iti42-transform", ["urn:uuid:a3f8fceb-7a56-4890-8ef0-2ec9f734b395"] * 2),
        (
            "iti42-existing-document-to-existing-folder",
            ["urn:uuid:52655f1f-b99e-4f93-9b09-53ff3f8645a0", "urn:uuid:919d589d-f6b3-4c9d-a97e-71362c066c11"],
        ),
        ("iti42-patient-mismatch", ["urn:uuid:3895f1b7-6909-4d26-a717-cda3bc58b505"]),
    ],
)
def test_an_absent_object_is_an_unresolved_reference(send: Send, name: str, uuids: list[str]) -> None:
    answer = send(name)
    assert "Failure" == answer.status_word
    assert ["UnresolvedReferenceException"] * len(uuids) == answer.codes
    for uuid, (_, _, context) in zip(uuids, answer.errors, strict=True):
        assert uuid in context


@pytest.mark.parametrize(
    ("name", "target", "patient", "statuses"),
    [
        ("iti42-replace", "urn:uuid:a87ae0e4-0142-44cb-b723-3c85d05b5348", PATIENT_3, {"1": "Deprecated"}),
        ("iti42-append", "urn:uuid:a3f8fceb-7a56-4890-8ef0-2ec9f734b395", PATIENT_1, {"1": "Approved"}),
        ("iti42-transform", "urn:uuid:a3f8fceb-7a56-4890-8ef0-2ec9f734b395", PATIENT_1, {"1": "Approved"}),
    ],
)
def test_a_relationship_to_a_registered_document_succeeds(
    send: Send, name: str, target: str, patient: str, statuses: dict[str, str]
) -> None:
    assert "Success" == send(ONE_DOCUMENT, **{ONE_ENTRY: target, _xml(PATIENT_3): _xml(patient)}).status_word
    answer = send(name)
    assert ("Success", []) == (answer.status_word, answer.codes)
    entry = next(get_documents(send, f"('{target}')").envelope.body.iter(_ENTRY))
    assert statuses == {"1": (entry.get("status") or "").rpartition(":")[2]}


def test_a_registered_document_is_put_into_a_registered_folder(send: Send) -> None:
    folder, entry = "urn:uuid:52655f1f-b99e-4f93-9b09-53ff3f8645a0", "urn:uuid:919d589d-f6b3-4c9d-a97e-71362c066c11"
    send(NEW_FOLDER, **{FOLDER: folder, _xml(PATIENT_3): _xml(PATIENT_1)})
    send(ONE_DOCUMENT, **{ONE_ENTRY: entry, _xml(PATIENT_3): _xml(PATIENT_1)})
    answer = send("iti42-existing-document-to-existing-folder")
    assert ("Success", []) == (answer.status_word, answer.codes)
    assert (folder, entry) in members(get_associations(send, [folder]))


def test_a_folder_of_another_patient_takes_no_document(send: Send) -> None:
    send(NEW_FOLDER, **{FOLDER: "urn:uuid:3895f1b7-6909-4d26-a717-cda3bc58b505"})
    answer = send("iti42-patient-mismatch")
    assert ("Failure", ["XDSPatientIdDoesNotMatch"]) == (answer.status_word, answer.codes)


def _xml(text: str) -> str:
    return text.replace("&", "&amp;")


def get_associations(send: Send, uuids: list[str], return_type: str = "LeafClass") -> HttpAnswer:
    changes = {
        GET_DOCUMENTS.query_id: "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155",
        f"('{ONE_ENTRY}','{OTHER_ENTRY}')": f"({','.join(repr(uuid) for uuid in uuids)})",
        "$XDSDocumentEntryEntryUUID": "$uuid",
        'returnType="LeafClass"': f'returnType="{return_type}"',
    }
    return send("iti18-not-single-patient", **changes)


def test_find_submission_sets_finds_those_of_the_patient(send: Send) -> None:
    for name in (ONE_DOCUMENT, NEW_FOLDER, "iti42-register-two-documents-folder", "iti41-provide-two-documents"):
        assert "Success" == send(name).status_word
    answer = send("iti18-find-submission-sets")
    assert ["2", "4", "8"] == unique_ids(answer, _PACKAGE)
    assert ([], set()) == (unique_ids(answer, _ENTRY), members(answer))
    references = send("iti18-find-submission-sets", LeafClass="ObjectRef")
    assert [p.get("id") for p in answer.envelope.body.iter(_PACKAGE)] == object_refs(references)


FIND_DOCUMENTS = {
    "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9": "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d",
    "$XDSSubmissionSetPatientId": "$XDSDocumentEntryPatientId",
    "$XDSSubmissionSetStatus": "$XDSDocumentEntryStatus",
}


def test_find_documents_finds_those_of_the_patient(send: Send) -> None:
    for name in (ONE_DOCUMENT, NEW_FOLDER, "iti42-register-two-documents-folder", "iti41-provide-two-documents"):
        send(name)
    answer = send("iti18-find-submission-sets", **FIND_DOCUMENTS)
    assert ["1", "3", "6", "7"] == unique_ids(answer, _ENTRY)
    references = send("iti18-find-submission-sets", LeafClass="ObjectRef", **FIND_DOCUMENTS)
    assert [e.get("id") for e in answer.envelope.body.iter(_ENTRY)] == object_refs(references)
    assert (ONE_ENTRY, []) == (object_refs(references)[0], unique_ids(references, _ENTRY))


def test_get_documents_gets_by_entry_uuid_and_by_unique_id(send: Send) -> None:
    send(ONE_DOCUMENT)
    send(NEW_FOLDER)
    assert ["1"] == unique_ids(get_documents(send, f"('{ONE_ENTRY}','{OTHER_ENTRY}')"), _ENTRY)
    assert ["1", "3"] == unique_ids(get_documents(send, f"('{UID}1','{UID}3')", name="UniqueId"), _ENTRY)
    absent = get_documents(send, f"('{OTHER_ENTRY}')")
    assert ("Success", []) == (absent.status_word, unique_ids(absent, _ENTRY))


def test_get_associations_gets_those_at_either_end(send: Send) -> None:
    send(NEW_FOLDER)
    submission_set = "urn:uuid:31e14711-dd45-4f0c-b5b1-b2c66f2fbbc6"
    expected = {(submission_set, FOLDER), (FOLDER, FOLDER_ENTRY)}
    assert expected == members(get_associations(send, [FOLDER]))
    references = object_refs(get_associations(send, [FOLDER], "ObjectRef"))
    assert (2, True) == (len(references), FOLDER_MEMBER in references)


def test_get_submission_set_and_contents_gets_what_was_submitted_together(send: Send) -> None:
    send("iti41-provide-two-documents")
    send(ONE_DOCUMENT)
    answer = send("iti18-get-submission-set-and-contents")
    assert (["35"], ["33", "34"]) == (unique_ids(answer, _PACKAGE), unique_ids(answer, _ENTRY))
    (package,) = answer.envelope.body.iter(_PACKAGE)
    entries = [entry.get("id", "") for entry in answer.envelope.body.iter(_ENTRY)]
    assert {(package.get("id", ""), entry) for entry in entries} == members(answer)
    assert 5 == len(object_refs(send("iti18-get-submission-set-and-contents", LeafClass="ObjectRef")))


def test_get_submission_set_and_contents_gets_folders_and_their_members(send: Send) -> None:
    send(NEW_FOLDER)
    answer = send("iti18-get-submission-set-and-contents", **{f"{UID}35": f"{UID}4"})
    submission_set = "urn:uuid:31e14711-dd45-4f0c-b5b1-b2c66f2fbbc6"
    assert (["4", "5"], ["3"]) == (unique_ids(answer, _PACKAGE), unique_ids(answer, _ENTRY))
    assert {
        (submission_set, FOLDER),
        (submission_set, FOLDER_ENTRY),
        (submission_set, FOLDER_MEMBER),
        (FOLDER, FOLDER_ENTRY),
    } == members(answer)


def test_two_patients_in_one_result_are_refused_as_leaf_class_and_given_as_references(send: Send) -> None:
    send(ONE_DOCUMENT)
    second = {ONE_ENTRY: OTHER_ENTRY, _xml(PATIENT_3): _xml(PATIENT_1), f"{UID}1": f"{UID}101", f"{UID}2": f"{UID}102"}
    second["urn:uuid:9aaa3380-2ce8-4bb6-934e-61faf72ac306"] = "urn:uuid:9aaa3380-2ce8-4bb6-934e-61faf72ac307"
    assert "Success" == send(ONE_DOCUMENT, **second).status_word
    refused = send("iti18-not-single-patient")
    assert ("Failure", ["XDSResultNotSinglePatient"]) == (refused.status_word, refused.codes)
    assert [] == unique_ids(refused, _ENTRY)
    answer = send("iti18-get-documents-objectref")
    assert ("Success", [ONE_ENTRY, OTHER_ENTRY]) == (answer.status_word, object_refs(answer))


def test_get_folders_gets_by_unique_id(send: Send) -> None:
    for name in (NEW_FOLDER, "iti42-register-two-documents-folder"):
        assert "Success" == send(name).status_word
    answer = send("iti18-get-folders")
    assert ("Success", ["5", "9"]) == (answer.status_word, unique_ids(answer, _PACKAGE))
    assert ([], set()) == (unique_ids(answer, _ENTRY), members(answer))


def test_get_submission_sets_gets_the_set_of_a_document(send: Send) -> None:
    send(ONE_DOCUMENT)
    answer = send("iti18-get-submission-sets")
    assert ("Success", ["2"]) == (answer.status_word, unique_ids(answer, _PACKAGE))
    assert {ONE_ENTRY} == {target for _, target in members(answer)}


def test_get_folders_for_document_gets_the_folder(send: Send) -> None:
    send(NEW_FOLDER, **{FOLDER_ENTRY: "urn:uuid:5bdf09e3-523c-456b-8b0a-1df8fa06dbe7"})
    answer = send("iti18-get-folders-for-document")
    assert [FOLDER] == [package.get("id") for package in answer.envelope.body.iter(_PACKAGE)]


def test_a_retrieve_of_absent_documents_names_each(send: Send) -> None:
    answer = send("iti43-retrieve-two-documents")
    assert ("Failure", ["XDSDocumentUniqueIdError"] * 2) == (answer.status_word, answer.codes)
    assert [True, True] == [uid in answer.errors[at][2] for at, uid in enumerate((f"{UID}160", f"{UID}161"))]
    assert ["XDSDocumentUniqueIdError"] == send("iti43-retrieve-after-removal").codes[:1]


def test_a_retrieve_from_another_repository_names_it(send: Send) -> None:
    answer = send("iti43-retrieve-two-documents", **{REPOSITORY: "1.2.3.4"})
    assert ("Failure", ["XDSUnknownRepositoryId"] * 2) == (answer.status_word, answer.codes)
    assert "1.2.3.4" in answer.errors[0][2]


def test_submitted_documents_are_retrieved(send: Send) -> None:
    send("iti41-provide-two-documents", **{f"{UID}33": f"{UID}160", f"{UID}34": f"{UID}161"})
    answer = send("iti43-retrieve-two-documents")
    assert ("Success", True) == (answer.status_word, answer.message.is_mtom)
    submitted = parse(sample("iti41-provide-two-documents-request.xml"))
    expected = [answer.message.resolve(d).sha1 for d in answer.envelope.body.iter(qname(XDS, "Document"))]
    assert expected == [_sha1(document) for document in submitted.iter(qname(XDS, "Document"))]


def _sha1(document: etree._Element) -> str:
    return hashlib.sha1(base64.b64decode(document.text or ""), usedforsecurity=False).hexdigest()


def test_one_of_two_documents_is_a_partial_success(send: Send) -> None:
    send("iti41-provide-two-documents", **{f"{UID}33": f"{UID}160"})
    answer = send("iti43-retrieve-two-documents")
    assert ("PartialSuccess", ["XDSDocumentUniqueIdError"]) == (answer.status_word, answer.codes)
    assert 1 == len(list(answer.envelope.body.iter(qname(XDS, "DocumentResponse"))))


def in_envelope(name: str, transaction: Transaction) -> bytes:
    body = sample(name).replace(b"\xef\xbb\xbf", b"")
    body = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", body)
    message_id = "urn:uuid:00000000-0000-4000-8000-000000000099"
    return write_envelope(body, action=transaction.request_action, message_id=message_id)


def test_a_patient_id_that_smuggles_sql_is_a_badly_written_value(send: Send) -> None:
    body = in_envelope("ipf-iti18-find-documents-body.xml", ITI_18)
    answer = send.message(SIMPLE_CONTENT_TYPE, body)
    assert ("Failure", True) == (answer.status_word, "XDSRegistryError" in answer.codes)
    assert "$XDSDocumentEntryPatientId" in " ".join(answer.errors[0])


def test_a_query_over_several_patients_is_unknown(send: Send) -> None:
    body = in_envelope("ipf-iti51-find-documents-mpq-body.xml", ITI_18)
    answer = send.message(SIMPLE_CONTENT_TYPE, body)
    assert ("Failure", ["XDSUnknownStoredQuery"]) == (answer.status_word, answer.codes)


def with_document(send: Send, uuid: str, number: int = 1, **more: str) -> None:
    """Register the document that the sample of an update presupposes."""
    changes = {ONE_ENTRY: uuid, _xml(PATIENT_3): _xml(PATIENT_1), f'"{UID}1"': f'"{UID}{number}"', **more}
    assert "Success" == send(ONE_DOCUMENT, **changes).status_word


def versions(site: Site, logical_id: str, kind: str = "document_entry") -> list[tuple[int, str]]:
    found = rows(site.data, f"SELECT version, status FROM {kind} WHERE logical_id = '{logical_id}' ORDER BY version")
    return [(int(str(version)), str(status).rpartition(":")[2]) for version, status in found]


CHANGED_PATIENT = "urn:uuid:a01d61b2-4a90-4c58-bf8e-a8a6814238bb"
STALE = "urn:uuid:b4ce4554-e4b4-4e7f-8033-59f86f4a23d6"
CHANGED_STATUS = "urn:uuid:09df8647-0d6f-41a5-b8f8-f7f0d123d028"
CHANGED_FOLDER = "urn:uuid:5e971f08-a58d-441f-bd2f-7dc06d0ea0c5"
RESTRICTED = "urn:uuid:f8fbd847-edc7-41cd-915b-e2ff711649cc"


def test_a_document_gets_another_patient(send: Send) -> None:
    with_document(send, CHANGED_PATIENT, 123)
    assert ("Success", []) == ((answer := send("iti57-change-patient-id")).status_word, answer.codes)
    assert [(1, "Deprecated"), (2, "Approved")] == versions(send.site, CHANGED_PATIENT)
    patients = f"SELECT patient_id FROM document_entry WHERE logical_id = '{CHANGED_PATIENT}' ORDER BY version"
    assert [(PATIENT_1,), (PATIENT_2,)] == rows(send.site.data, patients)


@pytest.mark.parametrize("name", ["iti57-change-patient-id", "iti57-stale-version", "iti92-restricted-update"])
def test_an_update_of_nothing_is_a_version_error(send: Send, name: str) -> None:
    assert ("Failure", ["XDSMetadataVersionError"]) == ((answer := send(name)).status_word, answer.codes)


def test_an_update_of_a_version_that_is_not_the_latest_is_refused(send: Send) -> None:
    with_document(send, STALE, 91)
    answer = send("iti57-stale-version")
    assert ("Failure", ["XDSMetadataVersionError"]) == (answer.status_word, answer.codes)
    expected = parse(sample("iti57-stale-version-response.xml"))
    names = [error.get("errorCode") for error in expected.iter("{*}RegistryError")]
    assert names == answer.codes
    assert [(1, "Approved")] == versions(send.site, STALE)


def test_a_document_is_deprecated_once(send: Send) -> None:
    with_document(send, CHANGED_STATUS)
    assert "Success" == send("iti57-update-availability-status").status_word
    assert [(1, "Deprecated")] == versions(send.site, CHANGED_STATUS)
    again = send("iti57-update-availability-status", **{f"{UID}113": f"{UID}1130"})
    assert ("Failure", ["XDSMetadataUpdateError"]) == (again.status_word, again.codes)


def test_a_folder_gets_a_new_version_that_is_deprecated_at_once(send: Send) -> None:
    folder = {FOLDER: CHANGED_FOLDER, f'"{UID}5"': f'"{UID}115"', _xml(PATIENT_3): _xml(PATIENT_1)}
    assert "Success" == send(NEW_FOLDER, **folder).status_word
    answer = send("iti57-update-folder", SubmissionSet01_uniqueid=f"{UID}1150")
    assert ("Success", []) == (answer.status_word, answer.codes)
    assert [(1, "Deprecated"), (2, "Deprecated")] == versions(send.site, CHANGED_FOLDER, "folder")


def test_a_restricted_update_makes_a_new_version(send: Send) -> None:
    """It keeps the sourcePatientId, which is not the one of the sample that registers a document."""
    with_document(send, RESTRICTED, 135, **{"1.3.4.5&amp;ISO": "1.2.3.4.5&amp;ISO"})
    refused = send("iti92-restricted-update", **{"1.2.3.4.5&amp;ISO": "1.3.4.5&amp;ISO"})
    assert ("Failure", ["UnmodifiableMetadataError"]) == (refused.status_word, refused.codes)
    answer = send("iti92-restricted-update")
    assert ("Success", []) == (answer.status_word, answer.codes)
    assert [(1, "Deprecated"), (2, "Approved")] == versions(send.site, RESTRICTED)


def test_metadata_dense_in_optional_attributes_are_refused_as_an_update_with_all_their_faults(send: Send) -> None:
    answer = send.message(SIMPLE_CONTENT_TYPE, in_envelope("ipf-iti57-update-body.xml", ITI_57))
    assert "Failure" == answer.status_word
    assert {"XDSUnknownPatientId", "XDSMetadataVersionError", "XDSRegistryMetadataError"} <= set(answer.codes)


@pytest.mark.parametrize("name", ["ipf-submit-objects-body.xml", "ipf-submit-extra-metadata-body.xml"])
def test_metadata_dense_in_optional_attributes_are_refused_with_all_their_faults(send: Send, name: str) -> None:
    """These bodies are about encoding: their codes and patients belong to no domain."""
    answer = send.message(SIMPLE_CONTENT_TYPE, in_envelope(name, ITI_42))
    assert ("Failure", True) == (answer.status_word, "XDSUnknownPatientId" in answer.codes)
    assert "XDSRegistryMetadataError" in answer.codes


REMOVED = (
    "urn:uuid:53048dd1-8d9e-43bc-9977-346d9ede3638",
    "urn:uuid:19212609-9346-45d7-afb6-0d749e0a964f",
    "urn:uuid:fbeb0508-d023-4658-abb1-94a06be20b1b",
    "urn:uuid:aeb8748c-45c6-46f0-987d-7cf73299d879",
    "urn:uuid:094edc31-6dcf-4f7e-9d29-8d9c107ff2d8",
    "urn:uuid:0bfcd867-dbd0-473d-9e84-470676fd4d7f",
)
"""What the sample removes: here a SubmissionSet and its document, and another set and its document, with the links."""


def _register_two(send: Send) -> list[str]:
    """Register two documents, each with its SubmissionSet, and return the entryUUIDs of all six objects."""
    second = {ONE_ENTRY: OTHER_ENTRY, f"{UID}1": f"{UID}101", f"{UID}2": f"{UID}102"}
    second["urn:uuid:9aaa3380-2ce8-4bb6-934e-61faf72ac306"] = "urn:uuid:9aaa3380-2ce8-4bb6-934e-61faf72ac307"
    for changes in ({}, second):
        assert "Success" == send(ONE_DOCUMENT, **changes).status_word
    links = get_associations(send, [ONE_ENTRY, OTHER_ENTRY])
    ends = {end for ends in members(links) for end in ends}
    return sorted({*ends, *(a.get("id", "") for a in links.envelope.body.iter(_ASSOCIATION))})


def test_metadata_is_removed_at_once_and_gone(send: Send) -> None:
    uuids = _register_two(send)
    assert 6 == len(uuids)
    everything = dict(zip(REMOVED, uuids, strict=True))
    assert ("Success", []) == ((answer := send("iti62-remove-metadata", **everything)).status_word, answer.codes)
    absent = get_documents(send, f"('{ONE_ENTRY}','{OTHER_ENTRY}')")
    assert ("Success", []) == (absent.status_word, unique_ids(absent, _ENTRY))
    again = send("iti62-remove-metadata", **everything)
    assert ("Failure", ["UnresolvedReferenceException"] * 6) == (again.status_word, again.codes)


def test_what_others_refer_to_is_not_removed(send: Send) -> None:
    uuids = _register_two(send)
    answer = send("iti62-references-exist", **{"urn:uuid:4ada3784-656a-4542-9b34-e1f7ab0b2f5b": ONE_ENTRY})
    expected = parse(sample("iti62-references-exist-response.xml"))
    assert [error.get("errorCode") for error in expected.iter(f"{{{RS}}}RegistryError")] == answer.codes
    assert any(uuid in answer.errors[0][2] for uuid in uuids if uuid != ONE_ENTRY)
    assert ["1"] == unique_ids(get_documents(send, f"('{ONE_ENTRY}')"), _ENTRY)


def test_what_is_not_there_is_not_removed(send: Send) -> None:
    answer = send("iti62-unresolved-reference")
    (expected,) = parse(sample("iti62-unresolved-reference-response.xml")).iter(f"{{{RS}}}RegistryError")
    assert ("Failure", [expected.get("errorCode")]) == (answer.status_word, answer.codes)
    assert (expected.get("codeContext") or "-") in answer.errors[0][2]


def test_documents_are_removed_and_cannot_be_retrieved(send: Send) -> None:
    send("iti41-provide-two-documents")
    stored = {f"{UID}160": f"{UID}33", f"{UID}161": f"{UID}34"}
    assert "Success" == send("iti43-retrieve-two-documents", **stored).status_word
    assert ("Success", []) == ((answer := send("iti86-remove-documents", **stored)).status_word, answer.codes)
    for uid in stored.values():
        gone = send("iti43-retrieve-after-removal", **{f"{UID}160": uid})
        (expected,) = parse(sample("iti43-retrieve-after-removal-response.xml")).iter(f"{{{RS}}}RegistryError")
        assert ("Failure", [expected.get("errorCode")]) == (gone.status_word, gone.codes)
        assert uid in gone.errors[0][2]
    assert ["XDSDocumentUniqueIdError"] * 2 == send("iti86-remove-documents", **stored).codes
