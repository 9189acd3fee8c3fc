"""A detached signature names documents by uniqueId, and each is compared with its bytes."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import pki
from tests.signing import TRUSTING, failed, only_failure, signer
from xds_adapter.model import DocumentContent
from xds_adapter.signature import DETACHED_POLICY, CheckName, Verdict, VerificationSettings, sign_documents, verify
from xds_adapter.signature import manifest as writing
from xds_adapter.signature.block import reference
from xds_adapter.signature.manifest import manifest_unique_id, manifest_uri
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary import signature as names
from xds_adapter.xmlio import parse_signed

FIRST, SECOND = "1.2.250.1.999.1", "1.2.250.1.999.2^page 1/2"
DOCUMENTS: dict[str, DocumentContent] = {FIRST: BytesContent(b"\r\none\r\n"), SECOND: BytesContent(b"\x00%PDF")}
SIGNED = sign_documents(DOCUMENTS, signer())


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_documents_of_any_kind_are_signed(kind: str) -> None:
    asked = VerificationSettings(anchors=(pki.root(),), policy=DETACHED_POLICY)
    result = verify(sign_documents(DOCUMENTS, signer(kind)), asked, documents=DOCUMENTS.get)
    assert {} == failed(result)
    assert ("detached", "urn:ihe:iti:dsg:detached:2014", b"") == (result.kind, result.policy, result.signed_octets)
    assert [(FIRST, "passed"), (SECOND, "passed")] == [(one.unique_id, one.verdict) for one in result.documents]


def test_the_form_is_that_of_dsg() -> None:
    """SHA-256, Canonical XML 1.1 with comments, the policy of DSG, a purpose, uniqueIds as URIs."""
    root = parse_signed(SIGNED)
    assert [names.DSG_C14N] == [e.get("Algorithm") for e in root.iter("{*}CanonicalizationMethod")]
    assert {names.SHA_256} == {e.get("Algorithm") for e in root.iter("{*}DigestMethod")}
    uris = [e.get("URI") for e in root.iterfind("{*}Object/{*}Manifest/{*}Reference")]
    assert [f"urn:oid:{FIRST}", "urn:oid:1.2.250.1.999.2%5Epage%201%2F2"] == uris
    assert ["urn:oid:1.2.840.10065.1.12.1.1"] == [e[0].text for e in root.iter("{*}CommitmentTypeId")]


def test_a_document_that_is_not_at_hand_is_no_success() -> None:
    result = verify(SIGNED, TRUSTING, documents={FIRST: DOCUMENTS[FIRST]}.get)
    assert {CheckName.DOCUMENTS: f"not at hand, so not compared: {SECOND}"} == failed(result)
    assert (True, False) == (result.is_trusted, result.is_valid)
    assert [Verdict.PASSED, Verdict.NOT_CHECKED] == [one.verdict for one in result.documents]


def test_a_document_with_other_bytes_is_found() -> None:
    others = {**DOCUMENTS, FIRST: BytesContent(b"one\r\n")}
    result = verify(SIGNED, TRUSTING, documents=others.get)
    assert {CheckName.DOCUMENTS: f"not the bytes that were signed: {FIRST}"} == failed(result)


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (rb"1\.2\.250\.1\.999\.1\"", b'1.2.250.1.999.3"'),
        (rb"(<ds:Manifest[^>]*><ds:Reference.*?<ds:DigestValue>).", rb"\1/"),
        (rb"<ds:Reference URI=\"urn:oid:1.2.250.1.999.2.*?</ds:Reference>", b""),
    ],
    ids=["another id", "another digest", "one left out"],
)
def test_a_manifest_that_changed_is_found(pattern: bytes, new: bytes) -> None:
    changed = re.sub(pattern, new, SIGNED, count=1)
    assert changed != SIGNED
    assert (CheckName.INTEGRITY, "changed after it was signed: Manifest") == only_failure(changed)


def _crafted(monkeypatch: pytest.MonkeyPatch, pattern: str, new: str) -> bytes:
    """A manifest that a key holder wrote in another way."""
    written = reference

    def other(*args: str) -> str:
        return re.sub(pattern, new, written(*args))

    monkeypatch.setattr(writing, "reference", other)
    return sign_documents(DOCUMENTS, signer())


TRANSFORMS = f'<ds:Transforms><ds:Transform Algorithm="{names.C14N_10}"/></ds:Transforms><ds:DigestMethod'


@pytest.mark.parametrize(
    ("pattern", "new", "words"),
    [
        (r'URI="[^"]*"', 'URI="urn:oid:1.2"', "something twice"),
        (r' URI="[^"]*"', "", "no uniqueId"),
        (r'URI="[^"]*"', 'URI=""', "no uniqueId"),
        (r'URI="[^"]*"', 'URI="#x"', "no uniqueId"),
        (r"<ds:DigestMethod", TRANSFORMS, "transformed"),
        (names.SHA_256, names.SHA_1, "sha1 of"),
    ],
)
def test_a_manifest_that_can_be_read_in_two_ways_is_refused(
    pattern: str, new: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = verify(_crafted(monkeypatch, pattern, new), TRUSTING, documents=DOCUMENTS.get)
    assert {CheckName.DOCUMENTS} == set(failed(result))
    assert words in failed(result)[CheckName.DOCUMENTS]


def test_an_address_in_a_manifest_is_a_name_and_nothing_is_fetched() -> None:
    address, asked = "http://127.0.0.1:9/x", []

    def lookup(unique_id: str) -> None:
        asked.append(unique_id)

    result = verify(sign_documents({address: BytesContent(b"")}, signer()), TRUSTING, documents=lookup)
    assert {CheckName.DOCUMENTS} == set(failed(result))
    assert [address] == asked


def test_a_manifest_inside_a_document_is_not_accepted() -> None:
    """A detached signature is a document of its own."""
    inside = b"<a>" + SIGNED.partition(b"?>\n")[2] + b"</a>"
    assert "covers a manifest" in only_failure(inside)[1] or "0 references" in only_failure(inside)[1]


def test_a_detached_signature_without_manifest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    document = SIGNED.replace(b"<ds:Manifest ", b"<ds:SignatureProperties ").replace(
        b"</ds:Manifest>", b"</ds:SignatureProperties>"
    )
    assert only_failure(document)[0] == CheckName.FORM
    document = re.sub(rb'<ds:Reference Id="[^>]*>.*?</ds:Reference>', b"", SIGNED, count=1)
    assert (CheckName.COVERAGE, "the signature covers no manifest of documents") == only_failure(document)


def test_a_reference_twice_is_refused() -> None:
    document = re.sub(
        rb'<ds:Reference Id="[^"]*"([^>]*>.*?</ds:Reference>)', rb"<ds:Reference\1<ds:Reference\1", SIGNED, count=1
    )
    assert (CheckName.COVERAGE, "the signature covers the same part twice") == only_failure(document)


SET = "1.2.250.1.999.3"
OF_SET = sign_documents(DOCUMENTS, signer(), submission_set=SET)
OWN = hashlib.sha1(OF_SET).hexdigest()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (None, "not at hand"),
        ({}, f"it does not hold this signature; it lacks {FIRST}, {SECOND}"),
        ({FIRST: "", SECOND: "", "1.2": OWN.upper()}, None),
        ({FIRST: "", SECOND: "", "1.2": OWN, "1.3": ""}, "it also holds 1.3"),
        ({FIRST: "", "1.2": OWN}, f"it lacks {SECOND}"),
        ({FIRST: "", SECOND: ""}, "it does not hold this signature"),
    ],
)
def test_a_submission_is_complete_or_is_not_the_one_that_was_signed(
    members: dict[str, str] | None, words: str | None
) -> None:
    result = verify(OF_SET, TRUSTING, documents=DOCUMENTS.get, submission_sets=lambda _: members)
    assert (SET, [FIRST, SECOND]) == (result.submission_set, [one.unique_id for one in result.documents])
    if words is None:
        assert result.is_valid
    else:
        assert {CheckName.SUBMISSION_SET} == set(failed(result))
        assert words in failed(result)[CheckName.SUBMISSION_SET]


def test_a_manifest_of_a_submission_set_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_digests", lambda *_: [(SET, b"0")])
    result = verify(sign_documents(DOCUMENTS, signer()), TRUSTING)
    assert {CheckName.DOCUMENTS: "the manifest names no document"} == failed(result)
    monkeypatch.setattr(writing, "_digests", lambda *_: [(SET, b"0"), (FIRST, b"\0"), (SECOND, bytes(32))])
    result = verify(sign_documents(DOCUMENTS, signer()), TRUSTING)
    assert {CheckName.DOCUMENTS: "the manifest names something twice"} == failed(result)


def test_there_is_no_signature_over_nothing() -> None:
    with pytest.raises(ValueError, match="at least one document"):
        sign_documents({}, signer())


@given(root=st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,5})){1,6}", fullmatch=True), extension=st.text(max_size=16))
def test_a_unique_id_survives_its_form_as_a_uri(root: str, extension: str) -> None:
    for unique_id in (root, f"{root}^{extension}"):
        assert unique_id == manifest_unique_id(manifest_uri(unique_id))
        assert re.fullmatch(r"[!-~]+", manifest_uri(unique_id))


def test_a_unique_id_that_is_a_uri_stays_as_it_is() -> None:
    urn = "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66"
    assert (urn, urn) == (manifest_uri(urn), manifest_unique_id(urn))
