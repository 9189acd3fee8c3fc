"""Keys and certificates made for the tests: a root, an authority under it, and signers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from xds_adapter.signature import Credentials
from xds_adapter.signature.algorithms import PrivateKey

TODAY = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)


def name(common: str, **more: str) -> x509.Name:
    """A distinguished name of an organisation in France."""
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Centre Hospitalier de Test"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    parts += [x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in more.items()]
    return x509.Name(parts)


def key(kind: str = "p256", number: int = 0) -> PrivateKey:
    """A key, made once a run: ``rsa`` (2048), ``rsa1024``, ``p256``, ``p384`` or ``secp256k1``."""
    return _key(kind, number)


@lru_cache
def _key(kind: str, number: int) -> PrivateKey:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "secp256k1": ec.SECP256K1()}
    return ec.generate_private_key(curves[kind])


def usage(*wanted: str) -> x509.KeyUsage:
    """A keyUsage with some bits set."""
    bits = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    bits += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{bit: bit in wanted for bit in bits})


def certificate(
    subject: x509.Name,
    public: Any,
    issuer: tuple[x509.Name, PrivateKey],
    *,
    begin: datetime = TODAY - YEAR,
    end: datetime = TODAY + YEAR,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> x509.Certificate:
    """Issue a certificate."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0])
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key()),
            critical=False,
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer[1], hashes.SHA256())


_AUTHORITY = ((x509.BasicConstraints(ca=True, path_length=None), True), (usage("key_cert_sign", "crl_sign"), True))
ROOT_NAME = name("Test Root")
AUTHORITY_NAME = name("Test Authority")


def root(number: int = 0) -> x509.Certificate:
    """A root certificate; another number is another root of the same name."""
    return _root(number)


@lru_cache
def _root(number: int) -> x509.Certificate:
    own = (ROOT_NAME, key("p384", number))
    return certificate(
        ROOT_NAME, own[1].public_key(), own, begin=TODAY - 10 * YEAR, end=TODAY + 10 * YEAR, extensions=_AUTHORITY
    )


@lru_cache
def authority() -> x509.Certificate:
    """The authority that issues signers' certificates."""
    return certificate(
        AUTHORITY_NAME,
        key("p256", 99).public_key(),
        (ROOT_NAME, key("p384")),
        begin=TODAY - 9 * YEAR,
        end=TODAY + 9 * YEAR,
        extensions=_AUTHORITY,
    )


def signer(
    kind: str = "p256",
    *,
    use: tuple[str, ...] | None = ("digital_signature",),
    number: int = 0,
    chain: bool = True,
    common: str = "801234560801",
    person: bool = True,
    **validity: datetime,
) -> Credentials:
    """Credentials of a signer, without the checks of `Credentials.of`, so that bad ones can be made.

    Args:
        kind: Kind of key.
        use: Bits of keyUsage; None leaves the extension out.
        number: Another number is another key.
        chain: Whether the authority's certificate travels along.
        common: CN of the subject.
        person: Whether the subject has a surname and a given name.
        validity: ``begin`` and ``end``.
    """
    own = key(kind, number)
    extensions = () if use is None else ((usage(*use), True),)
    leaf = certificate(
        name(common, **({"SURNAME": "MARTEL", "GIVEN_NAME": "Hugo"} if person else {})),
        own.public_key(),
        (AUTHORITY_NAME, key("p256", 99)),
        extensions=extensions,
        **validity,
    )
    return Credentials(key=own, chain=(leaf, authority()) if chain else (leaf,))


def revocation_list(
    *revoked: x509.Certificate,
    issuer: tuple[x509.Name, PrivateKey] | None = None,
    moment: datetime = TODAY,
    end: datetime = TODAY + YEAR,
    partial: bool = False,
) -> x509.CertificateRevocationList:
    """A revocation list of the authority.

    Args:
        revoked: What it lists.
        issuer: Who signs instead of the authority.
        moment: Of the revocations, and a day after the list's own.
        end: Its next update.
        partial: Whether it has a critical extension that narrows it.
    """
    name_, own = issuer or (AUTHORITY_NAME, key("p256", 99))
    builder = x509.CertificateRevocationListBuilder().issuer_name(name_)
    builder = builder.last_update(moment - timedelta(days=1)).next_update(end)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(moment)
        builder = builder.add_revoked_certificate(entry.build())
    if partial:
        scope = x509.IssuingDistributionPoint(
            full_name=None,
            relative_name=None,
            only_contains_user_certs=False,
            only_contains_ca_certs=True,
            only_some_reasons=None,
            indirect_crl=False,
            only_contains_attribute_certs=False,
        )
        builder = builder.add_extension(scope, critical=True)
    return builder.sign(own, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    """Certificates as PEM."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def key_pem(own: PrivateKey, passphrase: str | None = None) -> bytes:
    """A private key as PEM."""
    how: KeySerializationEncryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def save(folder: Path, credentials: Credentials, passphrase: str | None = None) -> tuple[Path, Path, Path]:
    """Write key, certificates and root; returns their paths."""
    paths = (folder / "key.pem", folder / "cert.pem", folder / "root.pem")
    paths[0].write_bytes(key_pem(credentials.key, passphrase))
    paths[0].chmod(0o600)
    paths[1].write_bytes(pem(*credentials.chain))
    paths[2].write_bytes(pem(root()))
    return paths
