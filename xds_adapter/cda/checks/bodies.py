"""Checks of embedded files: decoded as they stream by, never held.

Source: HL7 v3 data types R1, ED; RFC 4648 section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.base64body import Base64Body
from xds_adapter.cda.checks.rules import Finding, found
from xds_adapter.cda.tree import Node


def bodies(root: Node) -> Iterator[Finding]:
    """Check embedded files (CDA-060, CDA-061) and how a level 1 body says what it is (CDA-062)."""
    for node in root.walk():
        body = node.binary
        if isinstance(body, Base64Body):
            body.close()
            media_type = node.get("mediaType")
            if body.fault:
                yield found("CDA-060", node, fault=body.fault)
            elif fault := body.media_type_fault(media_type):
                yield found("CDA-061", node, fault=fault)
    for text in root.all("component/nonXMLBody/text"):
        if text.get("representation") != "B64" or not text.get("mediaType"):
            yield found("CDA-062", text)
