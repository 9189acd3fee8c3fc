"""A revoked certificate fails, and a list that does not speak of it clears nobody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests import pki
from tests.signing import DOCUMENT, failed, signed, signer
from xds_adapter.errors import ConfigError
from xds_adapter.signature import (
    CheckName,
    Verification,
    VerificationSettings,
    load_revocation_list,
    sign_cda,
    verify,
)

DAY = timedelta(days=1)
LEAF = signer().certificate
ROOT = (pki.ROOT_NAME, pki.key("p384"))
OF_ROOT = pki.revocation_list(issuer=ROOT)


def _verified(
    *lists: x509.CertificateRevocationList, document: bytes | None = None, at_signing_time: bool = False
) -> Verification:
    settings = VerificationSettings(
        anchors=(pki.root(),), revocation_lists=lists, at_signing_time=at_signing_time, now=pki.TODAY + DAY / 2
    )
    return verify(document or signed(), settings)


def test_a_certificate_that_is_on_no_list_of_its_issuers_is_not_revoked() -> None:
    result = _verified(pki.revocation_list(pki.signer().certificate), OF_ROOT)
    assert {} == failed(result)
    assert "not revoked" in [check.words for check in result.checks]


@pytest.mark.parametrize("revoked", [LEAF, pki.authority()], ids=["the signer", "the authority"])
def test_a_revoked_certificate_fails(revoked: x509.Certificate) -> None:
    lists = (pki.revocation_list(LEAF), OF_ROOT)
    if revoked is not LEAF:
        lists = (pki.revocation_list(), pki.revocation_list(revoked, issuer=ROOT))
    result = _verified(*lists)
    assert {CheckName.REVOCATION} == set(failed(result))
    assert f"was revoked on {pki.TODAY:%Y-%m-%d}" in failed(result)[CheckName.REVOCATION]
    assert (True, False) == (result.is_intact, result.is_trusted)


@pytest.mark.parametrize(
    ("begin", "at_signing_time", "valid"), [(-DAY, True, True), (-DAY, False, False), (DAY / 4, True, False)]
)
def test_a_later_revocation_is_accepted_when_the_time_of_signing_is_asked_for(
    begin: timedelta, at_signing_time: bool, valid: bool
) -> None:
    document = sign_cda(DOCUMENT, signer(), moment=pki.TODAY + begin)
    result = _verified(pki.revocation_list(LEAF), OF_ROOT, document=document, at_signing_time=at_signing_time)
    assert valid == result.is_valid


@pytest.mark.parametrize(
    "bad",
    [
        OF_ROOT,
        pki.revocation_list(issuer=(pki.AUTHORITY_NAME, pki.key(number=8))),
        pki.revocation_list(issuer=(pki.AUTHORITY_NAME, pki.key("rsa"))),
        pki.revocation_list(end=pki.TODAY),
        pki.revocation_list(moment=pki.TODAY + 3 * DAY),
        pki.revocation_list(partial=True),
    ],
    ids=["another issuer", "another key", "another kind of key", "out of date", "of tomorrow", "partial"],
)
def test_a_list_that_does_not_speak_of_a_certificate_clears_nobody(bad: x509.CertificateRevocationList) -> None:
    result = _verified(bad, OF_ROOT)
    assert {CheckName.REVOCATION} == set(failed(result))
    assert "no revocation list in force of CN=Test Authority" in failed(result)[CheckName.REVOCATION]


def test_a_signer_who_is_an_anchor_is_not_looked_up() -> None:
    """Whoever trusts one certificate by itself stops trusting it by leaving it out."""
    settings = VerificationSettings(anchors=(LEAF,), revocation_lists=(pki.revocation_list(LEAF),))
    result = verify(signed(), settings)
    assert result.is_valid
    assert "the signer's certificate is itself a trust anchor" in [check.words for check in result.checks]


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_a_list_is_read_from_a_file(encoding: Encoding, tmp_path: Path) -> None:
    path = tmp_path / "list.crl"
    path.write_bytes(OF_ROOT.public_bytes(encoding))
    assert pki.ROOT_NAME == load_revocation_list(path).issuer
    for content in (b"", b"-----BEGIN X509 CRL-----", pki.pem(pki.root())):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match="no revocation list"):
            load_revocation_list(path)
