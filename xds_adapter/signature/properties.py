"""Read what a signer states in SignedProperties: time, certificate, policy, purposes.

Source: ETSI EN 319 132-1 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from xds_adapter.datatypes import Coded
from xds_adapter.signature.algorithms import digest_fault
from xds_adapter.signature.elements import Refused, algorithm_of, decoded, text_of
from xds_adapter.signature.report import CheckName
from xds_adapter.vocabulary import signature as names
from xds_adapter.vocabulary.namespaces import qname
from xds_adapter.vocabulary.signature import DS, XADES
from xds_adapter.xmlio import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What SignedProperties say.

    Attributes:
        moment: SigningTime, aware.
        certificate: Digest method and digest of the signer's certificate.
        policy: Identifier, digest method and digest of the policy; None without a SignaturePolicyIdentifier.
        purposes: CommitmentTypeIndication.
    """

    moment: datetime
    certificate: tuple[str, bytes]
    policy: tuple[str, str, bytes] | None
    purposes: tuple[Coded, ...]


def _digest(parent: Element, path: str) -> tuple[str, bytes] | None:
    found = parent.find(path)
    if found is None:
        return None
    method = algorithm_of(found.find(qname(DS, "DigestMethod")))
    return method, decoded(found.find(qname(DS, "DigestValue")), CheckName.PROPERTIES)


def stated(properties: Element) -> Stated:
    """Read SignedProperties.

    Raises:
        Refused: The signing time or the reference to the certificate is missing or cannot be read.
    """
    certificate = _signing_certificate(properties)
    if fault := digest_fault(certificate[0]):
        raise Refused(CheckName.PROPERTIES, f"the reference to the signer's certificate: {fault}")
    return Stated(
        moment=_moment(text_of(properties.find(f"*/{qname(XADES, 'SigningTime')}"))),
        certificate=certificate,
        policy=_policy(properties),
        purposes=tuple(_purposes(properties)),
    )


def _signing_certificate(properties: Element) -> tuple[str, bytes]:
    for name in ("SigningCertificateV2", "SigningCertificate"):
        place = f"*/{qname(XADES, name)}/{qname(XADES, 'Cert')}/{qname(XADES, 'CertDigest')}"
        if found := _digest(properties, place):
            return found
    raise Refused(CheckName.PROPERTIES, "the signed properties do not say which certificate signed")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        words = f"SigningTime {text!r} is no time" if text else "the signed properties have no SigningTime"
        raise Refused(CheckName.PROPERTIES, words) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _policy(properties: Element) -> tuple[str, str, bytes] | None:
    place = f"*/{qname(XADES, 'SignaturePolicyIdentifier')}/{qname(XADES, 'SignaturePolicyId')}"
    policy = properties.find(place)
    if policy is None:
        return None
    identifier = text_of(policy.find(f"{qname(XADES, 'SigPolicyId')}/{qname(XADES, 'Identifier')}"))
    method, value = _digest(policy, qname(XADES, "SigPolicyHash")) or ("", b"")
    return identifier, method, value


def _purposes(properties: Element) -> Iterator[Coded]:
    place = f"*/{qname(XADES, 'CommitmentTypeIndication')}/{qname(XADES, 'CommitmentTypeId')}"
    displays = dict(names.PURPOSES.values())
    for commitment in properties.iterfind(place):
        code = text_of(commitment.find(qname(XADES, "Identifier"))).removeprefix("urn:oid:")
        words = displays.get(code) or text_of(commitment.find(qname(XADES, "Description")))
        yield Coded(code, names.ASTM_PURPOSES if code in displays else "", words)
