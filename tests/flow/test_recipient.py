"""XDR over HTTP: what is sent to the recipient lies in the inbox, or is registered where the settings say so."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.factories import make_association
from tests.flow.running import HttpAnswer, Site, footprint, post, running, settled_footprint
from tests.flow.submissions import inline, mtom, numbered, plain, unique_id
from tests.listening import listening
from xds_adapter.config import RecipientSettings, RegistrySettings, ServerSettings, Settings
from xds_adapter.datatypes import DTM
from xds_adapter.ebxml import decode_submission
from xds_adapter.model import DocumentEntry, Submission, SubmissionSet, SubmittedDocument
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, BytesContent, write_envelope
from xds_adapter.transactions import iti41, iti43
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.transactions import ITI_41, ITI_43
from xds_adapter.xmlio import parse

NUMBERS = itertools.count(1)
LARGE = 3_000_000


@dataclass(frozen=True)
class Recipient:
    """A running server whose recipient hands documents over in a folder."""

    site: Site
    inbox: Path

    @property
    def url(self) -> str:
        return f"{self.site.url}/xds/recipient"

    def folders(self) -> set[str]:
        return {path.name for path in self.inbox.iterdir()} - {".incoming"}

    def left_over(self) -> list[str]:
        return [path.name for path in (self.inbox / ".incoming").iterdir()]

    def kept(self, number: int) -> tuple[Submission, dict[str, bytes]]:
        """What lies in the inbox: the metadata, and the documents by file name."""
        folder = self.inbox / f"1.2.250.1.999.30.{number}"
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        submission, errors = decode_submission(parse(files.pop("metadata.xml")))
        assert [] == errors
        return submission, files


@pytest.fixture(scope="module")
def recipient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipient]:
    data = tmp_path_factory.mktemp("recipient") / "data"
    settings = Settings(registry=RegistrySettings(async_reply_hosts=("127.0.0.1",)))
    with running(data, settings, patients=()) as site:
        yield Recipient(site, data / "inbox")


def limited(number: int, content: bytes, *, labelled: bool = True) -> Submission:
    """The least that a labelled submission may hold."""
    entry = DocumentEntry(
        entry_uuid="Document01", mime_type="text/plain", unique_id=unique_id(number), limited_metadata=labelled
    )
    submission_set = SubmissionSet(
        entry_uuid="SubmissionSet01",
        submission_time=DTM("20240305101600"),
        source_id="1.2.250.1.999.6",
        unique_id=f"1.2.250.1.999.30.{number}",
        limited_metadata=labelled,
    )
    document = SubmittedDocument(document_id="Document01", content=BytesContent(content))
    return Submission(
        submission_set=submission_set,
        document_entries=(entry,),
        associations=(make_association(),),
        documents=(document,),
    )


def refused(answer: HttpAnswer, *codes: str) -> None:
    assert (200, "Failure") == (answer.status, answer.status_word)
    assert set(codes) == set(answer.codes)


@pytest.mark.parametrize("size", [100, LARGE])
@pytest.mark.parametrize("encoded", [mtom, inline])
def test_a_document_lies_in_the_inbox_with_its_metadata(recipient: Recipient, size: int, encoded: type) -> None:
    number = next(NUMBERS)
    sent, content = numbered(number, b"x" * size), b"x" * size
    answer = post(recipient.url, *encoded(sent))
    assert ("Success", [], encoded is mtom) == (answer.status_word, answer.codes, answer.message.is_mtom)
    assert ITI_41.response_action == answer.envelope.action
    submission, files = recipient.kept(number)
    assert replace(sent, documents=()) == submission
    assert {f"1-{unique_id(number)}.xml": content} == files
    assert [] == recipient.left_over()


def test_nothing_of_it_is_in_registry_or_repository(recipient: Recipient) -> None:
    before = footprint(recipient.site.data)
    assert "Success" == post(recipient.url, *mtom(numbered(next(NUMBERS), b"x" * LARGE))).status_word
    assert before == settled_footprint(recipient.site.data, before)


def test_limited_metadata_are_taken_when_they_are_labelled(recipient: Recipient) -> None:
    number = next(NUMBERS)
    refused(post(recipient.url, *mtom(limited(number, b"a", labelled=False))), "XDSRepositoryMetadataError")
    assert f"1.2.250.1.999.30.{number}" not in recipient.folders()
    assert "Success" == post(recipient.url, *mtom(limited(number, b"a"))).status_word
    submission, files = recipient.kept(number)
    assert submission.document_entries[0].limited_metadata
    assert {f"1-{unique_id(number)}.txt": b"a"} == files


def test_a_submission_that_comes_again_is_there_already(recipient: Recipient) -> None:
    number = next(NUMBERS)
    message = mtom(numbered(number, b"first"))
    assert ["Success", "Success"] == [post(recipient.url, *message).status_word for _ in range(2)]
    refused(post(recipient.url, *mtom(numbered(number, b"second"))), "XDSDuplicateUniqueIdInRegistry")
    assert {f"1-{unique_id(number)}.xml": b"first"} == recipient.kept(number)[1]


def test_what_leads_elsewhere_is_kept_with_a_warning(recipient: Recipient) -> None:
    number = next(NUMBERS)
    replacement = make_association(
        entry_uuid="Association02",
        association_type=AssociationType.RPLC,
        source_object="Document01",
        target_object="urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f009",
        submission_set_status=None,
    )
    sent = numbered(number, b"new")
    sent = replace(sent, associations=(*sent.associations, replacement))
    answer = post(recipient.url, *mtom(sent))
    assert ("Success", ["PartialReplaceContentNotProcessed"]) == (answer.status_word, answer.codes)
    assert replacement in recipient.kept(number)[0].associations


def test_a_refusal_names_everything_and_keeps_nothing(recipient: Recipient) -> None:
    before = recipient.folders()
    sent = numbered(next(NUMBERS), b"x", hash="0" * 40, class_code=None, type_code=None)
    answer = post(recipient.url, *mtom(sent))
    refused(answer, "XDSRepositoryMetadataError")
    assert {"classCode", "typeCode", "hash"} == {location.rpartition(", ")[2] for _, location, _ in answer.errors}
    assert (before, []) == (recipient.folders(), recipient.left_over())


def test_the_answer_may_go_elsewhere(recipient: Recipient) -> None:
    body = iti41.encode_request(limited(next(NUMBERS), b"YQ=="))
    xml = "".join(body.xml).replace(body.attachments[0].include, "YQ==")
    with listening() as partner:
        content = write_envelope(
            xml, action=ITI_41.request_action, message_id="urn:uuid:1", to=recipient.url, reply_to=partner.url
        )
        assert 202 == post(recipient.url, SIMPLE_CONTENT_TYPE, content).status
        assert "Success" == partner.next().status_word


def test_a_recipient_gives_nothing_back(recipient: Recipient) -> None:
    answer = post(recipient.url, *plain(iti43.encode_request([]), ITI_43))
    assert answer.fault is not None
    assert "ActionNotSupported" == answer.fault[0]


def test_a_start_keeps_what_lies_in_the_inbox(tmp_path: Path) -> None:
    settings = Settings(
        recipient=RecipientSettings(inbox=tmp_path / "here"), server=ServerSettings(actors=("recipient",))
    )
    for number in (1, 2):
        with running(tmp_path / "data", settings) as site:
            assert "Success" == post(f"{site.url}/xds/recipient", *mtom(numbered(number, b"x"))).status_word
            assert 404 == post(site.registry, *mtom(numbered(number, b"x"))).status
    folders = {".incoming", "1.2.250.1.999.30.1", "1.2.250.1.999.30.2"}
    assert folders == {path.name for path in (tmp_path / "here").iterdir()}


def test_limited_metadata_can_be_refused(tmp_path: Path) -> None:
    settings = Settings(recipient=RecipientSettings(limited_metadata="refuse"))
    with running(tmp_path / "data", settings) as site:
        answer = post(f"{site.url}/xds/recipient", *mtom(limited(1, b"x")))
        refused(answer, "XDSRepositoryMetadataError")
        assert all("does not accept limited metadata" in context for _, _, context in answer.errors)


def test_the_repository_takes_what_is_sent_to_the_recipient_by_its_own_rules(tmp_path: Path) -> None:
    settings = Settings(recipient=RecipientSettings(store="repository"))
    with running(tmp_path / "data", settings) as site:
        url = f"{site.url}/xds/recipient"
        assert "Success" == post(url, *mtom(numbered(1, b"x"))).status_word
        assert ("document_entry", 1) in footprint(site.data).rows
        answer = post(url, *mtom(limited(2, b"x")))
        refused(answer, "XDSRegistryMetadataError")
        assert ["no registry takes it"] * 2 == [
            "no registry takes it" for _, _, context in answer.errors if "no registry takes it" in context
        ]
        assert not (tmp_path / "data" / "inbox").exists()
