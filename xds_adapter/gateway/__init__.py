"""Edges other than SOAP: HL7 v2 over MLLP, programs of the operator, processes of our own.

::

    MllpServer       frames in, frames out, bounded
    answer_adt       one ADT message: codec, actor, acknowledgement
    OnDemandCommand  on-demand documents from a program
    CdaCheck         rules built in and official ones, for submitted documents
"""

from xds_adapter.gateway.cda_check import CdaCheck
from xds_adapter.gateway.identity_feed import answer_adt, refuse_adt
from xds_adapter.gateway.mllp import MllpClient, MllpServer
from xds_adapter.gateway.on_demand_command import OnDemandCommand

__all__ = ["CdaCheck", "MllpClient", "MllpServer", "OnDemandCommand", "answer_adt", "refuse_adt"]
