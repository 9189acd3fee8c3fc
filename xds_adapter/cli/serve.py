"""`serve`: registry and repository on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.app import Installation
from xds_adapter.cli.common import ConfigOption, one_command, settings_of
from xds_adapter.config import Settings
from xds_adapter.server import listen, serve
from xds_adapter.server.logs import configure_logs


def command(
    config: ConfigOption = None,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder.", metavar="DIR")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8080,
    show_config: Annotated[bool, typer.Option("--show-config", help="Print the effective settings and stop.")] = False,
) -> None:
    """Run registry and repository; prints `ready URL` when connections are accepted, stops on SIGTERM."""
    settings = settings_of(config)
    if show_config:
        print(effective(settings, data))
        return
    log = configure_logs()
    installation = Installation(settings, data or settings.server.data)
    try:
        application = installation.application(log)
        try:
            serve(application, listen(host, port), lambda url: print(f"ready {url}", flush=True))
        finally:
            application.close()
    finally:
        installation.close()


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
