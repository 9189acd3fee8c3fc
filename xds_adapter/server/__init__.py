"""The SOAP server: HTTP in, actors called, HTTP out.

::

    asgi       routes a request; moves its body, chunk by chunk, into a MessageReceiver
    exchange   one message: envelope, action, service, answer or fault; runs in a worker thread
    service    what is offered for one action; *_services: which action leads to which actor
    wsdl       the service descriptions that GET ?wsdl returns
    run        uvicorn, signals, the line "ready"
"""

from xds_adapter.server.asgi import Application, Endpoint, no_log
from xds_adapter.server.registry_services import registry_services
from xds_adapter.server.removal_services import document_removal_services, metadata_removal_services
from xds_adapter.server.repository_services import repository_services
from xds_adapter.server.run import BackgroundServer, listen, serve, url_of
from xds_adapter.server.service import Service

__all__ = [
    "Application",
    "BackgroundServer",
    "Endpoint",
    "Service",
    "document_removal_services",
    "listen",
    "metadata_removal_services",
    "no_log",
    "registry_services",
    "repository_services",
    "serve",
    "url_of",
]
