"""Run the application under uvicorn, with its own socket, signals and log.

Source: contract of `serve`: one line ``ready URL`` on standard output, SIGTERM ends within 10 s.
"""

from __future__ import annotations

import logging
import resource
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from xds_adapter.errors import ConfigError
from xds_adapter.server.asgi import Application
from xds_adapter.server.connection import Connection, WatchedConfig
from xds_adapter.server.watch import Watch

_DRAIN_S = 7
_BACKLOG = 2048
_OWN_FILES = 512
"""Files that are no connections: databases, documents that are read and written, other servers."""

LOG = logging.getLogger("xds_adapter.server")


class _Server(uvicorn.Server):
    """A uvicorn server that says when it accepts connections."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], on_hangup: Callable[[], None] | None = None
    ) -> None:
        super().__init__(config)
        application: Any = config.app  # One of ours; uvicorn knows more kinds.
        application.metrics.connections = lambda: len(self.server_state.connections)
        self._on_ready = on_ready
        self._on_hangup = on_hangup

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop at the first SIGTERM or SIGINT, and return to the caller instead of raising the signal again.

        SIGHUP calls `on_hangup` in a thread of its own: what it reads must not hold up the messages.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.should_exit = True

        def hangup(_number: int, _frame: FrameType | None) -> None:
            if self._on_hangup is not None:
                threading.Thread(target=self._on_hangup, name="hangup", daemon=True).start()

        former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        former[signal.SIGHUP] = signal.signal(signal.SIGHUP, hangup)
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; port 0 takes a free one.

    Raises:
        ConfigError: The address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener


def url_of(listener: socket.socket) -> str:
    """The base URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class BackgroundServer:
    """A server in a thread of this process, for the demonstration and for tests."""

    def __init__(self, application: Application, listener: socket.socket) -> None:
        self.url = url_of(listener)
        self._ready = threading.Event()
        self._server = _Server(_config(application), self._ready.set)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="server", daemon=True)
        self._thread.start()
        self._ready.wait(30)

    def close(self) -> None:
        """Finish running requests and stop."""
        self._server.should_exit = True
        self._thread.join(_DRAIN_S + 2)


def _config(application: Application) -> WatchedConfig:
    bounds = application.connection_bounds
    config = WatchedConfig(
        application,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # uvicorn counts whole seconds here, and hands the figure to a timer that takes any.
        timeout_keep_alive=bounds.idle_s,  # type: ignore[arg-type] # see above
        timeout_graceful_shutdown=_DRAIN_S,
    )
    config.watch = Watch(bounds)
    return config


def _raise_file_limit(connections: int) -> None:
    """Let the process open a file for each connection, and those of its own, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OWN_FILES
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < wanted:
        soft = wanted if hard == unlimited else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            LOG.warning(
                "server.max_connections is %d, but the process may open %d files (ulimit -n)", connections, soft
            )


def serve(
    application: Application,
    listener: socket.socket,
    on_ready: Callable[[str], None],
    on_hangup: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; running requests are finished first.

    Args:
        application: The ASGI application.
        listener: An open listening socket.
        on_ready: Called with the base URL once connections are accepted.
        on_hangup: Called at each SIGHUP; must not raise.
    """
    url = url_of(listener)
    _raise_file_limit(application.connection_bounds.max_connections)
    _Server(_config(application), lambda: on_ready(url), on_hangup).run(sockets=[listener])
