"""The ASGI application: routes, and bodies moved chunk by chunk with bounded memory.

The event loop only moves bytes; messages are processed in lanes of threads, a bounded one for each kind of work.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from xds_adapter.errors import StorageUnavailable
from xds_adapter.server.exchange import Exchange, Reply
from xds_adapter.server.incoming import Disconnected, Incoming, Receive, Scope, header
from xds_adapter.server.lanes import Crowded, Lane
from xds_adapter.server.metrics import CONTENT_TYPE as METRICS_TYPE
from xds_adapter.server.metrics import Measured, Metrics
from xds_adapter.server.replies import Replies
from xds_adapter.server.sending import IN_LOOP_BYTES, Send, send_rejection, send_reply, send_text
from xds_adapter.server.service import Kind, Service
from xds_adapter.server.watch import ConnectionBounds
from xds_adapter.server.wsdl import service_description
from xds_adapter.soap import Limits, MessageReceiver, SpoolFolder

T = TypeVar("T")

_SMALL_BYTES = 128 * 1024
"""A message up to this size is opened in the event loop: its XML takes at most about a millisecond."""

_TEXT = "text/plain; charset=utf-8"
_XML = "text/xml; charset=utf-8"
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One SOAP path: its services by wsa:Action, and the actor whose WSDL it returns."""

    actor: str
    services: Mapping[str, Service]

    @classmethod
    def of(cls, actor: str, services: tuple[Service, ...]) -> Endpoint:
        """Index services by their request action."""
        return cls(actor=actor, services={s.transaction.request_action: s for s in services})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBounds:
    """Bounds on the work of a server.

    Attributes:
        max_request_bytes: Largest body of a request.
        max_uploads: Bodies of more than 256 KiB that may be arriving or in work at the same time.
        threads: Messages of one kind that are processed at the same time.
        max_waiting: Messages of one kind that may wait for that.
    """

    max_request_bytes: int = 2 << 30
    max_uploads: int = 64
    threads: int = 32
    max_waiting: int = 256


def no_log(_message: str, _facts: Mapping[str, object]) -> None:
    """Where nobody asked for a log, none is kept."""


class Application:
    """The server's ASGI application.

    Args:
        endpoints: Path to SOAP endpoint.
        ready: Tells whether requests can be served now.
        process: Runs a short task in the thread that writes; the future has its result once that is durable.
        spool: Folder for arriving documents that are too large for memory.
        limits: Bounds on messages.
        bounds: Bounds on work.
        log: Takes one line an exchange.
        replies: Posts answers that do not go back on the connection of their request; None: there are none.
        connection_bounds: Bounds on the connections of a server of this application.
        metrics: Counts exchanges.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        *,
        ready: Callable[[], bool],
        process: Callable[[Callable[[], Reply]], Future[Reply]],
        spool: SpoolFolder,
        limits: Limits,
        bounds: WorkBounds,
        log: Callable[[str, Mapping[str, object]], None] = no_log,
        replies: Replies | None = None,
        connection_bounds: ConnectionBounds | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.connection_bounds = connection_bounds or ConnectionBounds()
        self._endpoints = endpoints
        self._ready = ready
        self._process = process
        self._log = log
        self._replies = replies or Replies()
        self.metrics = metrics or Metrics()
        self._spool = spool
        self._limits = limits
        self._bounds = bounds
        self._uploads = 0
        # Moves octets between connections and files: one piece a connection at a time.
        self._pool = ThreadPoolExecutor(bounds.threads, thread_name_prefix="octets")
        self._lanes = {kind: Lane(kind, threads=bounds.threads, waiting=bounds.max_waiting) for kind in Kind}

    def close(self) -> None:
        """Try answers that wait for their receivers once more, and wait for the worker threads."""
        self._replies.close()
        for lane in self._lanes.values():
            lane.close()
        self._pool.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        endpoint = self._endpoints.get(path)
        if endpoint is not None and scope["method"] == "POST":
            await self._post(path, endpoint, scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await send_text(send, 405 if endpoint else 404, _TEXT, b"use POST with a SOAP 1.2 message\n")
        elif endpoint is not None:
            await self._describe(path, endpoint, scope, send)
        else:
            await self._health(path, send)

    async def _describe(self, path: str, endpoint: Endpoint, scope: Scope, send: Send) -> None:
        if scope["query_string"].lower() != b"wsdl":
            await send_text(send, 405, _TEXT, b"POST a SOAP 1.2 message, or GET ?wsdl\n")
            return
        host = header(scope, b"host") or "localhost"
        content = service_description(endpoint.actor, f"{scope['scheme']}://{host}{path}")
        await send_text(send, 200, _XML, content)

    async def _health(self, path: str, send: Send) -> None:
        if path == "/health/live":
            await send_text(send, 200, _JSON, b'{"status":"live"}\n')
        elif path == "/health/ready":
            ready = await self._in_thread(self._ready)
            content = json.dumps({"status": "ready" if ready else "not ready"}).encode() + b"\n"
            await send_text(send, 200 if ready else 503, _JSON, content)
        elif path == "/metrics":
            gauges = await self._in_thread(self.metrics.gauges)
            await send_text(send, 200, METRICS_TYPE, self.metrics.text(gauges).encode())
        else:
            await send_text(send, 404, _TEXT, b"nothing is offered at this path\n")

    async def _post(self, path: str, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(path, endpoint.services, self._log, self._replies)
        incoming = Incoming(scope, receive, self._bounds.max_request_bytes)
        self.metrics.open_exchanges += 1
        try:
            sent = await self._exchange(exchange, incoming, scope, send)
        except Disconnected:
            self.metrics.broken += 1
        else:
            exchange.mark("answer")
            service = exchange.service
            self.metrics.record(
                Measured(
                    None if service is None else service.transaction.number,
                    exchange.outcome,
                    exchange.codes,
                    exchange.started,
                    exchange.ends,
                    incoming.total,
                    sent,
                )
            )
        finally:
            self.metrics.open_exchanges -= 1

    async def _exchange(self, exchange: Exchange, incoming: Incoming, scope: Scope, send: Send) -> int:
        """Read, act upon and answer a message; returns the octets of the answer."""
        receiver: MessageReceiver | None = None
        number = exchange.exchange_id
        try:
            try:
                receiver = MessageReceiver(header(scope, b"content-type"), limits=self._limits, folder=self._spool)
                await self._receive(receiver, incoming)
            except Disconnected:
                raise
            except Exception as error:  # noqa: BLE001 - the exchange turns it into an answer
                await send_rejection(send, number, exchange.turned_away(receiver, error), incoming)
                return 0
            exchange.mark("receive")
            reply = await self._reply(exchange, receiver, incoming.total)
            if reply.elsewhere:
                reply = await self._in_thread(exchange.keep, reply)
            await send_reply(send, number, reply, self._pool, scope)
            return reply.content_length
        finally:
            self._uploads -= incoming.has_place
            if exchange.message is None and receiver is not None:
                receiver.close()
            exchange.close()

    async def _receive(self, receiver: MessageReceiver, incoming: Incoming) -> None:
        while (chunk := await incoming.next()) is not None:
            if incoming.total <= IN_LOOP_BYTES:
                receiver.feed(chunk)
                continue
            if not incoming.has_place:
                # What has come by now mostly says what the message asks for, so that a refusal can be its answer.
                known = max(0, IN_LOOP_BYTES - incoming.total + len(chunk))
                receiver.feed(chunk[:known])
                chunk = chunk[known:]
                self._take_place(incoming)
            await self._in_thread(receiver.feed, chunk)

    def _take_place(self, incoming: Incoming) -> None:
        if self._uploads >= self._bounds.max_uploads:
            raise StorageUnavailable("too many large messages arrive at the same time")
        self._spool.check(incoming.announced)
        self._uploads += 1
        incoming.has_place = True

    async def _reply(self, exchange: Exchange, receiver: MessageReceiver, total: int) -> Reply:
        """Process a message in a thread of its lane, or a small one that writes in the writer's own."""
        small = total <= _SMALL_BYTES
        fault = exchange.open(receiver) if small else await self._in_thread(exchange.open, receiver)
        if fault is not None or exchange.service is None:
            return fault or exchange.fault(RuntimeError("no service"))
        service = exchange.service
        try:
            if service.kind is Kind.SUBMISSION:
                self._spool.check(total)
            if not (service.in_writer and small):
                return await self._lanes[service.kind].run(exchange.work)
            if (unreadable := exchange.prepare()) is not None:
                return unreadable
            reply = await asyncio.wrap_future(self._process(exchange.answer))
        except StorageUnavailable as error:
            return exchange.failed(error)
        except Crowded:
            return exchange.failed(StorageUnavailable(f"too many {service.kind} wait"))
        exchange.mark("commit")
        return reply

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
