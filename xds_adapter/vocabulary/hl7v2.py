"""Tables of HL7 v2 that acknowledgements use.

Source: HL7 v2.5 tables 0008, 0211 and 0357; IHE ITI TF-2 C.2.3.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class AckCode(StrEnum):
    """MSA-1 of the original mode."""

    ACCEPT = "AA"
    ERROR = "AE"
    REJECT = "AR"


class ErrorCondition(Enum):
    """ERR-3: number and text."""

    SEGMENT_SEQUENCE = ("100", "Segment sequence error")
    REQUIRED_FIELD = ("101", "Required field missing")
    DATA_TYPE = ("102", "Data type error")
    TABLE_VALUE = ("103", "Table value not found")
    MESSAGE_TYPE = ("200", "Unsupported message type")
    EVENT = ("201", "Unsupported trigger event")
    PROCESSING_ID = ("202", "Unsupported processing id")
    VERSION = ("203", "Unsupported version id")
    UNKNOWN_KEY = ("204", "Unknown key identifier")
    INTERNAL = ("207", "Application internal error")


ERROR_TABLE = "HL70357"

CHARACTER_SETS = {
    "ASCII": "ascii",
    "8859/1": "iso8859-1",
    "8859/15": "iso8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
}
"""MSH-18 to the name of the codec."""
