"""Whether a certificate was revoked, by the revocation lists that the caller gives; none is ever fetched.

Source: RFC 5280 5 and 6.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from xds_adapter.errors import ConfigError
from xds_adapter.signature.report import Check, CheckName, Verdict
from xds_adapter.signature.trust import distinguished


def revocation_check(
    chain: Sequence[x509.Certificate],
    lists: Sequence[x509.CertificateRevocationList],
    *,
    now: datetime,
    signed_at: datetime | None = None,
) -> Check:
    """Look up every certificate of a chain but the anchor.

    Args:
        chain: The signer's certificate, then its issuers up to the anchor.
        lists: Revocation lists.
        now: The present, aware; a list is of use until its next update.
        signed_at: A revocation after this moment is accepted; None: none is.

    Returns:
        Passed when each is in the scope of a list and not on it, not checked when a list is missing or out of date.
    """
    missing: list[str] = []
    for certificate, issuer in pairwise(chain):
        found = next(_applicable(certificate, issuer, lists, now), None)
        if found is None:
            missing.append(distinguished(certificate.issuer))
            continue
        entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and (signed_at is None or entry.revocation_date_utc <= signed_at):
            words = (
                f"{distinguished(certificate.subject)} was revoked on {entry.revocation_date_utc:%Y-%m-%d %H:%M:%S} UTC"
            )
            return Check(name=CheckName.REVOCATION, verdict=Verdict.FAILED, words=words)
    if missing:
        words = f"no revocation list in force of {'; '.join(missing)}"
        return Check(name=CheckName.REVOCATION, verdict=Verdict.NOT_CHECKED, words=words)
    words = "not revoked" if len(chain) > 1 else "the signer's certificate is itself a trust anchor"
    return Check(name=CheckName.REVOCATION, verdict=Verdict.PASSED, words=words)


def _applicable(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Sequence[x509.CertificateRevocationList],
    now: datetime,
) -> Iterator[x509.CertificateRevocationList]:
    """The lists that speak of a certificate: of its issuer and signed by it, in force, and complete for its kind."""
    for one in lists:
        in_force = one.last_update_utc <= now and (one.next_update_utc is None or now <= one.next_update_utc)
        if one.issuer == certificate.issuer and in_force and _is_complete(one) and _is_signed(one, issuer):
            yield one


def _is_signed(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and one.is_signature_valid(key)


def _is_complete(one: x509.CertificateRevocationList) -> bool:
    """Lists of some reasons, of other issuers, of changes only, or with what is unknown here, do not clear anybody."""
    return not any(extension.critical for extension in one.extensions)


def load_revocation_list(path: Path) -> x509.CertificateRevocationList:
    """Read a revocation list, as DER or PEM.

    Raises:
        ConfigError: It cannot be read as one.
        OSError: The file cannot be read.
    """
    octets = path.read_bytes()
    load = x509.load_pem_x509_crl if octets.lstrip().startswith(b"-----BEGIN") else x509.load_der_x509_crl
    try:
        found = load(octets)
        _ = (found.issuer, found.extensions)
    except ValueError as error:
        raise ConfigError(f"{path} holds no revocation list") from error
    return found
