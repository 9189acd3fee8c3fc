"""`patient`: what the registry knows of patients."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cli.common import ConfigOption, settings_of
from xds_adapter.datatypes import CX
from xds_adapter.errors import ConfigError
from xds_adapter.storage import Database

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _patient() -> None:
    """Patient identifiers that the registry knows."""


@app.command()
def add(
    identifiers: Annotated[
        list[str], typer.Argument(metavar="CX...", help="e.g. '123^^^&1.2.3&ISO'; - reads one a line from stdin.")
    ],
    data: Annotated[Path | None, typer.Option("--data", help="Data folder.", metavar="DIR")] = None,
    config: ConfigOption = None,
) -> None:
    """Make patient identifiers known to the registry, also while its server runs."""
    texts = [line.strip() for line in sys.stdin if line.strip()] if identifiers == ["-"] else identifiers
    values = [CX(text) for text in texts]
    faults = [f"{value}: {fault}" for value in values if (fault := value.fault())]
    if faults:
        raise ConfigError("\n".join(faults))
    settings = settings_of(config)
    database = Database(data or settings.server.data, url=settings.registry.database.server)
    try:
        keys = tuple(value.key for value in values)
        new = database.write(lambda transaction: transaction.registry.add_patients(keys), scope=keys)
    finally:
        database.close()
    print(f"{new} added, {len(set(keys)) - new} known before")
