"""Rules on submissions and queries: pure functions from values to findings, always all of them.

============  ==========================================  =====================
module        reads                                       rules
============  ==========================================  =====================
attributes    one object                                  META-020 .. META-035
structure     the submission as a whole                   META-011, META-040 ..
bounds        an answer                                   META-070
documents     a submission and its documents              REPO-001 .. REPO-005
registered    a submission and what the registry holds    REG-001 ..
on_demand     on-demand entries and their snapshots       OD-001 ..
removal       objects to be removed and their links       RM-002 .. RM-004
queries       a stored query                              SQ-001 .. SQ-005
============  ==========================================  =====================
"""

from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.bounds import MOST_FINDINGS, bounded
from xds_adapter.rules.check import check_registered, check_submission
from xds_adapter.rules.codes_file import CurrentDomain, read_codes_file
from xds_adapter.rules.documents import check_documents
from xds_adapter.rules.profile import REGISTER, REGISTER_ON_DEMAND, Profile
from xds_adapter.rules.queries import check_query
from xds_adapter.rules.removal import check_removal

__all__ = [
    "MOST_FINDINGS",
    "REGISTER",
    "REGISTER_ON_DEMAND",
    "AffinityDomain",
    "CurrentDomain",
    "Profile",
    "bounded",
    "check_documents",
    "check_query",
    "check_registered",
    "check_removal",
    "check_submission",
    "read_codes_file",
]
