"""A small run of the benchmark: XAdES costs at most 1.3 times a plain signature of the same document."""

from __future__ import annotations

import pytest
from signxml.algorithms import SignatureMethod

from benchmarks.signature import LIMIT, measure
from tests import pki
from xds_adapter.cda.build import build, example


@pytest.mark.parametrize(
    ("kind", "method"), [("rsa", SignatureMethod.RSA_SHA256), ("p256", SignatureMethod.ECDSA_SHA256)]
)
def test_xades_is_not_much_slower_than_plain(kind: str, method: SignatureMethod) -> None:
    document = build("imaging-report", example("imaging-report"))
    assert measure(document, pki.key(kind), method, rounds=3, number=5)["ratio"] <= LIMIT
