"""Registry metadata between our values and ebRIM XML, both directions.

::

    model values  --encode-->  ebRIM text     encode.py: string building, for the wire and for the store
                  <--decode--  lxml element   decode.py: tolerant, every fault becomes a finding

Source: IHE ITI TF-3 4.2; OASIS ebXML RegRep 3.0 rim.xsd.
"""

from xds_adapter.ebxml.decode import decode_leaf, decode_objects, decode_submission
from xds_adapter.ebxml.encode import encode_leaf, encode_submission, insert_status
from xds_adapter.ebxml.query import (
    decode_query,
    decode_query_response,
    encode_object_ref,
    encode_query,
    encode_query_response,
)
from xds_adapter.ebxml.response import decode_outcome, encode_outcome

__all__ = [
    "decode_leaf",
    "decode_objects",
    "decode_outcome",
    "decode_query",
    "decode_query_response",
    "decode_submission",
    "encode_leaf",
    "encode_object_ref",
    "encode_outcome",
    "encode_query",
    "encode_query_response",
    "encode_submission",
    "insert_status",
]
