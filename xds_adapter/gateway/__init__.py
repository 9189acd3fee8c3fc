"""Edges other than SOAP: HL7 v2 over MLLP, and programs of the operator.

::

    MllpServer       frames in, frames out, bounded
    answer_adt       one ADT message: codec, actor, acknowledgement
    OnDemandCommand  on-demand documents from a program
"""

from xds_adapter.gateway.identity_feed import answer_adt, refuse_adt
from xds_adapter.gateway.mllp import MllpClient, MllpServer
from xds_adapter.gateway.on_demand_command import OnDemandCommand

__all__ = ["MllpClient", "MllpServer", "OnDemandCommand", "answer_adt", "refuse_adt"]
