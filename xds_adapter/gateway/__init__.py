"""Edges that speak HL7 v2: MLLP, and what its messages lead to.

::

    MllpServer  frames in, frames out, bounded
    answer_adt  one ADT message: codec, actor, acknowledgement
"""

from xds_adapter.gateway.identity_feed import answer_adt
from xds_adapter.gateway.mllp import MllpClient, MllpServer

__all__ = ["MllpClient", "MllpServer", "answer_adt"]
