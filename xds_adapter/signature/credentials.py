"""Who signs: a private key, its certificate and the certificates between it and a trust anchor.

Source: RFC 5280 4.2.1.3 (keyUsage), RFC 7468 (PEM).
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from xds_adapter.errors import ConfigError
from xds_adapter.signature.algorithms import PrivateKey, key_fault
from xds_adapter.signature.trust import read_certificates, usage_fault


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """A signer, checked: the key is the certificate's, strong enough, and meant for signatures.

    Attributes:
        key: RSA of at least 2048 bits, or an elliptic curve key.
        chain: The signer's certificate, then those of its issuers; all of them travel in the signature.
    """

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]

    def __repr__(self) -> str:
        return f"Credentials({self.certificate.subject.rfc4514_string()!r})"

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self.chain[0]

    @classmethod
    def of(cls, key: PrivateKey, chain: Sequence[x509.Certificate]) -> Credentials:
        """Make credentials of what is loaded already.

        Raises:
            ConfigError: Key and certificate do not belong together, or are not fit to sign.
        """
        if fault := _fault(key, chain):
            raise ConfigError(fault)
        return cls(key=key, chain=tuple(chain))


def _public_bytes(key: PrivateKey | x509.Certificate) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _fault(key: PrivateKey, chain: Sequence[x509.Certificate]) -> str | None:
    if fault := key_fault(key):
        return f"the private key is {fault}"
    if not chain:
        return "there is no certificate"
    if _public_bytes(key) != _public_bytes(chain[0]):
        return "the private key is not that of the certificate (the signer's certificate comes first in its file)"
    if fault := usage_fault(chain[0]):
        return f"the certificate {fault}"
    return None


def load_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Read every certificate of a PEM file.

    Raises:
        ConfigError: It holds none, or one that cannot be read.
        OSError: The file cannot be read.
    """
    try:
        return read_certificates(path.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{path} holds no certificate in PEM form, or one that cannot be read") from error


def load_credentials(
    key: Path, certificate: Path, *, passphrase: Callable[[], str] | None = None, more: Sequence[Path] = ()
) -> Credentials:
    """Load a signer from PEM files.

    Args:
        key: The private key.
        certificate: The signer's certificate; those of its issuers may follow in the same file.
        passphrase: Asked only when the key is encrypted.
        more: Files with certificates of issuers.

    Raises:
        ConfigError: A file holds something else, the passphrase is missing or wrong, or the two do not fit.
        OSError: A file cannot be read.
    """
    loaded = _private_key(key, passphrase)
    chain = [one for path in (certificate, *more) for one in load_certificates(path)]
    return Credentials.of(loaded, chain)


def _private_key(path: Path, passphrase: Callable[[], str] | None) -> PrivateKey:
    octets = path.read_bytes()
    key: object
    try:
        key = load_pem_private_key(octets, None)
    except TypeError:
        # So says the library that the key is encrypted.
        if passphrase is None:
            raise ConfigError(f"{path} is encrypted: its passphrase is needed") from None
        key = _decrypted(path, octets, passphrase())
    except ValueError as error:
        raise ConfigError(f"{path} holds no private key in PEM form") from error
    if fault := key_fault(key):
        raise ConfigError(f"{path} is {fault}")
    return key  # type: ignore[return-value]  # key_fault lets only these kinds through


def _decrypted(path: Path, octets: bytes, passphrase: str) -> object:
    try:
        return load_pem_private_key(octets, passphrase.encode())
    except ValueError:
        # Without the cause: it says nothing more, and may quote what was read.
        raise ConfigError(f"{path}: the passphrase is wrong") from None


def exposure(key: Path) -> str | None:
    """Say who else may read a key file, or None.

    Raises:
        OSError: The file is not there.
    """
    mode = key.stat().st_mode
    readers = [who for bit, who in ((stat.S_IRGRP, "its group"), (stat.S_IROTH, "everybody")) if mode & bit]
    return f"{key} can be read by {' and '.join(readers)}: chmod 600 {key}" if readers else None
