"""Documents far larger than what is held in memory."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from pathlib import Path

import pytest

from tests.factories import PATIENT
from tests.flow.running import Site, footprint, post, settled_footprint
from tests.flow.submissions import inline, numbered, unique_id
from xds_adapter.cda.build import build, example
from xds_adapter.cli.main import run
from xds_adapter.client import DocumentConsumer
from xds_adapter.client.submission import derive

MB = 1_000_000


def pdf(size: int) -> bytes:
    """Bytes that begin and end as a PDF and compress badly."""
    return b"%PDF-1.7\n" + random.Random(1).randbytes(size - 15) + b"%%EOF\n"


def level_1_cda(path: Path, content: bytes) -> None:
    """A report whose body is one PDF."""
    text = build("imaging-report", example("imaging-report")).decode()
    encoded = base64.encodebytes(content).decode()
    body = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{encoded}</text></nonXMLBody>'
    level_1, count = re.subn(r"<structuredBody.*</structuredBody>", lambda _: body, text, flags=re.DOTALL)
    assert 1 == count
    path.write_text(level_1, encoding="utf-8")


def test_a_cda_document_of_30_mb(shared_site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.xml"
    level_1_cda(path, pdf(30 * MB))
    patient = derive(path)[0].entry.patient_id
    assert patient is not None
    shared_site.installation.registry.add_patients([patient.key])
    registry, repository = ("--registry", shared_site.registry), ("--repository", shared_site.repository)
    assert 0 == run(["submit", str(path), *repository, "--json"])
    submitted = json.loads(capsys.readouterr().out)
    assert 40 * MB < submitted["size"] == path.stat().st_size
    folder = tmp_path / "out"
    assert 0 == run(["retrieve", submitted["unique_id"], *registry, *repository, "-o", str(folder)])
    (retrieved,) = folder.iterdir()
    assert path.read_bytes() == retrieved.read_bytes()
    stored = footprint(shared_site.data)
    assert ([], 1) == ([*stored.staging], len(stored.content))


def test_20_mb_as_base64_in_plain_soap(shared_site: Site) -> None:
    content = pdf(20 * MB)
    answer = post(shared_site.repository, *inline(numbered(1, content, mime_type="application/pdf")))
    assert ("Success", [], False) == (answer.status_word, answer.errors, answer.message.is_mtom)
    with DocumentConsumer(shared_site.registry, shared_site.repository) as consumer:
        (entry,) = consumer.get_documents([unique_id(1)])
        assert (len(content), hashlib.sha1(content).hexdigest()) == (entry.size, entry.hash)
        assert PATIENT == entry.patient_id
        with consumer.retrieve([entry]) as documents:
            assert content == b"".join(documents[0].content.chunks())
    expected = footprint(shared_site.data)._replace(staging=(), spool=())
    assert expected == settled_footprint(shared_site.data, expected)
