"""What is signed and hashed with what: the algorithms that we write, and those that we accept.

Nothing with SHA-1, no RSA key under 2048 bits, no HMAC (whoever can verify it can forge it).

Source: W3C XML Signature 1.1, 6.2 and 6.4; RFC 9231; ETSI TS 119 312.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from xds_adapter.vocabulary import signature as names

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192
"""Larger keys cost a verifier seconds, and no authority issues them."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_Hash = hashes.SHA256 | hashes.SHA384 | hashes.SHA512

_CURVES = ("secp256r1", "secp384r1", "secp521r1")

DIGESTS = {names.SHA_256: hashlib.sha256, names.SHA_384: hashlib.sha384, names.SHA_512: hashlib.sha512}
"""Digest algorithms that are accepted, by URI."""


@dataclass(frozen=True, slots=True)
class _Method:
    """How a SignatureMethod signs: with which hash, and which kind of key and padding."""

    hash: _Hash
    kind: str


_METHODS = {
    names.RSA_SHA_256: _Method(hashes.SHA256(), "rsa"),
    names.RSA_SHA_384: _Method(hashes.SHA384(), "rsa"),
    names.RSA_SHA_512: _Method(hashes.SHA512(), "rsa"),
    names.PSS_SHA_256: _Method(hashes.SHA256(), "pss"),
    names.PSS_SHA_384: _Method(hashes.SHA384(), "pss"),
    names.PSS_SHA_512: _Method(hashes.SHA512(), "pss"),
    names.ECDSA_SHA_256: _Method(hashes.SHA256(), "ecdsa"),
    names.ECDSA_SHA_384: _Method(hashes.SHA384(), "ecdsa"),
    names.ECDSA_SHA_512: _Method(hashes.SHA512(), "ecdsa"),
}


def key_fault(key: object) -> str | None:
    """Say why a key, public or private, is not accepted, or None."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        if MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            return None
        return f"an RSA key of {key.key_size} bits; {MIN_RSA_BITS} to {MAX_RSA_BITS} are accepted"
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        if key.curve.name in _CURVES:
            return None
        return f"an elliptic curve key on {key.curve.name}; P-256, P-384 and P-521 are accepted"
    return "neither an RSA nor an elliptic curve key"


def method_fault(uri: str) -> str | None:
    """Say why a SignatureMethod is not accepted, or None."""
    return None if uri in _METHODS else f"signature algorithm {uri} is not accepted"


def digest_fault(uri: str) -> str | None:
    """Say why a DigestMethod is not accepted, or None."""
    return None if uri in DIGESTS else f"digest algorithm {uri} is not accepted"


def method_for(key: PrivateKey) -> str:
    """The SignatureMethod that we sign with: SHA-256, with RSA as PKCS#1 v1.5, which every verifier knows."""
    return names.RSA_SHA_256 if isinstance(key, rsa.RSAPrivateKey) else names.ECDSA_SHA_256


def sign(key: PrivateKey, octets: bytes) -> bytes:
    """Sign with SHA-256; an ECDSA value is r and s at the length of the curve, as XML Signature writes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
    length = (key.key_size + 7) // 8
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def is_signed_by(key: object, uri: str, octets: bytes, value: bytes) -> bool:
    """Tell whether a signature value is that of a key over some octets.

    Args:
        key: The public key; one of a kind that `uri` does not name has signed nothing.
        uri: SignatureMethod, one without `method_fault`.
        octets: The canonical SignedInfo.
        value: The decoded SignatureValue.
    """
    method = _METHODS[uri]
    try:
        if isinstance(key, rsa.RSAPublicKey) and method.kind != "ecdsa":
            key.verify(value, octets, _padding(method), method.hash)
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and method.kind == "ecdsa":
            key.verify(_dss(value, key.key_size), octets, ec.ECDSA(method.hash))
            return True
    except InvalidSignature:
        pass
    return False


def _padding(method: _Method) -> padding.AsymmetricPadding:
    if method.kind == "rsa":
        return padding.PKCS1v15()
    return padding.PSS(mgf=padding.MGF1(method.hash), salt_length=method.hash.digest_size)


def _dss(value: bytes, key_bits: int) -> bytes:
    length = (key_bits + 7) // 8
    if len(value) != 2 * length:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(value[:length], "big"), int.from_bytes(value[length:], "big"))
