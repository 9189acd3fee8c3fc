"""The text forms of HL7 and IHE, one module each: the source text is kept, its parts are read on demand.

Every type has `fault()`: None, or what is wrong with the text in words. Nothing here raises on bad metadata,
because a submission's findings are reported all at once.

Source: IHE ITI TF-3 Table 4.2.3.1.7-2.
"""

from xds_adapter.datatypes.coded import Coded
from xds_adapter.datatypes.cx import CX, CXi
from xds_adapter.datatypes.dtm import DTM
from xds_adapter.datatypes.hd import HD
from xds_adapter.datatypes.oid import is_oid, is_uuid_urn, new_oid, new_uuid_urn, oid_fault, uuid_fault
from xds_adapter.datatypes.xcn import XCN
from xds_adapter.datatypes.xon import XON
from xds_adapter.datatypes.xtn import XTN

__all__ = [
    "CX",
    "DTM",
    "HD",
    "XCN",
    "XON",
    "XTN",
    "CXi",
    "Coded",
    "is_oid",
    "is_uuid_urn",
    "new_oid",
    "new_uuid_urn",
    "oid_fault",
    "uuid_fault",
]
