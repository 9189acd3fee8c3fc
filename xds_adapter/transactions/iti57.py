"""ITI-57 Update Document Set: the messages of ITI-42 under an action of their own.

Source: IHE ITI supplement XDS Metadata Update, 3.57.4.
"""

from __future__ import annotations

from xds_adapter.transactions.iti42 import decode_request, decode_response, encode_request, encode_response

__all__ = ["decode_request", "decode_response", "encode_request", "encode_response"]
