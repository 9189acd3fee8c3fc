"""A certificate is trusted when it leads to an anchor that the caller gave, and to nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tests import pki
from tests.signing import DOCUMENT, TRUSTING, crafted, failed, only_failure
from xds_adapter.datatypes import Coded
from xds_adapter.errors import ConfigError
from xds_adapter.signature import (
    CheckName,
    Credentials,
    VerificationSettings,
    load_certificates,
    purposes,
    sign_cda,
    verify,
)
from xds_adapter.signature.algorithms import is_signed_by, sign
from xds_adapter.signature.trust import (
    Untrusted,
    chain_of,
    distinguished,
    read_certificate,
    strength_fault,
    usage_fault,
)
from xds_adapter.vocabulary import signature as names

OTHER_ROOT = pki.root(1)


def _trust(credentials: Credentials, *anchors: x509.Certificate, more: Sequence[x509.Certificate] = ()) -> str | None:
    settings = VerificationSettings(anchors=anchors, intermediates=tuple(more))
    return failed(verify(sign_cda(DOCUMENT, credentials), settings)).get(CheckName.TRUST)


@pytest.mark.parametrize(
    "anchors",
    [(pki.root(),), (OTHER_ROOT, pki.root()), (pki.authority(),), (pki.signer().certificate,)],
    ids=["the root", "one of two roots", "the authority", "the signer"],
)
def test_what_leads_to_an_anchor_is_trusted(anchors: tuple[x509.Certificate, ...]) -> None:
    leaf = anchors[0] if anchors[0].subject == pki.signer().certificate.subject else pki.signer().certificate
    credentials = Credentials(key=pki.key(), chain=(leaf, pki.authority()))
    assert _trust(credentials, *anchors) is None


def test_an_intermediate_may_be_given_by_the_verifier() -> None:
    alone = pki.signer(chain=False)
    assert "does not lead to a trust anchor (issued by CN=Test Authority" in (_trust(alone, pki.root()) or "")
    assert _trust(alone, pki.root(), more=(pki.authority(),)) is None


def test_a_root_of_the_same_name_is_another_root() -> None:
    assert "does not lead to a trust anchor" in (_trust(pki.signer(), OTHER_ROOT) or "")


def test_a_root_that_travels_in_the_signature_is_no_anchor() -> None:
    own = pki.signer()
    assert "no trust anchor" in (_trust(Credentials(key=own.key, chain=(*own.chain, pki.root()))) or "")


def test_a_signer_cannot_issue_certificates() -> None:
    """The holder of an ordinary certificate signs another, and passes itself off as an authority."""
    holder = pki.signer(number=3)
    usage = (pki.usage("digital_signature"), True)
    forged = pki.certificate(
        pki.name("Dr Nobody"),
        pki.key(number=4).public_key(),
        (holder.certificate.subject, holder.key),
        extensions=(usage,),
    )
    chain = (forged, *holder.chain)
    assert "does not lead" in (_trust(Credentials(key=pki.key(number=4), chain=chain), pki.root()) or "")


def test_a_self_signed_certificate_is_trusted_by_nobody_else() -> None:
    name, own = pki.name("Self"), pki.key(number=6)
    usage = (pki.usage("digital_signature"), True)
    alone = pki.certificate(name, own.public_key(), (name, own), extensions=(usage,))
    assert "does not lead" in (_trust(Credentials(key=own, chain=(alone,)), pki.root()) or "")
    assert _trust(Credentials(key=own, chain=(alone,)), alone) is None


def test_an_authority_that_expired_since_then_is_found() -> None:
    leaf = pki.signer().certificate
    given = {"anchors": (pki.root(),), "intermediates": (pki.authority(),)}
    assert (leaf, pki.authority(), pki.root()) == chain_of(leaf, **given, moment=pki.TODAY)
    with pytest.raises(Untrusted, match="does not lead"):
        chain_of(leaf, **given, moment=pki.TODAY + 9.5 * pki.YEAR)


def test_a_name_is_written_for_a_person() -> None:
    """Control characters, which could rewrite a terminal, are escaped."""
    assert r"\1b" in distinguished(pki.name("a\x1b[2Jb"))


def test_a_certificate_with_a_key_of_another_kind_is_weak() -> None:
    name = pki.name("Other")
    other = pki.certificate(name, ed25519.Ed25519PrivateKey.generate().public_key(), (name, pki.key()))
    assert "neither an RSA" in (strength_fault(other) or "")
    assert "keyUsage is missing" in (usage_fault(other) or "")


def _damaged(old: str, new: str) -> x509.Certificate:
    octets = pki.signer().certificate.public_bytes(Encoding.DER)
    assert bytes.fromhex(old) in octets
    return x509.load_der_x509_certificate(octets.replace(bytes.fromhex(old), bytes.fromhex(new)))


BAD_KEY = ("06072a8648ce3d0201", "06072a8648ce3d027f")
BAD_USAGE = ("03020780", "03020980")


def test_a_key_that_cannot_be_read_is_weak() -> None:
    assert "a key that cannot be read" in (strength_fault(_damaged(*BAD_KEY)) or "")


def test_a_certificate_that_cannot_be_read_is_refused_wherever_it_comes_from(tmp_path: Path) -> None:
    damaged = _damaged(*BAD_USAGE)
    with pytest.raises(ValueError, match="cannot be read"):
        read_certificate(damaged.public_bytes(Encoding.DER))
    path = tmp_path / "cert.pem"
    path.write_bytes(pki.pem(damaged))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_certificates(path)
    name, words = only_failure(crafted(credentials=Credentials(key=pki.key(), chain=(damaged,))))
    assert (CheckName.FORM, "the signature holds a certificate that cannot be read") == (name, words)


ORIGINAL = pki.signer().certificate
OCTETS = ORIGINAL.public_bytes(Encoding.DER)


@given(data=st.data())
def test_no_certificate_makes_the_verification_fail_otherwise_than_in_words(data: st.DataObject) -> None:
    """A key holder puts any octets into a certificate and signs with it."""
    octets = bytearray(OCTETS)
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            damaged = x509.load_der_x509_certificate(bytes(octets))
            document = crafted(credentials=Credentials(key=pki.key(), chain=(damaged, pki.authority())))
        except (TypeError, ValueError, x509.InvalidVersion):
            return
    result = verify(document, TRUSTING)
    # The authority's signature may be written in another way; what it is over may not.
    assert not result.is_valid or damaged.tbs_certificate_bytes == ORIGINAL.tbs_certificate_bytes


METHODS = [names.RSA_SHA_256, names.PSS_SHA_256, names.ECDSA_SHA_256]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_signature_counts_for_its_own_algorithm_only(kind: str, method: str) -> None:
    key = pki.key(kind)
    own = {"rsa": names.RSA_SHA_256, "p256": names.ECDSA_SHA_256}[kind]
    assert (method == own) == is_signed_by(key.public_key(), method, b"octets", sign(key, b"octets"))


def test_a_signature_value_of_another_length_is_none() -> None:
    assert not is_signed_by(pki.key().public_key(), names.ECDSA_SHA_256, b"", b"\0" * 63)


def test_a_key_of_another_kind_has_signed_nothing() -> None:
    assert not is_signed_by(object(), names.ECDSA_SHA_256, b"", b"")


def test_purposes_are_found_by_name_and_code() -> None:
    author = Coded("1.2.840.10065.1.12.1.1", "1.2.840.10065.1.12", "Author's Signature")
    assert (author,) == purposes(["author"]) == purposes(["1.2.840.10065.1.12.1.1"]) == purposes([])
    assert len(names.PURPOSES) == len(purposes(names.PURPOSES))


@pytest.mark.parametrize(("word", "words"), [("autor", "did you mean author"), ("zzz", "there are author, co-author")])
def test_an_unknown_purpose_is_refused(word: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        purposes([word])
