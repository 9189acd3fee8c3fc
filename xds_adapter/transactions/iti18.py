"""ITI-18 Registry Stored Query.

Source: IHE ITI TF-2 3.18.4.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from xds_adapter.ebxml import decode_query, decode_query_response, encode_query, encode_query_response
from xds_adapter.model import Outcome, QueryResult, RegistryError, StoredQuery
from xds_adapter.transactions.body import Body


def encode_request(query: StoredQuery) -> Body:
    """Write query:AdhocQueryRequest."""
    return Body((encode_query(query),))


def decode_request(element: etree._Element) -> tuple[StoredQuery, list[RegistryError]]:
    """Read query:AdhocQueryRequest.

    Returns:
        The query, and what is wrong with the form of its parameters.

    Raises:
        MalformedMessage: The body is another message.
    """
    return decode_query(element)


def encode_response(outcome: Outcome, objects: Iterable[str]) -> Body:
    """Write query:AdhocQueryResponse.

    Args:
        outcome: Status and errors.
        objects: Stored leaves with their status, or ObjectRefs, as text.
    """
    return Body(encode_query_response(outcome, objects))


def decode_response(element: etree._Element) -> QueryResult:
    """Read query:AdhocQueryResponse.

    Raises:
        RemoteFault: The body is another message, or its status is unknown.
    """
    return decode_query_response(element)
