"""What the verbs for operators share: finding the data folder, showing progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.config import Settings
from xds_adapter.errors import ConfigError
from xds_adapter.storage import DATABASE_FILE

DataOption = Annotated[Path | None, typer.Option("--data", help="Data folder.", metavar="DIR")]
Step = Callable[[int, int], None]


def existing_data(data: Path | None, settings: Settings) -> Path:
    """The data folder of an installation, which must be there: a tool must not make an empty one.

    Raises:
        ConfigError: It is not, or its database is to be PostgreSQL and no configuration says so.
    """
    folder = data or settings.server.data
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; name the data folder with --data DIR")
    if settings.registry.database.server is None and not (folder / DATABASE_FILE).is_file():
        raise ConfigError(
            f"{folder} holds no database ({DATABASE_FILE}); if registry.database is PostgreSQL, give --config FILE"
        )
    return folder


@contextmanager
def steps(words: str) -> Iterator[Step]:
    """A progress bar on standard error when that is a terminal; otherwise nothing is shown."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    # Slow to import, and only a person looks at it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    # Results go to standard output wherever that leads, but not through the middle of the bar.
    through = sys.stdout.isatty()
    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=through) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
