"""A partner that waits for answers on a loopback port of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.flow.running import HttpAnswer

Behaviour = Callable[[int], int | None]
"""HTTP status for the post of a number, which counts from 1; None: no answer at all."""


@dataclass
class Listener:
    """What a partner was sent."""

    port: int
    posts: queue.Queue[HttpAnswer] = field(default_factory=queue.Queue)
    times: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/answers?for=tests"

    def next(self, within_s: float = 10.0) -> HttpAnswer:
        """The next message that arrived, accepted or not."""
        return self.posts.get(timeout=within_s)


def _handler(listener: Listener, behaviour: Behaviour) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            listener.times += 1
            status = behaviour(listener.times)
            listener.posts.put(HttpAnswer(status or 0, headers | {"target": self.path}, content))
            if status is None:
                listener.stopped.wait(30)
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{listener.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def listening(behaviour: Behaviour = lambda _number: 202, port: int = 0) -> Iterator[Listener]:
    """Listen on a loopback port; 0 for a free one."""
    listener = Listener(port)
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(listener, behaviour))
    server.daemon_threads = True
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listener
    finally:
        listener.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
