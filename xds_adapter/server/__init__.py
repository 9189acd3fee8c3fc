"""The SOAP server: HTTP in, actors called, HTTP out.

::

    asgi       routes a request; moves its body, chunk by chunk, into a MessageReceiver; incoming, sending: the octets
    lanes      kinds of work, each with its threads and its bounded queue
    exchange   one message: envelope, action, service, answer or fault; runs in a worker thread
    service    what is offered for one action; *_services: which action leads to which actor
    wsdl       the service descriptions that GET ?wsdl returns
    metrics    what a monitor is told
    replies    answers that are posted to another address; posting: one attempt
    connection one connection with bounds on size and slowness; watch: all of them, looked at once a second
    run        uvicorn, signals, the line "ready"
"""

from xds_adapter.server.asgi import Application, Endpoint, WorkBounds, no_log
from xds_adapter.server.feed_services import feed_services
from xds_adapter.server.metrics import Gauge, Metrics
from xds_adapter.server.recipient_services import recipient_services
from xds_adapter.server.registry_services import registry_services
from xds_adapter.server.removal_services import document_removal_services, metadata_removal_services
from xds_adapter.server.replies import Patience, Replies
from xds_adapter.server.repository_services import repository_services
from xds_adapter.server.run import BackgroundServer, listen, serve, url_of
from xds_adapter.server.service import Service
from xds_adapter.server.update_services import update_services
from xds_adapter.server.watch import ConnectionBounds

__all__ = [
    "Application",
    "BackgroundServer",
    "ConnectionBounds",
    "Endpoint",
    "Gauge",
    "Metrics",
    "Patience",
    "Replies",
    "Service",
    "WorkBounds",
    "document_removal_services",
    "feed_services",
    "listen",
    "metadata_removal_services",
    "no_log",
    "recipient_services",
    "registry_services",
    "repository_services",
    "serve",
    "update_services",
    "url_of",
]
