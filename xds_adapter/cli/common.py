"""What several verbs share: reading input, writing output, settings, refusals."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from xds_adapter.config import Settings, load_settings
from xds_adapter.errors import ConfigError
from xds_adapter.model import Outcome
from xds_adapter.xmlio import file_chunks

ConfigOption = Annotated[Path | None, typer.Option("--config", help="TOML configuration file.", metavar="FILE")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
RegistryOption = Annotated[str | None, typer.Option("--registry", help="URL of the registry.", metavar="URL")]
_PIECE = 256 * 1024
RepositoryOption = Annotated[str | None, typer.Option("--repository", help="URL of the repository.", metavar="URL")]


def one_command(function: Callable[..., Any]) -> typer.Typer:
    """Make the application of a verb that has no sub-commands."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(function)
    return app


def settings_of(config: Path | None) -> Settings:
    """Read the configuration; a missing file is a wrong use."""
    return load_settings(config)


def needed(value: str | None, configured: str | None, option: str, key: str) -> str:
    """Return an option or its configured default.

    Raises:
        ConfigError: Neither is given.
    """
    chosen = value or configured
    if chosen is None:
        raise ConfigError(f"give {option}, or set {key} in the configuration")
    return chosen


def not_yet(option: str, given: object) -> None:
    """Refuse an option that a later version will bring.

    Raises:
        ConfigError: The option is given.
    """
    if given not in (None, False, ()):
        raise ConfigError(f"{option} is not available yet")


def read_input(path: str) -> bytes:
    """Read a file, or standard input for ``-``."""
    return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()


def input_chunks(path: str) -> Iterator[bytes]:
    """Read a file, or standard input for ``-``, in pieces."""
    return iter(lambda: sys.stdin.buffer.read(_PIECE), b"") if path == "-" else file_chunks(Path(path))


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file so that it is either complete or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def json_line(value: object) -> str:
    """One JSON object on one line."""
    return json.dumps(value, ensure_ascii=False)


def print_refusal(outcome: Outcome, peer: str, what: str) -> None:
    """Print why a peer refused, one reason after the other."""
    _print_reasons(outcome, f"{what} refused by {peer}")
    print("nothing was stored", file=sys.stderr)


def print_not_sent(outcome: Outcome, what: str) -> None:
    """Print why something was not even sent."""
    _print_reasons(outcome, f"{what} not sent")


def _print_reasons(outcome: Outcome, heading: str) -> None:
    errors = [error for error in outcome.errors if error.is_error]
    print(f"{heading} ({len(errors)} error{'s' if len(errors) != 1 else ''})", file=sys.stderr)
    for error in outcome.errors:
        level = "" if error.is_error else " (warning)"
        print(f"  {error.code}{level}  {error.location}".rstrip(), file=sys.stderr)
        print(f"      {error.code_context.removeprefix(f'{error.location}: ')}", file=sys.stderr)


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """An outcome in the standard's names."""
    return {
        "status": outcome.status.word,
        "errors": [
            {
                "error_code": error.code,
                "code_context": error.code_context,
                "location": error.location,
                "severity": "Error" if error.is_error else "Warning",
            }
            for error in outcome.errors
        ],
    }
