"""Rules on submissions and queries: pure functions from values to findings, always all of them.

============  ==========================================  =====================
module        reads                                       rules
============  ==========================================  =====================
attributes    one object                                  META-020 .. META-035
structure     the submission as a whole                   META-011, META-040 ..
bounds        an answer                                   META-070
documents     a submission and its documents              REPO-001 .. REPO-005
recipient     a submission to a Document Recipient        XDR-001, XDR-002,
                                                          XDR-010 ..
registered    a submission and what the registry holds    REG-001 ..
update        a metadata update                           MU-001 .. MU-009 ..
updated       a metadata update and the registry          MU-010 ..
outlook       what an update makes of the registry
queries       a stored query                              SQ-001 .. SQ-005
============  ==========================================  =====================
"""

from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.bounds import MOST_FINDINGS, bounded
from xds_adapter.rules.check import check_registered, check_submission
from xds_adapter.rules.codes_file import CurrentDomain, read_codes_file
from xds_adapter.rules.documents import check_documents
from xds_adapter.rules.outlook import Outlook, Propagated
from xds_adapter.rules.queries import check_query
from xds_adapter.rules.recipient import check_received
from xds_adapter.rules.update import check_update
from xds_adapter.rules.updated import check_updated

__all__ = [
    "MOST_FINDINGS",
    "AffinityDomain",
    "CurrentDomain",
    "Outlook",
    "Propagated",
    "bounded",
    "check_documents",
    "check_query",
    "check_received",
    "check_registered",
    "check_submission",
    "check_update",
    "check_updated",
    "read_codes_file",
]
