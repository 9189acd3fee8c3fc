"""AdhocQueryRequest and AdhocQueryResponse, both directions.

Source: IHE ITI TF-2 3.18.4.1.2.3 (syntax of parameter values); OASIS ebXML RegRep 3.0 query.xsd.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from xds_adapter.ebxml.decode import SLOT, decode_objects, slot_values
from xds_adapter.ebxml.response import decode_outcome, encode_errors
from xds_adapter.ebxml.text import escape
from xds_adapter.ebxml.writers import encode_slot
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import (
    Outcome,
    ParameterSlot,
    QueryResult,
    RegistryError,
    StoredQuery,
    finding,
)
from xds_adapter.vocabulary.namespaces import QUERY, RIM, RS, qname

_REQUEST = qname(QUERY, "AdhocQueryRequest")
_RESPONSE = qname(QUERY, "AdhocQueryResponse")
_RESPONSE_OPTION = qname(QUERY, "ResponseOption")
_ADHOC_QUERY = qname(RIM, "AdhocQuery")
_OBJECT_LIST = qname(RIM, "RegistryObjectList")
_OBJECT_REF = qname(RIM, "ObjectRef")

_ITEM = r"(?:'(?:[^']|'')*'|[0-9]+)"
_SINGLE = re.compile(_ITEM)
_LIST = re.compile(rf"\(\s*{_ITEM}(?:\s*,\s*{_ITEM})*\s*\)")


def _items(text: str) -> Iterator[str]:
    for item in _SINGLE.findall(text):
        yield item[1:-1].replace("''", "'") if item.startswith("'") else item


def _decode_slot(slot: etree._Element, errors: list[RegistryError]) -> ParameterSlot:
    values: list[str] = []
    listed = False
    for text in slot_values(slot):
        if _LIST.fullmatch(text):
            listed = True
        elif not _SINGLE.fullmatch(text):
            words = "is neither 'text', a number nor a list ('a','b'); a quote inside a text is doubled"
            errors.append(finding("SQ-004", words, attribute=slot.get("name", ""), value=text))
            continue
        values.extend(_items(text))
    return ParameterSlot(tuple(values), listed)


def decode_query(request: etree._Element) -> tuple[StoredQuery, list[RegistryError]]:
    """Read query:AdhocQueryRequest.

    Returns:
        The query, and the faults of its parameter values.

    Raises:
        MalformedMessage: The element is another, or its ResponseOption or AdhocQuery is missing.
    """
    option = request.find(_RESPONSE_OPTION)
    adhoc_query = request.find(_ADHOC_QUERY)
    if request.tag != _REQUEST or option is None or adhoc_query is None:
        raise MalformedMessage("the message needs query:AdhocQueryRequest with ResponseOption and rim:AdhocQuery")
    errors: list[RegistryError] = []
    parameters: dict[str, tuple[ParameterSlot, ...]] = {}
    for slot in adhoc_query.iterchildren(SLOT):
        name = slot.get("name", "")
        decoded = _decode_slot(slot, errors)
        if decoded.values:
            parameters[name] = (*parameters.get(name, ()), decoded)
    query = StoredQuery(
        query_id=adhoc_query.get("id", ""),
        parameters=parameters,
        return_type=option.get("returnType", ""),
        home_community_id=adhoc_query.get("home"),
    )
    return query, errors


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _encode_parameter(name: str, slot: ParameterSlot) -> str:
    # One Value a list item: the schema limits a Value to 256 characters, and several join as one list does.
    texts = [f"({_quoted(value)})" if slot.listed else _quoted(value) for value in slot.values]
    return encode_slot(name, texts)


def encode_query(query: StoredQuery) -> str:
    """Write query:AdhocQueryRequest; its namespaces are declared on it."""
    home = f' home="{escape(query.home_community_id)}"' if query.home_community_id else ""
    slots = [_encode_parameter(name, slot) for name, slots in query.parameters.items() for slot in slots]
    return (
        f'<query:AdhocQueryRequest xmlns:query="{QUERY}" xmlns:rim="{RIM}">'
        f'<query:ResponseOption returnComposedObjects="true" returnType="{escape(query.return_type)}"/>'
        f'<rim:AdhocQuery id="{escape(query.query_id)}"{home}>{"".join(slots)}</rim:AdhocQuery>'
        "</query:AdhocQueryRequest>"
    )


def encode_query_response(outcome: Outcome, objects: Iterable[str]) -> Iterator[str]:
    """Write query:AdhocQueryResponse piece by piece, so that a large answer is never joined here.

    Args:
        outcome: Status and errors.
        objects: Each a stored leaf with its status, or an ObjectRef; the prefix ``rim`` is bound.
    """
    yield (
        f'<query:AdhocQueryResponse xmlns:query="{QUERY}" xmlns:rim="{RIM}" xmlns:rs="{RS}"'
        f' status="{outcome.status}">{encode_errors(outcome)}<rim:RegistryObjectList>'
    )
    yield from objects
    yield "</rim:RegistryObjectList></query:AdhocQueryResponse>"


def encode_object_ref(entry_uuid: str) -> str:
    """Write one rim:ObjectRef."""
    return f'<rim:ObjectRef id="{escape(entry_uuid)}"/>'


def decode_query_response(element: etree._Element) -> QueryResult:
    """Read query:AdhocQueryResponse.

    Raises:
        RemoteFault: The element is another, or its status is unknown.
    """
    if element.tag != _RESPONSE:
        raise RemoteFault("the answer is no query:AdhocQueryResponse")
    outcome = decode_outcome(element)
    objects = element.find(_OBJECT_LIST)
    if objects is None:
        return QueryResult(outcome=outcome)
    found, _ = decode_objects(objects)
    return QueryResult.of(outcome, found, tuple(ref.get("id", "") for ref in objects.iterchildren(_OBJECT_REF)))
