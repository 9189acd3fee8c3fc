"""The built-in validator: one broken thing, one rule."""

from __future__ import annotations

import base64
import re
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cda_cases import built, minimal_case
from tests.shared import shared_path
from xds_adapter.cda import tree
from xds_adapter.cda.base64body import Base64Body
from xds_adapter.cda.build import KINDS, build
from xds_adapter.cda.checks.identifiers import ins_fault
from xds_adapter.cda.validate import CdaSeverity, validate

PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()


def _level_1(content: str = PDF, attributes: str = 'mediaType="application/pdf" representation="B64"') -> bytes:
    text = built("imaging-report-pdf").decode()
    body = f"<nonXMLBody><text {attributes}>{content}</text></nonXMLBody>"
    return re.sub("<nonXMLBody>.*</nonXMLBody>", lambda _: body, text, flags=re.DOTALL).encode()


def _rules(document: bytes) -> list[str]:
    return [finding.rule for finding in validate(document)]


@pytest.mark.parametrize(
    ("rule", "document"),
    [
        ("CDA-060", _level_1("JVBE*jQK")),
        ("CDA-060", _level_1(PDF + "A")),
        ("CDA-060", _level_1("")),
        ("CDA-060", _level_1("JVB*" + "QUJD" * 200_000)),
        ("CDA-060", _level_1("JVBERi0=JVBE")),
        ("CDA-061", _level_1(base64.b64encode(b"no pdf here").decode())),
        ("CDA-062", _level_1(attributes='mediaType="application/pdf"')),
        ("CDA-062", _level_1(attributes='representation="B64"')),
    ],
)
def test_a_broken_body_is_found(rule: str, document: bytes) -> None:
    """A level 1 body that cannot be opened is found by exactly one rule."""
    assert _rules(document) == [rule]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_what_the_builder_makes_has_no_findings(kind: str) -> None:
    """Our own documents, complete and minimal, break no rule."""
    assert [validate(built(kind)), validate(build(kind, minimal_case(kind)))] == [(), ()]


def test_a_level_1_body_passes() -> None:
    """A PDF that is one, with line breaks in its base64, breaks no rule."""
    assert _rules(_level_1(f"\n{PDF[:8]}\n{PDF[8:]}\n")) == []


def test_a_finding_says_where_and_what_to_do() -> None:
    """A finding carries severity, XPath, line and an instruction."""
    text = built("imaging-report").decode().replace(' extension="IPP-204417"', "")
    (finding,) = validate(text.encode())
    assert finding.severity is CdaSeverity.ERROR
    assert finding.xpath == "/ClinicalDocument/recordTarget/patientRole/id[2]"
    assert finding.line is not None
    assert '<id root="1.2.250.1.999.1.1.100"/>' in text.splitlines()[finding.line - 1]
    assert str(finding) == (
        f"line {finding.line}, /ClinicalDocument/recordTarget/patientRole/id[2]: "
        "this identifier needs extension; add it [CDA-021]"
    )


def test_unreadable_xml_names_its_line() -> None:
    """The line of the fault is told."""
    (finding,) = validate(b"<ClinicalDocument>\n<a>\n</b>\n</ClinicalDocument>")
    assert (finding.rule, finding.xpath, finding.line) == ("CDA-001", "/", 3)


def test_a_document_of_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of elements ends the reading instead of the memory."""
    monkeypatch.setattr(tree, "MAX_NODES", 1000)
    (finding,) = validate([b"<ClinicalDocument>", b"<a/>" * 1001])
    assert "more than 1000 elements" in finding.message


def test_a_flood_of_text_is_refused() -> None:
    """Ordinary text is held, so it has a limit."""
    pieces = [b"<ClinicalDocument>", *[b"x" * 1_000_000] * 11]
    (finding,) = validate(pieces)
    assert "characters of text" in finding.message


@pytest.mark.parametrize("line_length", [76, 0])
def test_a_large_body_needs_no_memory(line_length: int) -> None:
    """A body of 30 MB is decoded and checked as it passes, on one line or on many."""
    start, end = _level_1("@").split(b"@")
    line = b"QUJD" * 4096 if not line_length else (b"QUJD" * 19 + b"\n") * 200

    def pieces() -> Iterator[bytes]:
        yield start + PDF[:8].encode()
        for _ in range(30_000_000 // len(line)):
            yield line
        yield end

    tracemalloc.start()
    try:
        assert validate(pieces()) == ()
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_base64_decodes_in_pieces_of_any_size(size: int) -> None:
    """How the text is cut does not matter."""
    body = Base64Body()
    for at in range(0, len(PDF), size):
        body.write(PDF[at : at + size])
    body.close()
    assert (body.fault, body.size, body.head) == (None, 15, b"%PDF-1.4\n%%EOF\n")


@pytest.mark.parametrize("department", ["51", "2A", "2B"])
def test_the_key_of_an_ins_counts_corsica(department: str) -> None:
    """2A and 2B stand for 19 and 18 in the control key."""
    counted = department.replace("2A", "19").replace("2B", "18")
    key = 97 - int(f"27903{counted}215189") % 97
    assert ins_fault(f"27903{department}215189{key:02}") is None
    assert str(ins_fault(f"27903{department}215189{(key + 1) % 97:02}")).startswith("has the key")


def test_a_letter_elsewhere_in_an_ins_is_a_fault() -> None:
    """Only the departments of Corsica have a letter."""
    assert ins_fault("279033A21518989") == "holds a letter where no department has one"


@pytest.mark.shared
def test_official_documents_break_only_what_they_break() -> None:
    """The small examples break nothing; samples break what their authors left."""
    examples = [validate(path) for path in sorted(shared_path("data", "cda", "examples").glob("*.xml"))]
    assert examples == [(), (), ()]
    broken = Counter(
        f.rule for path in sorted(shared_path("data", "cda", "samples").glob("*.xml")) for f in validate(path)
    )
    # CDA-400: a device's author has a profession that left its value set; the official rules say so too.
    assert broken == {"CDA-031": 16, "CDA-041": 1, "CDA-050": 2, "CDA-051": 14, "CDA-054": 12, "CDA-400": 1}


def test_an_order_may_have_all_that_its_class_has() -> None:
    """Code, template and the fixed attributes of an order are no fault."""
    edits = {
        "<inFulfillmentOf>": '<inFulfillmentOf typeCode="FLFS"><templateId root="1.2.3"/>',
        "<order>": '<order classCode="ACT" moodCode="RQO">',
        "<ps3-20:accessionNumber": '<code code="1" displayName="x" codeSystem="1.2.3"/><ps3-20:accessionNumber',
    }
    text = built("imaging-report").decode()
    for before, after in edits.items():
        text = text.replace(before, after)
    assert _rules(text.encode()) == []


def test_text_behind_the_padding_is_a_fault() -> None:
    """Base64 that ended does not begin again, also when the pieces are cut there."""
    body = Base64Body()
    for piece in ("QUI=", "QUJD", "QUJD"):
        body.write(piece)
    body.close()
    assert body.fault == "text follows the padding"


def test_nothing_at_all_is_unreadable() -> None:
    """No bytes are no document."""
    assert _rules(b"") == ["CDA-001"]


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    """A path is as good as bytes."""
    (tmp_path / "d.xml").write_bytes(built("imaging-request"))
    assert validate(tmp_path / "d.xml") == ()
