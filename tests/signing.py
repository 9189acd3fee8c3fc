"""Signed documents for the tests, and what an attacker may do to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from tests import pki
from xds_adapter.signature import CheckName, Credentials, Verdict, Verification, VerificationSettings, sign_cda, verify
from xds_adapter.signature.block import DataReference, Statement, signature_block
from xds_adapter.signature.canonical import canonical_document
from xds_adapter.signature.policy import ENVELOPED_POLICY, purposes
from xds_adapter.vocabulary.signature import C14N_11, ENVELOPED_TRANSFORM, EXCLUSIVE_C14N
from xds_adapter.xmlio import parse_signed

START = '<sdtc:signatureText xmlns:sdtc="urn:hl7-org:sdtc" mediaType="text/xml">'
END = "</sdtc:signatureText>"
CDA = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="cda.xsl"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <id root="1.2.250.1.999.9.1"/><title>Compte rendu d'imagerie médicale</title>
  <!-- before -->
  <legalAuthenticator>
    <time value="20261126"/><signatureCode code="S"/>
    <assignedEntity><id root="1.2.250.1.71.4.2.1" extension="801234560801"/></assignedEntity>
  </legalAuthenticator>
  <component><structuredBody><component><section>
    <text><paragraph ID="p1">Dose 10 mGy &amp; rien d'autre</paragraph></text>
  </section></component></structuredBody></component>
</ClinicalDocument>
"""
DOCUMENT = CDA.encode()
BLOCK = re.compile(rb"<ds:Signature .*</ds:Signature>", re.DOTALL)
TRUSTING = VerificationSettings(anchors=(pki.root(),))

Mutation = Callable[[bytes], bytes]


def signer(kind: str = "p256") -> Credentials:
    """The usual signer."""
    return _signer(kind)


@lru_cache
def _signer(kind: str) -> Credentials:
    return pki.signer(kind)


def signed(kind: str = "p256") -> bytes:
    """The document above, signed."""
    return _signed(kind)


@lru_cache
def _signed(kind: str) -> bytes:
    return sign_cda(DOCUMENT, signer(kind))


def block(document: bytes) -> bytes:
    """The signature of a document, as it stands there."""
    found = BLOCK.search(document)
    assert found is not None
    return found.group()


def placed(signature: bytes, document: bytes = DOCUMENT) -> bytes:
    """A document with a signature put where it belongs."""
    before, entity, after = document.partition(b"<assignedEntity>")
    return b"".join((before, START.encode(), signature, END.encode(), entity, after))


def crafted(
    *,
    uri: str = "",
    transforms: tuple[str, ...] = (ENVELOPED_TRANSFORM, C14N_11),
    octets: bytes | None = None,
    objects: str = "",
    credentials: Credentials | None = None,
) -> bytes:
    """A document with a signature that a key holder made with care, to cover something else than it seems."""
    whole = canonical_document(parse_signed(placed(b"")), C14N_11)
    data = DataReference(
        uri=uri,
        transforms=transforms,
        description="",
        octets=whole if octets is None and uri[:1] != "#" else octets,
    )
    statement = Statement(moment=pki.TODAY, policy=ENVELOPED_POLICY, purposes=purposes(()))
    own = credentials or signer()
    return placed(signature_block(data, own, statement, form=EXCLUSIVE_C14N, objects=objects))


def failed(result: Verification) -> dict[CheckName, str]:
    """The checks that did not pass, with their words."""
    return {check.name: check.words for check in result.checks if check.verdict != Verdict.PASSED}


def only_failure(document: bytes, settings: VerificationSettings = TRUSTING) -> tuple[CheckName, str]:
    """Verify, and return the one check that fails."""
    result = verify(document, settings)
    assert not result.is_valid
    ((name, words),) = failed(result).items()
    return name, words


def replaced(old: str, new: str, *, count: int = 1) -> Mutation:
    """A mutation that replaces text that is there."""

    def change(document: bytes) -> bytes:
        assert old.encode() in document
        return document.replace(old.encode(), new.encode(), count)

    return change
