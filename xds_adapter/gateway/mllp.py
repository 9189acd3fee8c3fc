"""MLLP: frames of HL7 v2 messages on a TCP connection, one at a time, answered in order.

Source: HL7 v2.5 appendix C (minimal lower layer protocol); IHE ITI TF-2 C.2.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from xds_adapter.errors import ConfigError, ConnectionLost, MalformedMessage, Timeout

LOG = logging.getLogger("xds_adapter.gateway")

BEGIN = b"\x0b"
END = b"\x1c\r"
_THREADS = 4
_CLOSE_S = 5.0
_BLANK = b"\r\n \t"


class MllpServer:
    """Answers framed messages; runs a loop in a thread of its own.

    A peer that sends no frame, or one that is too large, is disconnected: nothing it sends could be told apart.

    Args:
        answer: Makes the answer of a message; called in a worker thread. `MalformedMessage` closes the connection.
        host: Address to listen on.
        port: Port; 0 takes a free one.
        max_message_bytes: Larger messages are not read.
        max_connections: More are not accepted.
        max_waiting: So many messages may wait while others are answered; what comes then gets `busy`.
        busy: Makes the answer of a message that is not acted upon; as quick as it is small.
        idle_s: A connection on which no message begins for so long is closed.
        message_s: So is one on which a message that has begun is not whole after so long.

    Raises:
        ConfigError: The address cannot be used.
    """

    def __init__(
        self,
        answer: Callable[[bytes], bytes],
        host: str,
        port: int,
        *,
        max_message_bytes: int = 1 << 20,
        max_connections: int = 64,
        max_waiting: int = 16,
        busy: Callable[[bytes], bytes] | None = None,
        idle_s: float = 300.0,
        message_s: float = 30.0,
    ) -> None:
        self._answer = answer
        self._busy = busy or answer
        self._places = _THREADS + max_waiting
        self._in_work = 0
        self._message_s = message_s
        self._max_message_bytes = max_message_bytes
        self._max_connections = max_connections
        self._idle_s = idle_s
        self._connections: set[asyncio.Task[None]] = set()
        self._answering: set[asyncio.Task[None]] = set()
        self._listener = _listening(host, port)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="mllp")
        self._loop = asyncio.new_event_loop()
        self.host, self.port = self._listener.getsockname()[:2]
        self._server: asyncio.Server | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mllp", daemon=True)
        self._thread.start()
        self._started.wait()

    def close(self) -> None:
        """Accept nothing more, finish the messages being answered, and close all connections."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop)
            self._thread.join(_CLOSE_S + 1)
        self._pool.shutdown(wait=False)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._accepted, sock=self._listener, limit=self._max_message_bytes)
        )
        self._started.set()
        self._loop.run_forever()
        self._loop.close()

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._answering:
            await asyncio.wait(self._answering, timeout=_CLOSE_S)
        for task in tuple(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=1)
        self._loop.stop()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= self._max_connections:
            LOG.warning("an MLLP connection is refused: %d are open", len(self._connections))
            writer.close()
            return
        self._connections.add(task)
        try:
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                while await self._exchange(reader, writer, task):
                    pass
        finally:
            self._connections.discard(task)
            self._answering.discard(task)
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> bool:
        """Answer one message; False when the connection is to be closed."""
        message = await self._received(reader)
        if message is None:
            return False
        self._answering.add(task)
        try:
            answer = await self._answered(message)
        except MalformedMessage as error:
            LOG.warning("an MLLP connection is closed: %s", error)
            return False
        writer.write(BEGIN + answer + END)
        await asyncio.wait_for(writer.drain(), self._idle_s)
        self._answering.discard(task)
        return True

    async def _answered(self, message: bytes) -> bytes:
        if self._in_work >= self._places:
            LOG.warning("a message is not acted upon: %d are in work or wait", self._in_work)
            return self._busy(message)
        self._in_work += 1
        try:
            return await self._loop.run_in_executor(self._pool, self._answer, message)
        finally:
            self._in_work -= 1

    async def _received(self, reader: asyncio.StreamReader) -> bytes | None:
        try:
            first = await asyncio.wait_for(reader.readexactly(1), self._idle_s)
            frame = first + await asyncio.wait_for(reader.readuntil(END), self._message_s)
        except (asyncio.IncompleteReadError, TimeoutError):
            return None
        except asyncio.LimitOverrunError:
            LOG.warning("an MLLP connection is closed: a message exceeds %d octets", self._max_message_bytes)
            return None
        frame = frame.lstrip(_BLANK)
        if not frame.startswith(BEGIN):
            LOG.warning("an MLLP connection is closed: what came is not framed")
            return None
        return frame[len(BEGIN) : -len(END)]


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(f"cannot listen on {host} port {port} (mllp): {error.strerror}") from error
    return listener


class MllpClient:
    """Sends messages and waits for their answers. A context manager.

    Args:
        host: The peer.
        port: Its port.
        timeout_s: Seconds to wait for a connection or an answer.

    Raises:
        ConnectionLost: The connection cannot be made.
    """

    def __init__(self, host: str, port: int, *, timeout_s: float = 30.0) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout_s)
        except OSError as error:
            raise ConnectionLost(f"{host}:{port} cannot be reached: {error.strerror or error}", sent=False) from error

    def send(self, message: bytes) -> bytes:
        """Send one message and return its answer, both without frame.

        Raises:
            ConnectionLost: The connection broke before the answer was complete.
            Timeout: No answer in time.
        """
        received = bytearray()
        try:
            self._socket.sendall(BEGIN + message + END)
            while not received.endswith(END):
                piece = self._socket.recv(65_536)
                if not piece:
                    raise ConnectionLost("the peer closed the connection without an answer")
                received += piece
        except TimeoutError as error:
            raise Timeout("the peer did not answer in time") from error
        except OSError as error:
            raise ConnectionLost(f"the connection broke: {error.strerror or error}") from error
        return bytes(received).removeprefix(BEGIN).removesuffix(END)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
