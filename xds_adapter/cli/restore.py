"""`restore`: a backup becomes a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cli.backup import summary
from xds_adapter.cli.common import ConfigOption, one_command, settings_of
from xds_adapter.cli.data_folder import DataOption, steps
from xds_adapter.cli.fsck import report
from xds_adapter.cli.main import REFUSED
from xds_adapter.errors import ConfigError
from xds_adapter.storage import Database
from xds_adapter.storage.backup import restore
from xds_adapter.storage.check import StoreCheck


def command(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder that backup made.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a data folder of a backup, and compare the hashes of everything in it; the folder must be new or empty."""
    settings = settings_of(config)
    if settings.registry.database.server is not None:
        raise ConfigError(
            "registry.database is PostgreSQL: bring it back with pg_restore, and the folder content by copying;"
            " see docs/operations.md"
        )
    folder = data or settings.server.data
    with steps("restoring") as step:
        brought = restore(backup, folder, progress=step)
    print(f"{folder}: {summary(brought)}")
    database = Database(folder)
    try:
        check = StoreCheck(database, folder, repository_unique_id=settings.repository.unique_id, scrub=True)
        remaining = report(check, json_output=False)
    finally:
        database.close()
    if remaining:
        raise typer.Exit(REFUSED)


app = one_command(command)
