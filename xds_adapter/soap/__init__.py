"""SOAP 1.2, WS-Addressing, MIME and MTOM/XOP: octets to envelopes and documents, and back.

Receiving: `MessageReceiver` -> `ReceivedMessage` -> `read_envelope`. Sending: `write_envelope` -> `MtomMessage`.
Documents never are whole in memory.
"""

from xds_adapter.soap.body_spool import SpooledBody, spooled
from xds_adapter.soap.content import BytesContent, FileContent
from xds_adapter.soap.content_type import ContentType, parse_content_type
from xds_adapter.soap.envelope import WS_ADDRESSING_HEADERS, Envelope, read_envelope
from xds_adapter.soap.envelope_writer import SIMPLE_CONTENT_TYPE, new_message_id, write_envelope
from xds_adapter.soap.faults import FaultCode, fault_http_status, read_fault, write_fault
from xds_adapter.soap.limits import Limits
from xds_adapter.soap.mtom import MessageReceiver
from xds_adapter.soap.multipart import MultipartParser, PartSink
from xds_adapter.soap.received import ReceivedMessage
from xds_adapter.soap.send import LongEnvelope, MtomMessage, xop_include
from xds_adapter.soap.spool import SpooledContent
from xds_adapter.soap.spool_folder import Folder, SpoolFolder

__all__ = [
    "SIMPLE_CONTENT_TYPE",
    "WS_ADDRESSING_HEADERS",
    "BytesContent",
    "ContentType",
    "Envelope",
    "FaultCode",
    "FileContent",
    "Folder",
    "Limits",
    "LongEnvelope",
    "MessageReceiver",
    "MtomMessage",
    "MultipartParser",
    "PartSink",
    "ReceivedMessage",
    "SpoolFolder",
    "SpooledBody",
    "SpooledContent",
    "fault_http_status",
    "new_message_id",
    "parse_content_type",
    "read_envelope",
    "read_fault",
    "spooled",
    "write_envelope",
    "write_fault",
    "xop_include",
]
