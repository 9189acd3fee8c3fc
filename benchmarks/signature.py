"""Signing a report with XAdES beside plain XML Signature of the same document, in the same run.

Plain is signxml's XMLSigner (enveloped, SHA-256), given a parsed document and serialising the result. Ours reads the
bytes and returns bytes, with time of signing, certificate, policy, purpose and format signed as well.

Run: python -m benchmarks.signature [--rounds 7] [--number 30]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner

from xds_adapter.cda.build import build, example
from xds_adapter.signature import Credentials, VerificationSettings, sign_cda, verify
from xds_adapter.signature.algorithms import PrivateKey
from xds_adapter.xmlio import parse_signed

LIMIT = 1.3


def credentials(key: PrivateKey) -> Credentials:
    """A signer with a certificate signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
    now = datetime.now(UTC)
    bits = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    bits |= dict.fromkeys(("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    usage = x509.KeyUsage(digital_signature=True, **bits)
    return Credentials.of(key, (builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()),))


def _plain(document: bytes, signer: Credentials, method: SignatureMethod) -> Callable[[], object]:
    xml = XMLSigner(signature_algorithm=method)
    chain = list(signer.chain)
    return lambda: etree.tostring(xml.sign(parse_signed(document), key=signer.key, cert=chain))


def _timed(work: Callable[[], object], number: int) -> float:
    """Milliseconds of CPU for one call."""
    started = time.process_time()
    for _ in range(number):
        work()
    return (time.process_time() - started) / number * 1000


def measure(document: bytes, key: PrivateKey, method: SignatureMethod, *, rounds: int, number: int) -> dict[str, float]:
    """Median milliseconds of plain signing, XAdES signing and verifying, in rounds that alternate; and the ratio."""
    signer = credentials(key)
    settings = VerificationSettings(anchors=signer.chain)
    signed = sign_cda(document, signer)
    assert verify(signed, settings).is_valid
    works: dict[str, Callable[[], object]] = {
        "plain": _plain(document, signer, method),
        "xades": lambda: sign_cda(document, signer),
        "verify": lambda: verify(signed, settings),
    }
    for work in works.values():
        work()
    times = [{name: _timed(work, number) for name, work in works.items()} for _ in range(rounds)]
    medians = {name: statistics.median(one[name] for one in times) for name in works}
    ratio = statistics.median(one["xades"] / one["plain"] for one in times)
    return medians | {"ratio": ratio}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--number", type=int, default=30)
    options = parser.parse_args()
    document = build("imaging-report", example("imaging-report"))
    print(f"imaging report of {len(document)} bytes, medians of {options.rounds} rounds")
    kinds: dict[str, tuple[PrivateKey, SignatureMethod]] = {
        "RSA-2048": (rsa.generate_private_key(65537, 2048), SignatureMethod.RSA_SHA256),
        "P-256": (ec.generate_private_key(ec.SECP256R1()), SignatureMethod.ECDSA_SHA256),
    }
    for name, (key, method) in kinds.items():
        found = measure(document, key, method, rounds=options.rounds, number=options.number)
        print(
            f"{name:8}  plain {found['plain']:.2f} ms   XAdES {found['xades']:.2f} ms   verify {found['verify']:.2f} ms"
            f"   XAdES / plain {found['ratio']:.2f} (aim at most {LIMIT})"
        )


if __name__ == "__main__":
    main()
