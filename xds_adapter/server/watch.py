"""All connections of a server under one eye: how many there are, and whether their peers get on.

One timer runs while there are connections. Once a second it asks each of them; a thousand take about a millisecond.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xds_adapter.server.connection import Connection

LOG = logging.getLogger("xds_adapter.server")

_SWEEP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBounds:
    """Bounds on connections and on the patience with their peers.

    Attributes:
        max_connections: Open at the same time.
        max_of_one_address: The same from one IP address; None: no such bound.
        max_header_bytes: Address and headers of one request.
        max_headers: Number of headers of one request.
        head_limit_s: Seconds for a head, from its first octet or from the connection on.
        min_bytes_per_s: What a body must bring, and what must be taken of an answer.
        body_grace_s: So many seconds a body may fall behind that.
        answer_grace_s: So many seconds a reader may fall behind that.
        idle_s: Seconds that a connection may wait for its next request.
    """

    max_connections: int = 4096
    max_of_one_address: int | None = None
    max_header_bytes: int = 32 * 1024
    max_headers: int = 100
    head_limit_s: float = 10.0
    min_bytes_per_s: int = 1024
    body_grace_s: float = 10.0
    answer_grace_s: float = 30.0
    idle_s: float = 30.0


class Watch:
    """Counts connections, and cuts those whose peers are too slow.

    Attributes:
        cut: How many were cut, by what their peers were slow at, since the start.
        refused: How many were turned away because there were too many.
    """

    def __init__(self, bounds: ConnectionBounds) -> None:
        self.bounds = bounds
        self.cut: Counter[str] = Counter()
        self.refused = 0
        self._connections: set[Connection] = set()
        self._of_address: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        # More often where patience is shorter than usual.
        self._pace_s = min(_SWEEP_S, min(bounds.head_limit_s, bounds.body_grace_s, bounds.answer_grace_s) / 4)
        self._swept = 0.0
        self._told = 0

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    def enter(self, connection: Connection) -> str | None:
        """Take a connection in.

        Returns:
            Why it must go; None: it may stay.
        """
        most = self.bounds.max_of_one_address
        # One that is turned away is watched, too, until it has gone.
        self._connections.add(connection)
        self._of_address[connection.address] += 1
        if self._timer is None:
            self._swept = connection.loop.time()
            self._timer = connection.loop.call_later(self._pace_s, self._sweep, connection.loop)
        if len(self._connections) > self.bounds.max_connections:
            words = "too many connections are open; try again later"
        elif most is not None and self._of_address[connection.address] > most:
            words = "too many connections from this address are open; try again later"
        else:
            return None
        self.refused += 1
        return words

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        self._of_address[connection.address] -= 1
        if not self._of_address[connection.address]:
            del self._of_address[connection.address]

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        # If this process was halted, its peers are not to blame.
        elapsed, self._swept = min(now - self._swept, 2 * self._pace_s), now
        slow = Counter(filter(None, [connection.judge(now, elapsed) for connection in tuple(self._connections)]))
        self.cut.update(slow)
        for what, number in slow.items():
            LOG.warning("connections cut, their peers were too slow at %s: %d", what, number)
        if self.refused != self._told:
            LOG.warning("connections turned away, there are too many: %d", self.refused - self._told)
            self._told = self.refused
        self._timer = loop.call_later(self._pace_s, self._sweep, loop) if self._connections else None
