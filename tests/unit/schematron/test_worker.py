"""The worker and the frames it speaks in, without a process."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.rule_packs import document, write_pack
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.schematron.frames import (
    MAX_FRAME_BYTES,
    from_frame,
    pack_finding,
    read_frame,
    to_frame,
    unpack_finding,
    write_frame,
)
from xds_adapter.schematron.layout import XSD_FILE
from xds_adapter.schematron.worker import serve

pytest.importorskip("saxonche", reason="needs the extra schematron")


def told(folder: Path, *documents: bytes) -> list[dict[str, Any]]:
    requests, answers = io.BytesIO(), io.BytesIO()
    for each in documents:
        write_frame(requests, each)
    requests.seek(0)
    allowed: list[None] = []
    serve(folder, requests, answers, lambda: allowed.append(None))
    answers.seek(0)
    found = []
    while (frame := read_frame(answers)) is not None:
        found.append(from_frame(frame))
    assert len(allowed) <= len(documents)
    return found


def test_it_says_how_far_it_is_then_that_it_is_ready_then_what_it_finds(tmp_path: Path) -> None:
    *progress, ready, first, second = told(write_pack(tmp_path), document("<title/>"), document())
    assert ["xsd", "header", "body", "ans", "ihe", "terms"] == [each["progress"] for each in progress]
    assert 3 == len(ready["ready"])
    (row,) = first["findings"]
    assert "header:titles/t1" == row[0]
    assert [] == second["findings"]
    assert isinstance(second["peak_bytes"], int)
    assert second["peak_bytes"] > 1 << 20


def test_a_broken_pack_is_told_and_that_is_the_end(tmp_path: Path) -> None:
    (message,) = told(write_pack(tmp_path, {XSD_FILE: None}), document())
    assert "broken" in message
    assert XSD_FILE in str(message["broken"])


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x00\x00\x00\x05abc", (MAX_FRAME_BYTES + 1).to_bytes(4, "big")])
def test_what_is_no_frame_ends_the_conversation(content: bytes) -> None:
    assert None is read_frame(io.BytesIO(content))


def test_findings_come_through_as_they_were() -> None:
    finding = Finding(rule="a:b", severity=CdaSeverity.WARNING, xpath="/é", line=None, message="« ç »")
    assert finding == unpack_finding(from_frame(to_frame({"f": pack_finding(finding)}))["f"])
