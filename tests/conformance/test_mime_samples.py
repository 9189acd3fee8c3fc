"""Packages of the official toolkit, found in ../shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.soap.packages import receive
from xds_adapter.soap import read_envelope

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "xds" / "samples"
DOCUMENT = "{urn:ihe:iti:xds-b:2007}Document"


@pytest.mark.shared
@pytest.mark.parametrize("size", [1, 1000, 65536])
@pytest.mark.parametrize("name", ["mtom-without-xop", "mtom-xop-body", "mtom-xop-encoded-cid"])
def test_sample(name: str, size: int) -> None:
    """A package without start, with an indented Include, an encoded cid or inline base64 is read."""
    path = SAMPLES / f"iti41-{name}.mime"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    body = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    boundary = body.partition(b"\r\n")[0][2:].decode()
    content_type = f'multipart/related; type="application/xop+xml"; boundary="{boundary}"'
    with receive(body, content_type, size=size) as message:
        envelope = read_envelope(message.envelope)
        document = envelope.body.find(DOCUMENT)
        assert envelope.action == "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
        assert document is not None
        assert message.resolve(document).size > 0
