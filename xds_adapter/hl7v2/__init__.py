"""HL7 v2 messages: octets to fields, fields to what they announce, and acknowledgements.

::

    octets  --parse-->  Message (segments, fields, repetitions)  --decode_adt-->  AdtRequest
    octets  <--encode_ack--  AckCode and faults

Source: HL7 v2.5 chapters 2 and 3; IHE ITI TF-2 3.8 and C.2.
"""

from xds_adapter.hl7v2.ack import encode_ack
from xds_adapter.hl7v2.adt import AdtRequest, decode_adt
from xds_adapter.hl7v2.message import Fault, Message, parse

__all__ = ["AdtRequest", "Fault", "Message", "decode_adt", "encode_ack", "parse"]
