"""The ASGI application: routes, and bodies moved chunk by chunk with bounded memory.

The event loop only moves bytes; messages are processed in a bounded pool of threads.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xds_adapter.errors import MalformedMessage, StorageUnavailable
from xds_adapter.server.exchange import Exchange, Reply
from xds_adapter.server.metrics import CONTENT_TYPE as METRICS_TYPE
from xds_adapter.server.metrics import Measured, Metrics
from xds_adapter.server.replies import Replies
from xds_adapter.server.service import Service
from xds_adapter.server.wsdl import service_description
from xds_adapter.soap import Limits, MessageReceiver

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_IN_LOOP_BYTES = 256 * 1024
"""Up to so many bytes of a message are taken apart and hashed in the event loop; what follows goes to a thread."""

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


@dataclass(slots=True)
class _Octets:
    """How much of one exchange has passed."""

    received: int = 0
    sent: int = 0


class Disconnected(Exception):
    """The client went away before its message was complete."""


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
        max_request_bytes: Bound on a request body.
        threads: Messages processed at the same time.
        log: Takes one line an exchange.
        replies: Posts answers that do not go back on the connection of their request; None: there are none.
        metrics: Counts exchanges.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        *,
        ready: Callable[[], bool],
        process: Callable[[Callable[[], Reply]], Future[Reply]],
        spool: Path,
        limits: Limits,
        max_request_bytes: int,
        threads: int = 32,
        log: Callable[[str, Mapping[str, object]], None] = no_log,
        replies: Replies | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._ready = ready
        self._process = process
        self._log = log
        self._replies = replies or Replies()
        self.metrics = metrics or Metrics()
        self._spool = spool
        self._limits = limits
        self._max_request_bytes = max_request_bytes
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")

    def close(self) -> None:
        """Try answers that wait for their receivers once more, and wait for the worker threads."""
        self._replies.close()
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
            await _send_text(send, 405 if endpoint else 404, _TEXT, b"use POST with a SOAP 1.2 message\n")
        elif endpoint is not None:
            await self._describe(path, endpoint, scope, send)
        else:
            await self._health(path, send)

    async def _describe(self, path: str, endpoint: Endpoint, scope: Scope, send: Send) -> None:
        if scope["query_string"].lower() != b"wsdl":
            await _send_text(send, 405, _TEXT, b"POST a SOAP 1.2 message, or GET ?wsdl\n")
            return
        host = _header(scope, b"host") or "localhost"
        content = service_description(endpoint.actor, f"{scope['scheme']}://{host}{path}")
        await _send_text(send, 200, _XML, content)

    async def _health(self, path: str, send: Send) -> None:
        if path == "/health/live":
            await _send_text(send, 200, _JSON, b'{"status":"live"}\n')
        elif path == "/health/ready":
            ready = await asyncio.get_running_loop().run_in_executor(self._pool, self._ready)
            content = json.dumps({"status": "ready" if ready else "not ready"}).encode() + b"\n"
            await _send_text(send, 200 if ready else 503, _JSON, content)
        elif path == "/metrics":
            gauges = await asyncio.get_running_loop().run_in_executor(self._pool, self.metrics.gauges)
            await _send_text(send, 200, METRICS_TYPE, self.metrics.text(gauges).encode())
        else:
            await _send_text(send, 404, _TEXT, b"nothing is offered at this path\n")

    async def _post(self, path: str, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(path, endpoint.services, self._log, self._replies)
        octets = _Octets()
        self.metrics.open_exchanges += 1
        try:
            await self._exchange(exchange, octets, scope, receive, send)
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
                    octets.received,
                    octets.sent,
                )
            )
        finally:
            self.metrics.open_exchanges -= 1

    async def _exchange(self, exchange: Exchange, octets: _Octets, scope: Scope, receive: Receive, send: Send) -> None:
        receiver: MessageReceiver | None = None
        try:
            try:
                self._check_length(scope)
                receiver = MessageReceiver(_header(scope, b"content-type"), limits=self._limits, folder=self._spool)
                await self._receive(receiver, octets, receive)
            except Disconnected:
                raise
            except Exception as error:  # noqa: BLE001 - the exchange turns it into a fault
                await _send_reply(send, exchange, exchange.fault(error), self._pool, close=True)
                return
            exchange.mark("receive")
            reply = await self._reply(exchange, receiver, octets.received)
            if reply.elsewhere:
                reply = await asyncio.get_running_loop().run_in_executor(self._pool, exchange.keep, reply)
            octets.sent = reply.content_length
            await _send_reply(send, exchange, reply, self._pool)
        finally:
            if exchange.message is None and receiver is not None:
                receiver.close()
            exchange.close()

    async def _reply(self, exchange: Exchange, receiver: MessageReceiver, total: int) -> Reply:
        """Process a message in a thread of the pool, or a small one that writes in the writer's own."""
        loop = asyncio.get_running_loop()
        if total > _SMALL_BYTES:
            return await loop.run_in_executor(self._pool, exchange.reply, receiver)
        fault = exchange.open(receiver)
        if fault is not None or exchange.service is None:
            return fault or exchange.fault(RuntimeError("no service"))
        if not exchange.service.in_writer:
            return await loop.run_in_executor(self._pool, exchange.answer)
        try:
            reply = await asyncio.wrap_future(self._process(exchange.answer))
        except StorageUnavailable as error:
            return exchange.failed(error)
        exchange.mark("commit")
        return reply

    def _check_length(self, scope: Scope) -> None:
        length = _header(scope, b"content-length")
        if length and int(length) > self._max_request_bytes:
            raise MalformedMessage(_too_large(self._max_request_bytes))

    async def _receive(self, receiver: MessageReceiver, octets: _Octets, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                raise Disconnected
            chunk: bytes = event.get("body", b"")
            octets.received += len(chunk)
            if octets.received > self._max_request_bytes:
                raise MalformedMessage(_too_large(self._max_request_bytes))
            if octets.received <= _IN_LOOP_BYTES:
                receiver.feed(chunk)
            elif chunk:
                await loop.run_in_executor(self._pool, receiver.feed, chunk)
            if not event.get("more_body"):
                return


def _too_large(limit: int) -> str:
    return f"the request is larger than this server accepts (server.max_request_bytes = {limit})"


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def _send_text(send: Send, status: int, content_type: str, content: bytes) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _send_reply(
    send: Send, exchange: Exchange, reply: Reply, pool: ThreadPoolExecutor, *, close: bool = False
) -> None:
    headers = [
        (b"content-length", str(reply.content_length).encode()),
        (b"x-exchange-id", exchange.exchange_id.encode()),
    ]
    if reply.content_type:
        headers.append((b"content-type", reply.content_type.encode("latin-1")))
    if close:
        # The rest of the request has not been read: the connection cannot carry another.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.in_memory or reply.content_length <= _IN_LOOP_BYTES:
        await send({"type": "http.response.body", "body": b"".join(reply.chunks)})
        return
    loop = asyncio.get_running_loop()
    while chunk := await loop.run_in_executor(pool, next, reply.chunks, b""):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
