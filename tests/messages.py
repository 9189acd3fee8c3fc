"""ebXML messages to take apart: a valid one from the factories, and the ways to change it at one place."""

from __future__ import annotations

from lxml import etree

from tests.factories import make_folder, make_submission
from xds_adapter.ebxml import encode_submission
from xds_adapter.model import Submission
from xds_adapter.vocabulary.namespaces import LCM, QUERY, RIM, RS, qname
from xds_adapter.xmlio import parse

NAMESPACES = {"lcm": LCM, "rim": RIM, "rs": RS, "query": QUERY}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def element(xml: str) -> etree._Element:
    """Parse an element whose prefixes are those of `NAMESPACES`."""
    return parse(f"<wrapper {_DECLARED}>{xml}</wrapper>".encode())[0]


def find(message: etree._Element, path: str) -> etree._Element:
    """The first element below `message` at `path`, an ElementPath with the prefixes of `NAMESPACES`."""
    found = message.find(path, NAMESPACES)
    assert found is not None, path
    return found


def insert(message: etree._Element, path: str, xml: str) -> None:
    """Add a child written as `xml` to the element at `path`: behind its like, or else a slot in front, others last."""
    parent, child = find(message, path), element(xml)
    alike = [place for place, sibling in enumerate(parent, 1) if sibling.tag == child.tag]
    first = 0 if child.tag == qname(RIM, "Slot") else len(parent)
    parent.insert(alike[-1] if alike else first, child)


def slot(name: str, *values: str) -> str:
    """A rim:Slot as text."""
    inner = "".join(f"<rim:Value>{value}</rim:Value>" for value in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{inner}</rim:ValueList></rim:Slot>'


def submission_message(submission: Submission | None = None) -> etree._Element:
    """A valid lcm:SubmitObjectsRequest: one set, one entry, one folder, one association, unless told."""
    return parse(encode_submission(submission or make_submission(folders=(make_folder(),))).encode())
