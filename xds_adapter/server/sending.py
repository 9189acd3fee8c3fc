"""Answers on the connection of their request, moved chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any

from xds_adapter.server.exchange import Reply
from xds_adapter.server.incoming import Incoming, Scope

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

IN_LOOP_BYTES = 256 * 1024
"""Up to so many octets are read or written in the event loop; what is more goes to a thread."""


async def send_text(send: Send, status: int, content_type: str, content: bytes) -> None:
    """Send a short answer."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def send_reply(send: Send, number: str, reply: Reply, pool: Executor, scope: Scope) -> None:
    """Send the answer of exchange `number`; one that is long is read in a thread, as long as somebody takes it."""
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(number, reply)})
    if reply.in_memory or reply.content_length <= IN_LOOP_BYTES:
        await send({"type": "http.response.body", "body": b"".join(reply.chunks)})
        return
    loop = asyncio.get_running_loop()
    is_gone = _is_gone(scope)
    while chunk := await loop.run_in_executor(pool, next, reply.chunks, b""):
        if is_gone():
            return
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def send_rejection(send: Send, number: str, reply: Reply, incoming: Incoming) -> None:
    """Send an answer to a request that was not read to its end, and close the connection.

    What still comes is dropped for a while: a connection that is closed on a peer that sends loses the answer.
    """
    headers = [*_headers(number, reply), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"".join(reply.chunks), "more_body": True})
    await incoming.drop()
    await send({"type": "http.response.body", "body": b""})


def _headers(number: str, reply: Reply) -> list[tuple[bytes, bytes]]:
    headers = [(b"content-length", str(reply.content_length).encode()), (b"x-exchange-id", number.encode())]
    if reply.content_type:
        headers.append((b"content-type", reply.content_type.encode("latin-1")))
    return headers


def _is_gone(scope: Scope) -> Callable[[], bool]:
    """What tells whether the connection is closing; uvicorn takes what is sent then, and drops it in silence."""
    told: Callable[[], bool] = scope.get("extensions", {}).get("xds_adapter.is_gone", {}).get("ask", bool)
    return told
