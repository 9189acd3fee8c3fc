"""Read back what a transaction writes, as a receiver does: XML parsed, documents found by their Content-ID."""

from __future__ import annotations

from lxml import etree

from tests.messages import NAMESPACES
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import DocumentContent
from xds_adapter.soap import BytesContent
from xds_adapter.transactions import Body, Resolve
from xds_adapter.vocabulary.namespaces import XDS, XOP
from xds_adapter.xmlio import parse

_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in (NAMESPACES | {"xds": XDS, "xop": XOP}).items())


def received(body: Body) -> etree._Element:
    """The body as the other side reads it."""
    return parse("".join(body.xml).encode())


def element(xml: str) -> etree._Element:
    """Parse an element with the prefixes lcm, rim, rs, query, xds and xop."""
    return parse(f"<wrapper {_DECLARED}>{xml}</wrapper>".encode())[0]


def resolver(body: Body) -> Resolve:
    """Follow xop:Include into the attachments of `body`."""
    contents = {f"cid:{attachment.cid}": attachment.content for attachment in body.attachments}

    def resolve(document: etree._Element) -> DocumentContent:
        return contents[document[0].get("href", "")]

    return resolve


def no_document(_: etree._Element) -> DocumentContent:
    """A resolver for messages whose documents do not matter."""
    return BytesContent(b"")


def unresolvable(_: etree._Element) -> DocumentContent:
    """A resolver that finds nothing."""
    raise MalformedMessage("no such part")
