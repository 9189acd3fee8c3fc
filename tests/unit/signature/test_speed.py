"""The benchmark of signatures runs; what it measures is judged by who runs it on an idle machine."""

from __future__ import annotations

import pytest
from signxml.algorithms import SignatureMethod

from benchmarks.signature import measure
from tests import pki
from xds_adapter.cda.build import build, example


@pytest.mark.parametrize(
    ("kind", "method"), [("rsa", SignatureMethod.RSA_SHA256), ("p256", SignatureMethod.ECDSA_SHA256)]
)
def test_xades_is_measured_beside_a_plain_signature_of_the_same_document(kind: str, method: SignatureMethod) -> None:
    document = build("imaging-report", example("imaging-report"))
    assert measure(document, pki.key(kind), method, rounds=1, number=1)["ratio"] > 0
