"""Whether a certificate may sign, and whether it leads to a trust anchor.

Trust comes from what the caller gives, never from the certificates of the operating system. Two moments count: that
of the signature, as its signer states it, and that of the verification, since the statement proves nothing.

Source: RFC 5280 4.2.1.3 and 6.1; ETSI EN 319 102-1 5.2.6 and 5.5.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID

from xds_adapter.signature.algorithms import key_fault
from xds_adapter.signature.report import Signer

MAX_CERTIFICATES = 10
"""How many certificates one signature may carry."""


_SHORT = {
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.TITLE: "title",
}


_UNREADABLE = (
    TypeError,
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)
_ONE_AT_A_TIME = threading.Lock()


class Untrusted(Exception):
    """A certificate does not lead to a trust anchor; the text says why."""


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else f"\\{ord(one):02x}" for one in text)


def distinguished(name: x509.Name) -> str:
    """Write a distinguished name (RFC 4514) for a person; control characters are escaped."""
    return _printable(name.rfc4514_string(_SHORT))


def signer_of(certificate: x509.Certificate) -> Signer:
    """Say whom a certificate names."""

    def part(kind: x509.ObjectIdentifier) -> str:
        found = certificate.subject.get_attributes_for_oid(kind)
        return _printable(str(found[0].value)) if found else ""

    return Signer(
        subject=distinguished(certificate.subject),
        issuer=distinguished(certificate.issuer),
        serial_number=f"{certificate.serial_number:x}",
        not_after=certificate.not_valid_after_utc,
        common_name=part(NameOID.COMMON_NAME),
        surname=part(NameOID.SURNAME),
        given_name=part(NameOID.GIVEN_NAME),
        organization=part(NameOID.ORGANIZATION_NAME),
    )


def read_certificate(octets: bytes) -> x509.Certificate:
    """Decode a certificate (DER), with all parts that are read of it later.

    Raises:
        ValueError: It cannot be decoded, or breaks RFC 5280 so that the library would refuse it in future.
    """
    with _decoding():
        return _complete(x509.load_der_x509_certificate(octets))


def read_certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Decode every certificate of a PEM file.

    Raises:
        ValueError: As for `read_certificate`, or there is none.
    """
    with _decoding():
        return tuple(_complete(one) for one in x509.load_pem_x509_certificates(pem))


@contextmanager
def _decoding() -> Iterator[None]:
    # The library warns of what it will refuse one day, and of a country's code of three letters, which will do here.
    # Filters of warnings are common to all threads.
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        try:
            yield
        except _UNREADABLE as error:
            raise ValueError("the certificate cannot be read") from error


def _complete(certificate: x509.Certificate) -> x509.Certificate:
    """The library decodes a certificate part by part, at first use."""
    _ = (certificate.extensions, certificate.signature_algorithm_oid, signer_of(certificate))
    return certificate


def usage_fault(certificate: x509.Certificate) -> str | None:
    """Say why a certificate may not sign documents, or None.

    Either bit of keyUsage will do: cards of professionals have a certificate for signatures with nonRepudiation
    (contentCommitment) alone, most other authorities set digitalSignature.
    """
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return "does not say what its key may be used for (keyUsage is missing)"
    if usage.digital_signature or usage.content_commitment:
        return None
    return "is not for signatures: its keyUsage has neither digitalSignature nor nonRepudiation"


def strength_fault(certificate: x509.Certificate) -> str | None:
    """Say why the key of a certificate is too weak, or None."""
    try:
        fault = key_fault(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        return "has a key that cannot be read"
    return f"has {fault}" if fault else None


def moment_fault(certificate: x509.Certificate, moment: datetime) -> str | None:
    """Say why a certificate is not valid at a moment, or None."""
    if moment < certificate.not_valid_before_utc:
        return f"was not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M:%S} UTC"
    if moment > certificate.not_valid_after_utc:
        return f"expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC"
    return None


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def chain_of(
    certificate: x509.Certificate,
    *,
    anchors: Sequence[x509.Certificate],
    intermediates: Sequence[x509.Certificate],
    moment: datetime,
) -> tuple[x509.Certificate, ...]:
    """Find how a certificate leads to a trust anchor at a moment.

    Args:
        certificate: The signer's.
        anchors: What the caller trusts: certificates of authorities, or the very certificate of a signer.
        intermediates: Certificates that may lie between; they are trusted for nothing by themselves.
        moment: Aware; every certificate of the chain is valid then.

    Returns:
        The certificate, those between, and the anchor; the certificate alone when it is an anchor itself.

    Raises:
        Untrusted: It does not lead to one; says why.
    """
    if not anchors:
        raise Untrusted("no trust anchor was given: who signed is not known")
    if _der(certificate) in {_der(anchor) for anchor in anchors}:
        return (certificate,)
    policy = (
        verification.PolicyBuilder()
        .store(verification.Store(list(anchors)))
        .time(moment)
        .extension_policies(
            # What the signer's own certificate must say is checked by usage_fault, in words of ours.
            ee_policy=verification.ExtensionPolicy.permit_all(),
            ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(),
        )
    )
    try:
        return tuple(policy.build_client_verifier().verify(certificate, list(intermediates)).chain)
    except (verification.VerificationError, ValueError) as error:
        words = f"issued by {distinguished(certificate.issuer)}; {str(error).rstrip('.') or 'no chain'}"
        raise Untrusted(f"does not lead to a trust anchor ({words})") from error
