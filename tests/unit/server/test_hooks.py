"""What the server relies on in uvicorn without a promise: the day it goes, these tests say so."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from xds_adapter.server.connection import Connection, WatchedConfig

OVERRIDDEN = (
    "connection_made",
    "connection_lost",
    "data_received",
    "on_headers_complete",
    "on_body",
    "on_message_complete",
    "send_400_response",
)


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_each_method_that_is_overridden_is_one_of_uvicorn(name: str) -> None:
    assert list(inspect.signature(getattr(HttpToolsProtocol, name)).parameters) == list(
        inspect.signature(getattr(Connection, name)).parameters
    )


def test_nothing_is_overridden_that_this_test_does_not_name() -> None:
    own = {name for name in vars(Connection) if hasattr(HttpToolsProtocol, name) and not name.startswith("__")}
    assert set(OVERRIDDEN) == own


def attributes(made: object) -> set[str]:
    return set(vars(made))


def test_the_attributes_of_a_connection_and_its_cycle_are_there() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody asks")

    loop = asyncio.new_event_loop()
    try:
        protocol = HttpToolsProtocol(uvicorn.Config(application), ServerState(), {}, loop)
    finally:
        loop.close()
    anything: Any = None
    signature = dict.fromkeys(list(inspect.signature(RequestResponseCycle).parameters), anything)
    cycle = RequestResponseCycle(**signature)
    flow = FlowControl(anything)
    assert {"transport", "client", "loop", "flow", "cycle", "pipeline", "scope", "headers"} <= attributes(protocol)
    assert {"response_started", "response_complete", "more_body", "disconnected"} <= attributes(cycle)
    assert {"message_event", "expected_content_length"} <= attributes(cycle)
    assert "read_paused" in attributes(flow)


def test_a_configuration_takes_a_class_for_its_protocol() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody asks")

    config = WatchedConfig(application, http=Connection)
    config.load()
    assert Connection is config.http_protocol_class
