"""Checks of embedded files: decoded as they stream by, never held.

Source: HL7 v3 data types R1, ED; RFC 4648 section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.document import CdaDocument
from xds_adapter.cda.tree import all_of, get


def bodies(document: CdaDocument) -> Iterator[Flaw]:
    """Check embedded files (CDA-060, CDA-061) and how a level 1 body says what it is (CDA-062)."""
    for node, body in document.bodies:
        if body.fault:
            yield found("CDA-060", node, fault=body.fault)
        elif body.media_type_fault(get(node, "mediaType")):
            yield found("CDA-061", node, media_type=get(node, "mediaType"))
    for text in all_of(document.root, "component/nonXMLBody/text"):
        if get(text, "representation") != "B64" or not get(text, "mediaType"):
            yield found("CDA-062", text)
