"""The bare baseline: the same HTTP server, the body stored unparsed in one row, group commit, every commit synced.

Run: python -m benchmarks.baseline_server FOLDER; prints ``ready URL``.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

from xds_adapter.server.run import listen, url_of

Message = MutableMapping[str, Any]
_ANSWER = b"stored"


class _Writer(threading.Thread):
    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._queue: queue.Queue[tuple[bytes, asyncio.Future[None], asyncio.AbstractEventLoop]] = queue.Queue()
        self.start()

    def put(self, body: bytes) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._queue.put((body, future, loop))
        return future

    def run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE message (row_id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        while True:
            group = [self._queue.get()]
            while len(group) < 64 and not self._queue.empty():
                group.append(self._queue.get_nowait())
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO message (body) VALUES (?)", [(body,) for body, _, _ in group])
            connection.execute("COMMIT")
            group[0][2].call_soon_threadsafe(_resolve, [future for _, future, _ in group])


def _resolve(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        future.set_result(None)


def application(writer: _Writer) -> Callable[..., Awaitable[None]]:
    """The ASGI application."""

    async def serve(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        pieces: list[bytes] = []
        more = True
        while more:
            event = await receive()
            pieces.append(event.get("body", b""))
            more = event.get("more_body", False)
        await writer.put(b"".join(pieces))
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(_ANSWER))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _ANSWER})

    return serve


def main() -> None:
    """Serve until killed."""
    writer = _Writer(Path(sys.argv[1]) / "baseline.sqlite3")
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        application(writer),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    print(f"ready {url_of(listener)}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
