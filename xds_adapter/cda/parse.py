"""Read a CDA document back into the case that builds it.

    document (XML, any size)  --parse-->  kind, case (JSON), notes
    case (JSON)               --build-->  document

The reader is tolerant, the writer strict: whatever can be understood is read, and everything that a document built
from the case will not say as this one did is in the notes, with its place. For a document that was built here,
``build`` gives the same bytes again.

Source: HL7 CDA R2; ANS CI-SIS, volets Structuration minimale, IMG-DA-IMG, IMG-CR-IMG, TLM-DA and TLM-CR.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xds_adapter import xmlio
from xds_adapter.cda.parsing.acts import documented_acts, orders
from xds_adapter.cda.parsing.attached import unstructured_body
from xds_adapter.cda.parsing.body import sections
from xds_adapter.cda.parsing.header import header
from xds_adapter.cda.parsing.kinds import code_of, kind_of
from xds_adapter.cda.parsing.notes import Note, NoteKind
from xds_adapter.cda.parsing.plan_of_care import requested_acts
from xds_adapter.cda.parsing.reader import Base64Text, Case, Reader, present
from xds_adapter.cda.parsing.remainder import remainder
from xds_adapter.cda.parsing.telemedicine import telemedicine_acts
from xds_adapter.cda.tree import first, get, name_of, read_tree
from xds_adapter.errors import CdaInvalid
from xds_adapter.xmlio import Element

__all__ = ["Note", "NoteKind", "ParsedCase", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCase:
    """A document read back.

    Attributes:
        kind: The kind of document, as `build` names it.
        case: The case, JSON that `build` takes. What a document lacks is missing in it too, so `build` may refuse it.
        notes: What the case does not say as the document did, in the order of the document; empty for a document
            that was built here.
    """

    kind: str
    case: dict[str, Any]
    notes: tuple[Note, ...]


def parse(document: bytes | Path | Iterable[bytes]) -> ParsedCase:
    """Read a document of a known kind back into its case.

    An embedded file is held as the base64 text that the case needs, once; nothing else grows with its size, and no
    limit of the XML parser applies to it.

    Args:
        document: Its bytes, the path of its file, or its bytes in pieces of any size. A byte order mark is accepted.

    Returns:
        The kind, the case and the notes.

    Raises:
        CdaInvalid: It is no CDA document, or none of a kind that can be built.
        Unreadable: The XML cannot be read; a `MalformedMessage` that knows the line.
        OSError: The file cannot be read.
    """
    if isinstance(document, Path):
        document = xmlio.file_chunks(document)
    texts: dict[Element, Base64Text] = {}
    lines = array("L")
    chunks = [document] if isinstance(document, bytes) else document
    root = read_tree(chunks, sink_for=lambda element: texts.setdefault(element, Base64Text()), lines=lines)
    if name_of(root) != "ClinicalDocument":
        raise CdaInvalid((f"/: {name_of(root)} is no ClinicalDocument",))
    reader = Reader(root, texts, lines)
    kind = kind_of(reader)
    if kind is None:
        raise CdaInvalid(("/ClinicalDocument: neither templateId nor code names a kind that can be built",))
    reader.zone = _zone(root)
    reader.constant(root, "code", code_of(kind))
    case = header(reader)
    case |= _PARTS[kind](reader, kind)
    remainder(reader, case.get("unique_id", ""))
    notes = sorted(reader.notes, key=lambda note: note.line)
    return ParsedCase(kind=kind, case=case, notes=tuple(notes))


def _zone(root: Element) -> str:
    element = first(root, "effectiveTime")
    value = "" if element is None else get(element, "value")
    return value[-5:] if value[-5:-4] in ("+", "-") else ""


def _request(reader: Reader, kind: str) -> Case:
    return requested_acts(reader) | {"sections": sections(reader, kind)}


def _report(reader: Reader, kind: str) -> Case:
    return present(in_fulfillment_of=orders(reader)) | documented_acts(reader) | {"sections": sections(reader, kind)}


def _telemedicine_request(reader: Reader, kind: str) -> Case:
    return telemedicine_acts(reader) | {"sections": sections(reader, kind)}


def _telemedicine_report(reader: Reader, _: str) -> Case:
    found = present(in_fulfillment_of=orders(reader)) | telemedicine_acts(reader)
    return found | present(body=unstructured_body(reader))


def _level_1(reader: Reader, _: str) -> Case:
    found = present(in_fulfillment_of=orders(reader)) | documented_acts(reader)
    return found | present(body=unstructured_body(reader))


_PARTS = {
    "imaging-request": _request,
    "imaging-report": _report,
    "imaging-report-pdf": _level_1,
    "telemedicine-request": _telemedicine_request,
    "telemedicine-report": _telemedicine_report,
}
