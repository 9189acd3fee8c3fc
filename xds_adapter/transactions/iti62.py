"""ITI-62 Remove Metadata.

Source: IHE ITI Remove Metadata and Documents 3.62.4; OASIS ebXML RegRep 3.0 lcm.xsd.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from xds_adapter.ebxml import encode_object_ref
from xds_adapter.errors import MalformedMessage
from xds_adapter.model import RegistryError, finding
from xds_adapter.transactions.body import Body
from xds_adapter.transactions.iti42 import decode_response, encode_response
from xds_adapter.vocabulary.ebrim import DELETE_ALL
from xds_adapter.vocabulary.namespaces import LCM, RIM, RS, qname

__all__ = ["decode_request", "decode_response", "encode_request", "encode_response"]

_REQUEST = qname(LCM, "RemoveObjectsRequest")
_REQUEST_SLOT_LIST = qname(RS, "RequestSlotList")
_ADHOC_QUERY = qname(RIM, "AdhocQuery")
_OBJECT_REF_LIST = qname(RIM, "ObjectRefList")
_OBJECT_REF = qname(RIM, "ObjectRef")


def encode_request(entry_uuids: Iterable[str]) -> Body:
    """Write lcm:RemoveObjectsRequest with one rim:ObjectRef for each entryUUID."""
    inner = "".join(encode_object_ref(entry_uuid) for entry_uuid in entry_uuids)
    start = f'<lcm:RemoveObjectsRequest xmlns:lcm="{LCM}" xmlns:rim="{RIM}"><rim:ObjectRefList>'
    return Body((start, inner, "</rim:ObjectRefList></lcm:RemoveObjectsRequest>"))


def decode_request(element: etree._Element) -> tuple[tuple[str, ...], list[RegistryError]]:
    """Read lcm:RemoveObjectsRequest.

    Returns:
        The entryUUIDs in the order sent, each once, and what is wrong with the form of the request.

    Raises:
        MalformedMessage: The body is another message.
    """
    if element.tag != _REQUEST:
        raise MalformedMessage("the message needs lcm:RemoveObjectsRequest")
    errors = list(_faults(element))
    ids = dict.fromkeys(ref.get("id", "").strip() for ref in _references(element))
    if not ids:
        errors.append(_wrong("rim:ObjectRefList", "names no object; it needs rim:ObjectRef with id"))
    elif "" in ids:
        errors.append(_wrong("rim:ObjectRef", "has no id"))
    return tuple(filter(None, ids)), errors


def _references(element: etree._Element) -> Iterator[etree._Element]:
    for listed in element.iterchildren(_OBJECT_REF_LIST):
        yield from listed.iterchildren(_OBJECT_REF)


def _faults(element: etree._Element) -> Iterator[RegistryError]:
    scope = element.get("deletionScope", DELETE_ALL)
    if scope != DELETE_ALL:
        yield _wrong("deletionScope", "is not supported; a removal is always complete", scope)
    for child in element.iterchildren("*"):
        if child.tag == _ADHOC_QUERY:
            if len(child) or any(child.get(name) for name in ("id", "home")):
                yield _wrong("rim:AdhocQuery", "selects objects; ITI-62 names them by rim:ObjectRef only")
        elif child.tag == _OBJECT_REF_LIST:
            for other in child.iterchildren("*"):
                if other.tag != _OBJECT_REF:
                    yield _wrong(etree.QName(other).localname, "is no rim:ObjectRef")
        elif child.tag != _REQUEST_SLOT_LIST:
            yield _wrong(etree.QName(child).localname, "does not belong into lcm:RemoveObjectsRequest")


def _wrong(attribute: str, words: str, value: str = "") -> RegistryError:
    return finding("RM-001", words, object_id="RemoveObjectsRequest", attribute=attribute, value=value)
