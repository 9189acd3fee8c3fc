"""One HTTP connection with bounds: on what its head may hold, and on how slowly its peer may send and read.

uvicorn's protocol has neither; this subclass keeps the few figures that tell, and `Watch` looks at them once a second,
so that no timer runs for a connection or a request. It relies on attributes of uvicorn's classes that are not promised:
`tests/unit/server/test_hooks.py` fails when one of them goes.

Source: RFC 9110 sections 15.5.9, 15.5.15 and 15.6.4; RFC 6585 section 5 (431).
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from xds_adapter.server.watch import Watch

_PIPELINED = 8
"""Requests that a peer may send ahead of their answers; what senders of SOAP do is none at all."""
_RETRY_S = 5


class WatchedConfig(uvicorn.Config):
    """A configuration of uvicorn that leads each connection to its watch."""

    watch: Watch


class _Refused(Exception):
    """What has arrived is not read any further."""


class Connection(HttpToolsProtocol):
    """A connection that its `Watch` can judge and cut."""

    def __init__(
        self,
        config: WatchedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._watch = config.watch
        self._bounds = bounds = config.watch.bounds
        # When the head began that is awaited; None: none is.
        self._head_since: float | None = None
        # Octets since the parser last gave something on: what it may be keeping.
        self._held = 0
        self._received = self._received_before = 0
        self._outstanding = 0
        # Seconds of slowness that the peer has left, like water in a bucket that its octets fill.
        self._body_patience, self._answer_patience = bounds.body_grace_s, bounds.answer_grace_s
        self._refusal: tuple[HTTPStatus, str] | None = None
        self._refused = False

    @property
    def address(self) -> str:
        """The peer's IP address."""
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a connection, or turn it away when there are too many."""
        super().connection_made(transport)
        if words := self._watch.enter(self):
            self._turn_away(HTTPStatus.SERVICE_UNAVAILABLE, words)
            return
        self._head_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection that has ended."""
        self._watch.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the peer was refused; then what still comes is dropped."""
        if self._refused:
            return
        self._held += len(data)
        self._received += len(data)
        if self._head_since is None and self.cycle.response_complete:
            self._head_since = self.loop.time()
        super().data_received(data)
        if self._held > self._bounds.max_header_bytes and not self._refused:
            self._turn_away(*self._too_large())

    def on_headers_complete(self) -> None:
        """Check a head that is complete, and start on its request."""
        self._held = 0
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        bounds = self._bounds
        if size > bounds.max_header_bytes or len(self.headers) > bounds.max_headers:
            self._refusal = self._too_large()
            raise _Refused
        if len(self.pipeline) >= _PIPELINED:
            self._refusal = HTTPStatus.TOO_MANY_REQUESTS, "wait for answers before you send more requests"
            raise _Refused
        self._head_since = None
        self._body_patience, self._answer_patience = bounds.body_grace_s, bounds.answer_grace_s
        self._outstanding = 0
        self.scope["extensions"] = {"xds_adapter.is_gone": {"ask": self.transport.is_closing}}
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass a piece of a body on."""
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a message is whole."""
        self._held = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read; uvicorn calls this for whatever a parser's callback raised."""
        status, words = self._refusal or (HTTPStatus.BAD_REQUEST, msg)
        self._turn_away(status, words)

    def _too_large(self) -> tuple[HTTPStatus, str]:
        if len(self.url) > self._bounds.max_header_bytes // 2:
            return HTTPStatus.REQUEST_URI_TOO_LONG, "the address of the request is too long"
        bounds = self._bounds
        words = f"a head may have {bounds.max_header_bytes} bytes (server.max_header_bytes)"
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"{words} and {bounds.max_headers} headers"

    def judge(self, now: float, elapsed_s: float) -> str | None:
        """Cut the connection if its peer is too slow.

        Args:
            now: Time of the event loop.
            elapsed_s: Seconds since the last call.

        Returns:
            What the peer was slow at; None: the connection goes on.
        """
        if self._is_not_taken(elapsed_s):
            self.transport.abort()
            return "taking an answer"
        if self._refused or self.transport.is_closing():
            return None
        if self._head_since is not None:
            if now - self._head_since < self._bounds.head_limit_s:
                return None
            if self._held:
                self._turn_away(HTTPStatus.REQUEST_TIMEOUT, "the head of the request took too long")
            else:
                # Nothing was asked, so that nothing is answered.
                self.transport.close()
            return "sending a head"
        if self._is_late(elapsed_s):
            self._turn_away(HTTPStatus.REQUEST_TIMEOUT, "the body of the request comes too slowly")
            return "sending a body"
        return None

    def _is_late(self, elapsed_s: float) -> bool:
        """Tell whether a body comes too slowly; a pause that the server itself asked for does not count."""
        came, self._received_before = self._received - self._received_before, self._received
        if not self.cycle.more_body or self.cycle.response_complete or self.flow.read_paused:
            return False
        bounds = self._bounds
        left = self._body_patience - elapsed_s + came / bounds.min_bytes_per_s
        self._body_patience = min(left, bounds.body_grace_s)
        return left < 0

    def _is_not_taken(self, elapsed_s: float) -> bool:
        """Tell whether the peer leaves an answer too long; what the server has not yet written does not count."""
        buffered = self.transport.get_write_buffer_size()
        outstanding = buffered + (self.cycle.expected_content_length if self.cycle is not None else 0)
        taken, self._outstanding = max(0, self._outstanding - outstanding), outstanding
        if not buffered:
            return False
        bounds = self._bounds
        left = self._answer_patience - elapsed_s + taken / bounds.min_bytes_per_s
        self._answer_patience = min(left, bounds.answer_grace_s)
        return left < 0

    def _turn_away(self, status: HTTPStatus, words: str) -> None:
        """Answer what is wrong, if no other answer is under way, and close."""
        self._refused = True
        cycle = self.cycle
        answering = cycle is not None and not cycle.response_complete
        may_answer = not self.pipeline and not (answering and (cycle.response_started or not cycle.more_body))
        if answering:
            cycle.disconnected = True
            cycle.message_event.set()
        if not may_answer:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(_answer(status, words))
            self.transport.close()


def _answer(status: HTTPStatus, words: str) -> bytes:
    content = f"{words}\n".encode()
    head = f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        head += f"retry-after: {_RETRY_S}\r\n"
    return f"{head}content-length: {len(content)}\r\nconnection: close\r\n\r\n".encode() + content
