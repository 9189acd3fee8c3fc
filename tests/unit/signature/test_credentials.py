"""Key and certificate files are checked before anything is signed, and no passphrase shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests import pki
from xds_adapter.errors import ConfigError
from xds_adapter.signature import Credentials, exposure, load_certificates, load_credentials
from xds_adapter.signature.algorithms import PrivateKey

SECRET = "correct horse"


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_signer_is_loaded_with_its_chain(kind: str, tmp_path: Path) -> None:
    key, certificate, _ = pki.save(tmp_path, pki.signer(kind))
    loaded = load_credentials(key, certificate)
    assert 2 == len(loaded.chain)
    assert "801234560801" in repr(loaded)


def test_issuers_may_be_in_files_of_their_own(tmp_path: Path) -> None:
    key, certificate, _ = pki.save(tmp_path, pki.signer(chain=False))
    more = tmp_path / "authority.pem"
    more.write_bytes(pki.pem(pki.authority()))
    assert pki.authority() == load_credentials(key, certificate, more=(more,)).chain[1]


def test_an_encrypted_key_asks_for_its_passphrase(tmp_path: Path) -> None:
    key, certificate, _ = pki.save(tmp_path, pki.signer(), SECRET)
    assert load_credentials(key, certificate, passphrase=lambda: SECRET)
    with pytest.raises(ConfigError, match="is encrypted"):
        load_credentials(key, certificate)
    with pytest.raises(ConfigError, match="the passphrase is wrong") as caught:
        load_credentials(key, certificate, passphrase=lambda: "wrong one")
    assert "wrong one" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_passphrase_is_not_asked_for_in_vain(tmp_path: Path) -> None:
    key, certificate, _ = pki.save(tmp_path, pki.signer())
    assert load_credentials(key, certificate, passphrase=lambda: pytest.fail("asked"))


@pytest.mark.parametrize("content", [b"", b"no PEM", pki.pem(pki.root())])
def test_a_file_without_a_key_is_refused(content: bytes, tmp_path: Path) -> None:
    key, certificate, _ = pki.save(tmp_path, pki.signer())
    key.write_bytes(content)
    with pytest.raises(ConfigError, match="no private key"):
        load_credentials(key, certificate)


@pytest.mark.parametrize("content", [b"", b"no PEM", pki.key_pem(pki.key())])
def test_a_file_without_a_certificate_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cert.pem"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="no certificate"):
        load_certificates(path)


def _of(credentials: Credentials) -> Credentials:
    return Credentials.of(credentials.key, credentials.chain)


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (pki.signer("rsa1024"), "1024 bits"),
        (pki.signer("secp256k1"), "secp256k1"),
        (pki.signer(use=("key_agreement",)), "not for signatures"),
        (pki.signer(use=None), "keyUsage is missing"),
        (Credentials(key=pki.key(number=7), chain=pki.signer().chain), "not that of the certificate"),
        (Credentials(key=pki.key(), chain=()), "no certificate"),
    ],
)
def test_credentials_that_cannot_sign_are_refused(credentials: Credentials, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        _of(credentials)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other: PrivateKey = ed25519.Ed25519PrivateKey.generate()  # type: ignore[assignment]  # what a file may hold
    key, certificate, _ = pki.save(tmp_path, Credentials(key=other, chain=pki.signer().chain))
    with pytest.raises(ConfigError, match="neither an RSA nor an elliptic curve key"):
        load_credentials(key, certificate)


@pytest.mark.parametrize(
    ("mode", "words"), [(0o600, None), (0o640, "its group"), (0o604, "everybody"), (0o644, "its group and everybody")]
)
def test_a_key_file_that_others_can_read_is_told(mode: int, words: str | None, tmp_path: Path) -> None:
    key, _, _ = pki.save(tmp_path, pki.signer())
    key.chmod(mode)
    told = exposure(key)
    assert told is None if words is None else words in (told or "")
