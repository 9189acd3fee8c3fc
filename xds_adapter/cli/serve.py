"""`serve`: registry and repository on this machine."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.app import Installation
from xds_adapter.cli.common import ConfigOption, one_command, settings_of
from xds_adapter.config import Settings
from xds_adapter.server import listen, serve
from xds_adapter.server.logs import configure_logs

LOG = logging.getLogger("xds_adapter.cli.serve")
_CLOSE_S = 1.5


def command(
    config: ConfigOption = None,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder.", metavar="DIR")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8080,
    show_config: Annotated[bool, typer.Option("--show-config", help="Print the effective settings and stop.")] = False,
) -> None:
    """Run registry and repository; prints `ready URL` when connections are accepted, stops on SIGTERM.

    SIGHUP lets it read the file of `registry.codes` anew; a broken one is named in the log, and the former codes stay.
    """
    settings = settings_of(config)
    if show_config:
        print(effective(settings, data))
        return
    log = configure_logs()
    installation = Installation(settings, data or settings.server.data)
    application = installation.application(log)

    def close() -> None:
        application.close()
        installation.close()

    _collect_garbage_rarely()
    try:
        installation.listen_mllp()
        serve(
            application,
            listen(host, port),
            lambda url: print(f"ready {url}", flush=True),
            on_hangup=installation.reload,
        )
    except BaseException:
        close()
        raise
    if not _done_within(close, _CLOSE_S):
        # A thread waits for another server. What it is about is pending on disk, and settled after the next start.
        LOG.warning("stopped while another server had not answered")
        sys.stdout.flush()
        os._exit(0)


def _collect_garbage_rarely() -> None:
    """Messages leave no reference cycles behind: looking for them costs a tenth of a submission and finds nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _done_within(work: Callable[[], None], seconds: float) -> bool:
    thread = threading.Thread(target=work, name="closing", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def effective(settings: Settings, data: Path | None) -> str:
    """Write the effective settings as TOML, what is unset as a comment."""
    lines: list[str] = []
    section = ""
    for key, value, _default, _meaning in settings.rows():
        name, member = key.split(".")
        if name != section:
            section = name
            lines += ["", f"[{name}]"] if lines else [f"[{name}]"]
        shown = data if key == "server.data" and data is not None else value
        lines.append(f"# {member} is not set" if shown is None else f"{member} = {_toml(shown)}")
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


app = one_command(command)
