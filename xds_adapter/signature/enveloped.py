"""Sign a CDA document inside itself, without touching another byte of it.

A CDA document has one place for a signature: ``sdtc:signatureText`` of its legalAuthenticator, the person who answers
for it; the schema with extensions allows any XML there. The signature covers the whole document, its place included
and only itself left out. The document is hashed in the inclusive canonical form, which covers every namespace
declaration: the exclusive one leaves out a prefix that stands in an ``xsi:type`` only. The parts of the signature are
in the exclusive form, which is the same here and in the document.

Source: HL7 CDA R2 extensions (sdtc:signatureText); W3C XML Signature 1.1, 6.6.4; ANS CI-SIS, Structuration minimale.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime

from lxml import etree

from xds_adapter import xmlio
from xds_adapter.datatypes import Coded
from xds_adapter.errors import CdaInvalid
from xds_adapter.signature.block import DataReference, Statement, signature_block
from xds_adapter.signature.canonical import canonical_document
from xds_adapter.signature.credentials import Credentials
from xds_adapter.signature.policy import ENVELOPED_POLICY, SignaturePolicy, purposes
from xds_adapter.vocabulary.namespaces import CDA, SDTC, qname
from xds_adapter.vocabulary.signature import C14N_11, DS, ENVELOPED_TRANSFORM, EXCLUSIVE_C14N, SIGNATURE_MIME_TYPE
from xds_adapter.xmlio import Element

_ASCII_BASED = re.compile(r"utf-8|us-ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)
# One piece of markup of a well-formed document without a DTD; alternatives in the order in which they can begin.
_MARKUP = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</[^>]*>|(?P<start><(?:[^>\"']|\"[^\"]*\"|'[^']*')*>)", re.DOTALL
)
_DESCRIPTION = "CDA R2 document"


def sign_cda(
    document: bytes,
    credentials: Credentials,
    *,
    policy: SignaturePolicy = ENVELOPED_POLICY,
    purpose: tuple[Coded, ...] = (),
    moment: datetime | None = None,
) -> bytes:
    """Sign a CDA document inside itself (XAdES-EPES, enveloped, SHA-256).

    Args:
        document: The document, UTF-8 or another encoding that contains ASCII.
        credentials: The signer.
        policy: The signature policy that the signature names.
        purpose: Purposes of the signature (`purposes`); none: that of the author.
        moment: When, aware; now if None.

    Returns:
        The document with the signature inserted; every byte before and after it is as it was.

    Raises:
        MalformedMessage: It cannot be read, or a text of it exceeds the parser's 10 MB; a detached signature takes
            documents of any size.
        CdaInvalid: It is no CDA document, has no legalAuthenticator, or holds a signature already.

    Source: ETSI EN 319 132-1; HL7 CDA R2 extensions.
    """
    root = xmlio.parse_signed(document)
    neighbour = _neighbour(root)
    start, end = _wrapper(neighbour)
    position = _offset(document, root, neighbour)
    # An own element would take the prefix that the library likes; read from text, it is what will stand in the bytes.
    with_place = xmlio.parse_signed(document[:position] + start + end + document[position:])
    data = DataReference(
        uri="",
        transforms=(ENVELOPED_TRANSFORM, C14N_11),
        description=_DESCRIPTION,
        octets=canonical_document(with_place, C14N_11),
    )
    statement = Statement(
        moment=moment or datetime.now(UTC).replace(microsecond=0), policy=policy, purposes=purpose or purposes(())
    )
    block = signature_block(data, credentials, statement, form=EXCLUSIVE_C14N)
    return b"".join((document[:position], start, block, end, document[position:]))


def _neighbour(root: Element) -> Element:
    """The element before which the signature goes."""
    if root.tag != qname(CDA, "ClinicalDocument"):
        raise CdaInvalid(
            (f"the root element is {xmlio.local_name(root)}, not ClinicalDocument; other files are signed detached",)
        )
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if not _ASCII_BASED.fullmatch(encoding):
        raise CdaInvalid((f"the document is in {encoding}; a signature is inserted into UTF-8 and its like only",))
    if next(root.iter(qname(DS, "Signature"), qname(SDTC, "signatureText")), None) is not None:
        raise CdaInvalid(("the document is signed already; a second signature is made detached",))
    entity = root.find(f"{qname(CDA, 'legalAuthenticator')}/{qname(CDA, 'assignedEntity')}")
    if entity is None:
        raise CdaInvalid(("the document has no legalAuthenticator, who would answer for it and whose place it is",))
    return entity


def _wrapper(neighbour: Element) -> tuple[bytes, bytes]:
    known = {namespace: prefix for prefix, namespace in neighbour.nsmap.items() if prefix is not None}
    name = f"{known.get(SDTC, 'sdtc')}:signatureText"
    declared = "" if SDTC in known else f' xmlns:sdtc="{SDTC}"'
    return f'<{name}{declared} mediaType="{SIGNATURE_MIME_TYPE}">'.encode(), f"</{name}>".encode()


def _offset(document: bytes, root: Element, wanted: Element) -> int:
    """Where the start tag of an element begins: the parser knows which start tag it is, not at which byte."""
    before = itertools.takewhile(lambda element: element is not wanted, root.iter(etree.Element))
    number = sum(1 for _ in before)
    starts = (found.start() for found in _MARKUP.finditer(document) if found["start"] is not None)
    return next(itertools.islice(starts, number, None))
