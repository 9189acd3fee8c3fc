"""A load generator: keeps a number of connections busy with prepared POST requests for some seconds.

Bounded in time and connections; it talks to addresses on this machine only.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvloop

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """What a round of load achieved."""

    requests: int
    failures: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


async def _connection(
    address: tuple[str, int],
    request: Callable[[], bytes],
    good: Callable[[bytes], bool],
    until: float,
    out: list[float],
) -> int:
    reader, writer = await asyncio.open_connection(*address, limit=1 << 20)
    failures = 0
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(request())
        head = await reader.readuntil(b"\r\n\r\n")
        match = _LENGTH.search(head)
        body = await reader.readexactly(int(match[1])) if match else b""
        out.append(time.perf_counter() - started)
        failures += not (head.startswith(b"HTTP/1.1 200") and good(body))
    writer.close()
    return failures


def run_load(
    url: str,
    request: Callable[[], bytes],
    good: Callable[[bytes], bool],
    *,
    connections: int = 16,
    seconds: float = 3.0,
) -> Load:
    """Send requests as fast as answers come.

    Args:
        url: Where, on this machine.
        request: Makes the next whole HTTP request.
        good: Tells whether a body is the wanted answer.
        connections: Kept busy at the same time.
        seconds: How long.
    """
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("load is only for this machine")
    times: list[float] = []

    async def load() -> int:
        until = time.perf_counter() + seconds
        address = (parts.hostname or "", parts.port or 80)
        jobs = [_connection(address, request, good, until, times) for _ in range(connections)]
        return sum(await asyncio.gather(*jobs))

    started = time.perf_counter()
    failures = uvloop.run(load())
    elapsed = time.perf_counter() - started
    times.sort()
    return Load(len(times), failures, elapsed, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000)


def post(path: str, content_type: str, body: bytes) -> bytes:
    """Write a whole HTTP POST request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
