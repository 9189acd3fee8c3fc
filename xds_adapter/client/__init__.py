"""The client side: Document Source, Consumer and Administrator, and a remote registry for our own repository.

Synchronous, thread-safe, context managers. zeep binds the WSDL and WS-Addressing; bytes travel through our own
streaming MTOM transport, since zeep has none that keeps documents intact.
"""

from xds_adapter.client.administrator import DocumentAdministrator
from xds_adapter.client.consumer import DocumentConsumer, Retrieved
from xds_adapter.client.registry import RemoteRegistry
from xds_adapter.client.source import DocumentSource

__all__ = ["DocumentAdministrator", "DocumentConsumer", "DocumentSource", "RemoteRegistry", "Retrieved"]
