"""One HTTP POST of an answer: no redirect, no proxy, bounded in every step and as a whole.

Source: RFC 9110; RFC 9112; IHE ITI TF-2 V.5.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Self
from urllib.parse import urlsplit

from xds_adapter.errors import ConnectionLost, Timeout

_PRINTABLE = re.compile(r"[!-~]{1,2000}")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes; `host` is in lower case, an IPv6 address without brackets."""

    text: str
    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read an http or https URL without user name; None when it is something else."""
        if not _PRINTABLE.fullmatch(text):
            return None
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
            return None
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(text, parts.scheme, parts.hostname, port or _PORTS[parts.scheme], target)

    def is_one_of(self, hosts: AbstractSet[str]) -> bool:
        """Tell whether `hosts` holds the host, alone or with the port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host in hosts or f"{host}:{self.port}" in hosts


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class Posting:
    """One attempt; another thread may `cut` it.

    Args:
        address: The receiver.
        step_s: Seconds to wait for a connection, for the next octets to be taken and for the answer.
    """

    def __init__(self, address: Address, step_s: float) -> None:
        self._address = address
        self._connection = (
            http.client.HTTPSConnection(address.host, address.port, timeout=step_s, context=_trusted())
            if address.scheme == "https"
            else http.client.HTTPConnection(address.host, address.port, timeout=step_s)
        )
        self._is_cut = False

    def post(self, content_type: str, size: int, chunks: Iterator[bytes], *, within_s: float) -> int:
        """Post once and return the HTTP status; the body of the answer is not read.

        Args:
            content_type: HTTP Content-Type.
            size: Octets of the body.
            chunks: The body.
            within_s: Seconds for the whole attempt.

        Raises:
            Timeout: A step or the whole took too long.
            ConnectionLost: No connection, or it broke, or what came back is no HTTP.
            StorageUnavailable: The body cannot be read.
        """
        watchdog = threading.Timer(within_s, self.cut)
        watchdog.daemon = True
        watchdog.start()
        headers = {"Content-Type": content_type, "Content-Length": str(size), "Connection": "close"}
        try:
            self._connect()
            self._connection.request("POST", self._address.target, chunks, headers)
            return self._connection.getresponse().status
        except TimeoutError as error:
            raise Timeout("no answer in time") from error
        except (OSError, http.client.HTTPException) as error:
            if self._is_cut:
                raise Timeout("cut off, for the time is over") from error
            raise ConnectionLost(f"the connection failed ({type(error).__name__})") from error
        finally:
            watchdog.cancel()
            self._connection.close()

    def _connect(self) -> None:
        # The name is resolved here, once an attempt, and what comes of it is connected to.
        self._connection.connect()
        if self._is_cut:
            raise TimeoutError

    def cut(self) -> None:
        """Break the connection, whatever its thread waits for."""
        self._is_cut = True
        connected = self._connection.sock
        if connected is not None:
            with contextlib.suppress(OSError):
                # The method of the plain socket: that of a TLS socket would take its state away from the other thread.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
