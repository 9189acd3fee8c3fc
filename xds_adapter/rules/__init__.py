"""Rules on submissions and queries: pure functions from values to findings, always all of them.

============  ==========================================  =======
"""

from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.bounds import MOST_FINDINGS, bounded
from xds_adapter.rules.check import check_registered, check_submission
from xds_adapter.rules.codes_file import CurrentDomain, read_codes_file
from xds_adapter.rules.documents import check_documents
from xds_adapter.rules.identity_feed import FeedDomain, FeedPlan, ResolvedChange
from xds_adapter.rules.outlook import Outlook, Propagated
from xds_adapter.rules.patients import check_query_patients, patients_of
from xds_adapter.rules.profile import REGISTER, REGISTER_ON_DEMAND, Profile
from xds_adapter.rules.queries import check_query
from xds_adapter.rules.recipient import check_received
from xds_adapter.rules.removal import check_removal
from xds_adapter.rules.update import check_update
from xds_adapter.rules.updated import check_updated

__all__ = [
    "MOST_FINDINGS",
    "REGISTER",
    "REGISTER_ON_DEMAND",
    "AffinityDomain",
    "CurrentDomain",
    "FeedDomain",
    "FeedPlan",
    "Outlook",
    "Profile",
    "Propagated",
    "ResolvedChange",
    "bounded",
    "check_documents",
    "check_query",
    "check_query_patients",
    "check_received",
    "check_registered",
    "check_removal",
    "check_submission",
    "check_update",
    "check_updated",
    "patients_of",
    "read_codes_file",
]
