"""ITI-61 Register On-Demand Document Entry: the message of ITI-42 under another name.

Source: IHE ITI TF-2 3.61.4.
"""

from __future__ import annotations

from xds_adapter.transactions.iti42 import decode_request, decode_response, encode_request, encode_response

__all__ = ["decode_request", "decode_response", "encode_request", "encode_response"]
