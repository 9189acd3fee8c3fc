"""The body of one request, as it comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from xds_adapter.errors import MalformedMessage

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_DROPPING_S = 10.0
"""How long a peer that was refused may go on sending before the connection is closed on it."""


class Disconnected(Exception):
    """The client went away before its message was complete."""


class Incoming:
    """The octets of a body.

    Args:
        scope: The request.
        receive: Gives its events.
        max_bytes: A larger body is refused.

    Attributes:
        total: Octets that have come.
        is_whole: Whether those are all.
        announced: Octets that will come, as the request says itself; 0 when it does not.
        has_place: Whether it has one of the places for large bodies.
    """

    def __init__(self, scope: Scope, receive: Receive, max_bytes: int) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self.total = 0
        self.is_whole = False
        self.has_place = False
        self.announced = int(header(scope, b"content-length") or 0)

    async def next(self) -> bytes | None:
        """The next octets; None at the end.

        Raises:
            Disconnected: The peer went away before the end.
            MalformedMessage: They are, or will be, more than are accepted.
        """
        if self.is_whole:
            return None
        self._check(self.announced)
        event = await self._receive()
        if event["type"] == "http.disconnect":
            raise Disconnected
        self.is_whole = not event.get("more_body")
        chunk: bytes = event.get("body", b"")
        self.total += len(chunk)
        self._check(self.total)
        return chunk

    async def drop(self) -> None:
        """Take what still comes, for some seconds, and forget it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DROPPING_S):
                while not self.is_whole:
                    event = await self._receive()
                    self.is_whole = event["type"] == "http.disconnect" or not event.get("more_body")

    def _check(self, octets: int) -> None:
        if octets > self._max_bytes:
            limit = f"server.max_request_bytes = {self._max_bytes}"
            raise MalformedMessage(f"the request is larger than this server accepts ({limit})")


def header(scope: Scope, name: bytes) -> str:
    """The value of a header, by its name in lower case; empty when there is none."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""
