"""What metadata need of a document: its header, and the few facts that only its body tells.

    document read before (CdaDocument)  --describe-->         Description
    document in pieces, of any size     --read_description--> Description

Of a body in a file only as much is read as is needed: nothing for a report, the start tag of an unstructured body
for its media type, and the requested exams of a request.

Source: ANS guide to the transmission of CDA R2 documents, page "mapping"; ANS CI-SIS, volet IMG-DA-IMG 2024.01.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from xds_adapter import xmlio
from xds_adapter.cda.document import CdaDocument, read_document
from xds_adapter.cda.header import Concept, Header, concept_of, header_of
from xds_adapter.cda.tree import all_of, first, get, read_tree
from xds_adapter.vocabulary import cda
from xds_adapter.vocabulary.namespaces import CDA, XSLT, qname
from xds_adapter.xmlio import Element

_DOCUMENT = qname(CDA, "ClinicalDocument")
_OBSERVATION = qname(CDA, "observation")
_BODY = "component/nonXMLBody/text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What metadata are derived from.

    Attributes:
        mime_type: Of the document itself.
        body_media_type: Of an unstructured body (level 1), as its start tag says; empty when there is none.
        requested: Modalities and sites of the exams that a request asks for.
    """

    header: Header
    mime_type: str = cda.CDA_MIME_TYPE
    body_media_type: str = ""
    requested: tuple[Concept, ...] = ()


def _clinical_document(root: Element) -> tuple[Element, str]:
    """Find the document in its file, with the media type of the file.

    A self-presenting document is a stylesheet that holds the document.
    """
    if root.tag in (qname(XSLT, "stylesheet"), qname(XSLT, "transform")):
        inner = next(root.iter(_DOCUMENT), None)
        if inner is not None:
            return inner, cda.SELF_PRESENTING_MIME_TYPE
    return root, cda.CDA_MIME_TYPE


def _requested(document: Element) -> Iterator[Concept]:
    for observation in document.iter(_OBSERVATION):
        roots = {get(template, "root") for template in all_of(observation, "templateId")}
        if cda.REQUESTED_EXAM in roots:
            for path in ("code", "targetSiteCode"):
                yield from filter(None, map(concept_of, all_of(observation, path)))


def _is_request(header: Header) -> bool:
    return header.code is not None and header.code.code == cda.IMAGING_REQUEST_CODE


def describe(document: CdaDocument) -> Description:
    """Describe a document that has been read.

    Raises:
        CdaInvalid: It is no CDA document.
    """
    root, mime_type = _clinical_document(document.root)
    header = header_of(root)
    body = first(root, _BODY)
    return Description(
        header=header,
        mime_type=mime_type,
        body_media_type="" if body is None else get(body, "mediaType"),
        requested=tuple(_requested(root)) if _is_request(header) else (),
    )


def read_description(chunks: Callable[[], Iterable[bytes]]) -> Description:
    """Describe a document in pieces, reading no more of it than is needed.

    Args:
        chunks: Gives the pieces; may be called again.

    Raises:
        MalformedMessage: What is read of it is not well-formed XML, or holds a DTD.
        CdaInvalid: It is no CDA document.
    """
    root, mime_type = _clinical_document(read_tree(chunks(), header_only=True))
    header = header_of(root)
    if _is_request(header):
        return describe(read_document(chunks()))
    level_1 = any(template.root == cda.LEVEL_1 for template in header.template_ids)
    media_type = _body_media_type(chunks()) if level_1 else ""
    return Description(header=header, mime_type=mime_type, body_media_type=media_type)


class _Found(Exception):
    """The start of the body has been read; carries its media type."""


class _BodyStart:
    """Waits for the start tag of a body."""

    def __init__(self) -> None:
        self._in_body = False

    def start(self, tag: str, attrib: Mapping[str, str], _: Mapping[str | None, str]) -> None:
        if tag == qname(CDA, "structuredBody"):
            raise _Found("")
        if self._in_body and tag == qname(CDA, "text"):
            raise _Found(attrib.get("mediaType", "").strip())
        self._in_body = self._in_body or tag == qname(CDA, "nonXMLBody")

    def end(self, tag: str) -> None:
        """Nothing is kept."""

    def data(self, text: str) -> None:
        """Nothing is kept."""


def _body_media_type(chunks: Iterable[bytes]) -> str:
    try:
        xmlio.stream(chunks, _BodyStart())
    except _Found as found:
        return str(found)
    return ""
