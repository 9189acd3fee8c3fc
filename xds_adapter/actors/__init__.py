"""The actors of XDS.b in domain terms: no XML, no HTTP.

::

    DocumentRepository  --registers at-->  LocalRegistration   the registry of this process, one database transaction
                                           RemoteRegistration  another registry, by ITI-42 (a RegistryPort)
    DocumentRegistry    rules, then the store; answers stored queries
    MetadataRemoval, DocumentRemoval    remove for good, from the registry and from the repository
"""

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.actors.registry import DocumentRegistry, QueryAnswer
from xds_adapter.actors.remote_registration import RemoteRegistration
from xds_adapter.actors.removal import DocumentRemoval, MetadataRemoval
from xds_adapter.actors.repository import DocumentRepository, LocalRegistration, RetrieveAnswer

__all__ = [
    "DocumentRegistry",
    "DocumentRemoval",
    "DocumentRepository",
    "LeafCodec",
    "LocalRegistration",
    "MetadataRemoval",
    "QueryAnswer",
    "RemoteRegistration",
    "RetrieveAnswer",
]
