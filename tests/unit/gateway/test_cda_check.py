"""What a repository is told of a document, without a server: the rest that the flow tests leave."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from tests.cda_cases import report_case
from tests.factories import make_document_entry
from tests.rule_packs import write_pack
from xds_adapter.cda.build import build
from xds_adapter.gateway import CdaCheck
from xds_adapter.schematron import RulePack
from xds_adapter.soap import BytesContent
from xds_adapter.vocabulary.status import Severity

REPORT = build("imaging-report", report_case())
BROKEN = REPORT.replace(b'<realmCode code="FR"', b'<realmCode code="XX"')


class _Streamed:
    """A report with an endless file in it, made as it is read."""

    size, sha1, content_id = 0, "", ""
    pieces = 400

    def chunks(self) -> Iterator[bytes]:
        before, _, rest = REPORT.partition(b"<structuredBody>")
        yield before + b'<nonXMLBody><text mediaType="application/pdf" representation="B64">JVBERi0xLjcK'
        for _ in range(self.pieces):
            yield b"QUJD" * 32 * 1024
        yield b"</text></nonXMLBody>" + rest.partition(b"</structuredBody>")[2]


def test_a_rule_pack_that_is_gone_leaves_a_warning_where_the_document_is_refused_anyway(tmp_path: Path) -> None:
    pack = RulePack(write_pack(tmp_path))
    pack.close()
    found = CdaCheck(refuses=True, pack=pack).check(make_document_entry(), BytesContent(BROKEN))
    assert ("REPO-011", Severity.WARNING) == (found[-1].rule, found[-1].severity)
    assert any(error.is_error for error in found)


def test_a_rule_pack_that_is_gone_is_busy_where_nothing_else_decides(tmp_path: Path) -> None:
    pack = RulePack(write_pack(tmp_path))
    pack.close()
    (found,) = CdaCheck(refuses=True, pack=pack).check(make_document_entry(), BytesContent(REPORT))
    assert ("REPO-010", "XDSRepositoryBusy", True) == (found.rule, found.code, found.is_error)
    assert "nothing was stored, try again later" in found.code_context


def test_an_entry_without_a_format_code_is_judged_by_its_document() -> None:
    entry = make_document_entry(format_code=None)
    check = CdaCheck(refuses=True)
    assert check.check(entry, BytesContent(BROKEN))
    assert () == check.check(entry, BytesContent(b"<a"))


def test_fifty_megabytes_are_checked_in_a_few() -> None:
    check = CdaCheck(refuses=False)
    check.check(make_document_entry(), BytesContent(REPORT))
    tracemalloc.start()
    try:
        check.check(make_document_entry(), _Streamed())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20
