"""`backup`: a copy of the data folder, taken while the server runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cli.common import ConfigOption, one_command, settings_of
from xds_adapter.cli.data_folder import DataOption, existing_data, steps
from xds_adapter.cli.main import REFUSED
from xds_adapter.errors import ConfigError
from xds_adapter.storage.backup import Brought, back_up

_POSTGRESQL = (
    "registry.database is PostgreSQL: back the database up with pg_dump (or continuously with its write-ahead log), and"
    " after that copy the folder content of the data folder; see docs/operations.md"
)


def command(
    target: Annotated[Path, typer.Argument(metavar="BACKUP", help="A new folder, or the former backup.")],
    data: DataOption = None,
    link: Annotated[
        bool, typer.Option("--link", help="Hard links instead of copies, where both lie on one file system.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Back the data folder up, also while the server runs; a former backup is brought up to date.

    Everything acknowledged before is in it. `fsck --data BACKUP --scrub` checks it, `restore` brings it back. The inbox
    of a Document Recipient is not part of it.
    """
    settings = settings_of(config)
    if settings.registry.database.server is not None:
        raise ConfigError(_POSTGRESQL)
    folder = existing_data(data, settings)
    with steps("backing up") as step:
        brought = back_up(folder, target, link=link, progress=step)
    print(f"{target}: {summary(brought)}")
    if brought.faults:
        raise typer.Exit(REFUSED)


def summary(brought: Brought) -> str:
    """Say what was brought; what could not be is said on standard error."""
    for path, reason in brought.faults:
        print(f"{path}: {reason}; fsck names its documents", file=sys.stderr)
    noun = "file" if brought.files == 1 else "files"
    words = f"{brought.files:,} {noun}, {brought.copied:,} new ({brought.octets / 1e6:,.1f} MB)"
    if brought.removed:
        words += f", {brought.removed:,} removed that nothing refers to any more"
    return words + (f", {len(brought.faults)} that could not be brought" if brought.faults else "")


app = one_command(command)
