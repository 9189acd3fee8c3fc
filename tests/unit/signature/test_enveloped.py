"""A CDA document is signed inside itself, and no other byte of it changes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import pki
from tests.signing import DOCUMENT, END, START, TRUSTING, block, failed, signed, signer
from xds_adapter.cda.build import build, example
from xds_adapter.errors import CdaInvalid, MalformedMessage
from xds_adapter.signature import (
    ENVELOPED_POLICY,
    CheckName,
    SignaturePolicy,
    VerificationSettings,
    purposes,
    sign_cda,
    verify,
)
from xds_adapter.xmlio import parse_signed

POLICY_PAGE = Path(__file__).parents[3] / "docs" / "signature-policy.md"
PROLOGUES = ["", "\ufeff", '<?xml version="1.0"?>\r\n', "<?xml-stylesheet href='a>b.xsl'?><!-- > <a> -->"]
FILLERS = ["", "\n", "\r\n\t", "<!-- <legalAuthenticator><assignedEntity> -->", "<?pi <assignedEntity> ?>"]


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384"])
def test_what_is_signed_verifies(kind: str) -> None:
    result = verify(signed(kind), TRUSTING)
    assert {} == failed(result)
    assert (True, True, True) == (result.is_valid, result.is_intact, result.is_trusted)
    assert ("enveloped", ENVELOPED_POLICY.identifier) == (result.kind, result.policy)
    assert ["Author's Signature"] == [purpose.display for purpose in result.purposes]
    assert result.signer is not None
    assert result.signer.subject == "GN=Hugo,SN=MARTEL,CN=801234560801,O=Centre Hospitalier de Test,C=FR"


@pytest.mark.parametrize("kind", ["imaging-request", "imaging-report"])
def test_a_built_document_is_signed(kind: str) -> None:
    assert verify(sign_cda(build(kind, example(kind)), signer()), TRUSTING).is_valid


def test_no_byte_beside_the_signature_changes() -> None:
    before, after = signed().split(block(signed()))
    assert before.endswith(START.encode())
    assert after.startswith(END.encode())
    assert before.removesuffix(START.encode()) + after.removeprefix(END.encode()) == DOCUMENT


@given(
    prologue=st.sampled_from(PROLOGUES),
    prefix=st.sampled_from(["", "c:", "sdtc:"]),
    fillers=st.lists(st.sampled_from(FILLERS), min_size=4, max_size=4),
    extension=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
    declared=st.sampled_from(
        ["", ' xmlns:sdtc="urn:hl7-org:sdtc"', ' xmlns:x="urn:hl7-org:sdtc" xmlns:y="urn:hl7-org:sdtc"']
    ),
)
def test_the_signature_finds_its_place(
    prologue: str, prefix: str, fillers: list[str], extension: str, declared: str
) -> None:
    """Whatever comments, quoted brackets, prefixes and line ends stand before it."""
    if prefix == "sdtc:":
        declared = ""
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    quoted = extension.translate({ord(c): f"&#{ord(c)};" for c in '&<"'})
    entity = f'<{prefix}assignedEntity a=\'">\' b="{quoted}"/>'
    document = (
        f'{prologue}<{prefix}ClinicalDocument {name}="urn:hl7-org:v3"{declared}>{fillers[0]}<{prefix}title>'
        f"<![CDATA[<{prefix}assignedEntity>]]></{prefix}title>{fillers[1]}<{prefix}legalAuthenticator>{fillers[2]}"
        f"{entity}{fillers[3]}</{prefix}legalAuthenticator></{prefix}ClinicalDocument>{fillers[3]}"
    ).encode()
    result = sign_cda(document, signer())
    place = document.index(entity.encode())
    assert result.startswith(document[:place])
    assert result.endswith(document[place:])
    assert verify(result, TRUSTING).is_valid


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "ISO-8859-15", "windows-1252", "utf-8"])
def test_an_encoding_that_contains_ascii_is_kept(encoding: str) -> None:
    document = DOCUMENT.decode().replace("UTF-8", encoding).encode(encoding)
    assert verify(sign_cda(document, signer()), TRUSTING).is_valid


def test_what_is_covered_is_returned() -> None:
    """Whoever reads on reads this, not the bytes that came in."""
    covered = verify(signed(), TRUSTING).signed_octets
    assert "Dose 10 mGy" in covered.decode()
    assert b"xml-stylesheet" in covered
    assert b"Signature>" not in covered


def test_policy_purpose_and_time_are_stated() -> None:
    moment = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    policy = SignaturePolicy.of("1.2.250.1.999.5", b"text", "<rules> & more")
    asked = purposes(["validation", "1.2.840.10065.1.12.1.2"])
    document = sign_cda(DOCUMENT, signer(), policy=policy, purpose=asked, moment=moment)
    result = verify(document, VerificationSettings(anchors=(pki.root(),), policy=policy))
    assert (True, moment, "urn:oid:1.2.250.1.999.5", asked) == (
        result.is_valid,
        result.signing_time,
        result.policy,
        result.purposes,
    )


def test_two_signatures_have_no_id_in_common() -> None:
    def ids(document: bytes) -> set[str]:
        return {element.get("Id", "") for element in parse_signed(document).iter("{*}*")} - {""}

    assert set() == ids(sign_cda(DOCUMENT, signer())) & ids(sign_cda(DOCUMENT, signer()))


def test_the_policy_names_the_hash_of_its_page() -> None:
    assert hashlib.sha256(POLICY_PAGE.read_bytes()).hexdigest() == ENVELOPED_POLICY.sha256
    assert ENVELOPED_POLICY.identifier in POLICY_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"<a/>", "not ClinicalDocument"),
        (DOCUMENT.replace(b"legalAuthenticator", b"authenticator"), "no legalAuthenticator"),
        (DOCUMENT.replace(b"assignedEntity", b"assigned"), "no legalAuthenticator"),
        (signed(), "signed already"),
        (
            DOCUMENT.replace(b"<signatureCode", b'<s:signatureText xmlns:s="urn:hl7-org:sdtc"/><signatureCode'),
            "signed already",
        ),
        (DOCUMENT.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_signed_inside_itself_is_refused(document: bytes, words: str) -> None:
    with pytest.raises(CdaInvalid, match=words):
        sign_cda(document, signer())


@pytest.mark.parametrize(
    "document",
    [
        b"no xml",
        b"<!DOCTYPE a>" + DOCUMENT.partition(b"?>")[2],
        DOCUMENT.replace(b"Dose", b"x" * 10_000_001),
        DOCUMENT.replace(b"<title>", b'<title xmlns:x="relative">'),
    ],
    ids=["no XML", "with a DTD", "a text over 10 MB", "a relative namespace"],
)
def test_what_cannot_be_read_is_refused(document: bytes) -> None:
    with pytest.raises(MalformedMessage):
        sign_cda(document, signer())


def test_comments_are_not_covered_and_not_read() -> None:
    """A comment put in splits no text and hides nothing: what is covered and read stays the same."""
    plain = signed()
    commented = plain.replace(b"Dose 10 mGy", b"Dose 1<!-- x -->0 mGy").replace(
        b"<ds:Object>", b"<!-- y --><ds:Object>"
    )
    assert commented != plain
    result = verify(commented, TRUSTING)
    assert result.is_valid
    assert verify(plain, TRUSTING).signed_octets == result.signed_octets
    assert "comments are not covered" in next(c.words for c in result.checks if c.name == CheckName.COVERAGE)
