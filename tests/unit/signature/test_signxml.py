"""What signxml signs we verify, and what we sign it verifies; where the two differ, the difference is pinned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.exceptions import InvalidDigest
from signxml.signer import XMLSigner
from signxml.verifier import XMLVerifier
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESSignaturePolicy, XAdESSigner, XAdESVerifier

from tests import pki
from tests.signing import DOCUMENT, TRUSTING, failed, only_failure, signed, signer
from xds_adapter.signature import ENVELOPED_POLICY, CheckName, VerificationSettings, sign_cda, verify
from xds_adapter.signature import block as writing
from xds_adapter.vocabulary import signature as names
from xds_adapter.xmlio import parse

PLAIN = DOCUMENT.replace(b'<?xml-stylesheet type="text/xsl" href="cda.xsl"?>\n', b"")
KINDS = {"rsa": "rsa-sha256", "p256": "ecdsa-sha256"}


@pytest.fixture
def anchors(tmp_path: Path) -> str:
    path = tmp_path / "root.pem"
    path.write_bytes(pki.pem(pki.root()))
    return str(path)


def _theirs(document: bytes, anchors: str, references: int = 2) -> None:
    XAdESVerifier().verify(
        document, ca_pem_file=anchors, expect_config=XAdESSignatureConfiguration(expect_references=references)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_ours_verifies_there(kind: str, anchors: str) -> None:
    """With the exclusive form, which signxml itself does not write so that it can verify it."""
    _theirs(sign_cda(PLAIN, signer(kind)), anchors)


def test_it_does_not_see_a_style_sheet_before_the_root(anchors: str) -> None:
    """The reason why references are resolved here: an instruction added before the root goes unnoticed there."""
    document = sign_cda(PLAIN, signer())
    added = document.replace(b"<ClinicalDocument", b'<?xml-stylesheet href="evil.xsl"?><ClinicalDocument')
    _theirs(added, anchors)
    assert only_failure(added)[0] == CheckName.INTEGRITY
    with pytest.raises(InvalidDigest):
        _theirs(signed(), anchors)


@pytest.mark.parametrize("kind", KINDS)
def test_theirs_verifies_here(kind: str) -> None:
    """Inclusive canonical form, KeyInfo covered, the signature at the end of the root element."""
    own = signer(kind)
    made = XAdESSigner(signature_algorithm=KINDS[kind]).sign(parse(PLAIN), key=own.key, cert=list(own.chain))
    assert {} == failed(verify(etree.tostring(made), TRUSTING))


def test_theirs_with_the_exclusive_form_is_broken() -> None:
    """XAdES with exc-c14n hashes the properties in a form that its references do not name."""
    own = signer()
    exclusive = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    there = XAdESSigner(signature_algorithm="ecdsa-sha256", c14n_algorithm=exclusive)
    made = etree.tostring(there.sign(parse(PLAIN), key=own.key, cert=list(own.chain)))
    assert only_failure(made)[0] == CheckName.INTEGRITY


def test_it_accepts_a_signature_without_the_policy_that_is_asked_for(anchors: str) -> None:
    own = signer()
    made = etree.tostring(
        XAdESSigner(signature_algorithm="ecdsa-sha256").sign(parse(PLAIN), key=own.key, cert=list(own.chain))
    )
    asked = XAdESSignaturePolicy("urn:oid:1.2.3", "", "http://www.w3.org/2001/04/xmlenc#sha256", "AA==")  # type: ignore[arg-type] # its stub wants an enum, it takes the URI
    XAdESVerifier().verify(made, ca_pem_file=anchors, expect_signature_policy=asked)
    ours = VerificationSettings(anchors=(pki.root(),), policy=ENVELOPED_POLICY)
    assert only_failure(made, ours)[0] == CheckName.POLICY


def test_a_plain_signature_is_intact_and_not_valid(anchors: str) -> None:
    """Without XAdES properties neither the time nor the certificate is signed."""
    own = signer()
    made = XMLSigner(signature_algorithm="ecdsa-sha256").sign(parse(PLAIN), key=own.key, cert=list(own.chain))
    XMLVerifier().verify(made, ca_pem_file=anchors)
    result = verify(etree.tostring(made), TRUSTING)
    assert {CheckName.PROPERTIES} == set(failed(result))
    assert result.is_intact
    assert result.signing_time is None


def test_a_signature_at_the_end_of_a_document_with_an_empty_place_has_moved() -> None:
    own = signer()
    document = PLAIN.replace(b"<assignedEntity>", b'<s:signatureText xmlns:s="urn:hl7-org:sdtc"/><assignedEntity>')
    made = XAdESSigner(signature_algorithm="ecdsa-sha256").sign(parse(document), key=own.key, cert=list(own.chain))
    assert only_failure(etree.tostring(made))[0] == CheckName.FORM


def test_an_inclusive_form_under_inherited_attributes_is_refused() -> None:
    """xml:lang of the root would belong to the canonical form of SignedInfo, and the library leaves it out."""
    own = signer()
    document = PLAIN.replace(b"<ClinicalDocument", b'<ClinicalDocument xml:lang="fr"')
    made = XAdESSigner(signature_algorithm="ecdsa-sha256").sign(parse(document), key=own.key, cert=list(own.chain))
    name, words = only_failure(etree.tostring(made))
    assert (CheckName.FORM, True) == (name, "xml:lang" in words)
    assert verify(sign_cda(document, own), TRUSTING).is_valid


def test_an_object_in_an_inclusive_form_under_inherited_attributes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though SignedInfo itself is in the exclusive form."""
    written = writing.reference

    def inclusive(uri: str, value: str, **more: Any) -> str:
        text = written(uri, value, **more)
        return text.replace(names.EXCLUSIVE_C14N, names.C14N_11) if uri else text

    monkeypatch.setattr(writing, "reference", inclusive)
    document = PLAIN.replace(b"<ClinicalDocument", b'<ClinicalDocument xml:lang="fr"')
    name, words = only_failure(sign_cda(document, signer()))
    assert (CheckName.FORM, True) == (name, "xml:lang" in words)


V1 = (
    r"\1<xades:IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber>"
    r"</xades:IssuerSerial></xades:Cert>"
)


def test_the_older_reference_to_the_certificate_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """SigningCertificate of XAdES before EN 319 132, with SHA-256."""
    written = writing._properties

    def older(*given: object) -> str:
        text: str = written(*given)  # type: ignore[arg-type] # whatever the caller gives
        return re.sub(
            r"(</xades:CertDigest>)</xades:Cert>", V1, text.replace("SigningCertificateV2", "SigningCertificate")
        )

    monkeypatch.setattr(writing, "_properties", older)
    assert verify(sign_cda(DOCUMENT, signer()), TRUSTING).is_valid
