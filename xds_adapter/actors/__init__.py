"""The actors of XDS.b in domain terms: no XML, no HTTP.

::

    DocumentRepository  --registers at-->  LocalRegistration   the registry of this process, one database transaction
                                           RemoteRegistration  another registry, by ITI-42 (a RegistryPort)
    OnDemandDocumentSource  a repository that also makes documents when they are asked for
    DocumentRecipient   rules of XDR, then a folder for other software
    DocumentRegistry    rules, then the store; answers stored queries
    MetadataUpdate      new versions, changes of status, new associations
    PatientIdentityFeed what the registry hears of its patients: additions and merges
    MetadataRemoval, DocumentRemoval    remove for good, from the registry and from the repository
"""

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.actors.metadata_update import MetadataUpdate
from xds_adapter.actors.on_demand import OnDemandDocumentSource, RetrieveAnswer
from xds_adapter.actors.patient_identity import FeedAnswer, PatientIdentityFeed
from xds_adapter.actors.recipient import DocumentRecipient
from xds_adapter.actors.registration import LocalRegistration
from xds_adapter.actors.registry import DocumentRegistry
from xds_adapter.actors.remote_registration import RemoteRegistration
from xds_adapter.actors.removal import DocumentRemoval, MetadataRemoval
from xds_adapter.actors.repository import DocumentRepository

__all__ = [
    "DocumentRecipient",
    "DocumentRegistry",
    "DocumentRemoval",
    "DocumentRepository",
    "FeedAnswer",
    "LeafCodec",
    "LocalRegistration",
    "MetadataRemoval",
    "MetadataUpdate",
    "OnDemandDocumentSource",
    "PatientIdentityFeed",
    "RemoteRegistration",
    "RetrieveAnswer",
]
