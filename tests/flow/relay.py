"""A peer between a repository and its registry, which can fail in the ways a network does."""

from __future__ import annotations

import socket
import threading
from enum import Enum

from tests.flow.running import post
from xds_adapter.server import listen
from xds_adapter.soap import SIMPLE_CONTENT_TYPE, write_envelope, write_fault
from xds_adapter.vocabulary.transactions import ITI_42


class Clock:
    """Goes on when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Way(Enum):
    """What the relay between repository and registry does with a request to register."""

    PASS = "pass it on and return the answer"
    LOSE_ANSWER = "pass it on and close the connection instead of answering"
    LOSE_REQUEST = "take it and close the connection"
    FAULT = "take it and answer with a SOAP fault"
    NONSENSE = "take it and answer with another message"
    HTML = "take it and answer with an HTML page"


class Relay:
    """A peer that stands before the registry and can fail in the ways a network does.

    Queries are always passed on, unless `deaf`.
    """

    def __init__(self, registry: str) -> None:
        self.way = Way.PASS
        self.deaf = False
        self.seen = 0
        self.fault = "Sender"
        self.hold = threading.Event()
        self.hold.set()
        self.arrived = threading.Event()
        self._registry = registry
        self._listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/xds/registry"
        self._thread = threading.Thread(target=self._serve)
        self._handlers: list[threading.Thread] = []
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._registry == "":
                connection.close()
                return
            handler = threading.Thread(target=self._handle, args=(connection,))
            self._handlers.append(handler)
            handler.start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            head = dict[str, str]()
            if not stream.readline():
                return
            while line := stream.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                head[name.lower()] = value.strip()
            body = stream.read(int(head.get("content-length", "0")))
            answer = self._answer(head.get("content-type", ""), body)
            if answer is not None:
                content_type, content = answer
                connection.sendall(
                    f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\n"
                    "Connection: close\r\n\r\n".encode()
                    + content
                )

    def _answer(self, content_type: str, body: bytes) -> tuple[str, bytes] | None:
        way = self.way
        if ITI_42.request_action.encode() not in body:
            way = Way.LOSE_REQUEST if self.deaf else Way.PASS
        else:
            self.seen += 1
            self.arrived.set()
            self.hold.wait(20)
        if way is Way.LOSE_REQUEST:
            return None
        if way in (Way.PASS, Way.LOSE_ANSWER):
            answer = post(self._registry, content_type, body)
            return (answer.content_type, answer.content) if way is Way.PASS else None
        return self._own_answer(way)

    def _own_answer(self, way: Way) -> tuple[str, bytes]:
        if way is Way.NONSENSE:
            return SIMPLE_CONTENT_TYPE, write_envelope("<a/>", action="urn:example:a")
        if way is Way.HTML:
            return "text/html", b"<html>502</html>"
        if self.fault == "Receiver":
            return SIMPLE_CONTENT_TYPE, write_fault("Receiver", "out of order")
        subcode = None if self.fault == "Sender" else self.fault
        return SIMPLE_CONTENT_TYPE, write_fault("Sender", "not for me", subcode=subcode)

    def close(self) -> None:
        self._registry = ""
        self.hold.set()
        with socket.create_connection(self._listener.getsockname()):
            self._thread.join()
        self._listener.close()
        for handler in self._handlers:
            handler.join()
