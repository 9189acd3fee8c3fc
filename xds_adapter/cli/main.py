"""Find the verb, run it, and turn what it raises into one readable line a reason."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any

import typer
import typer.core
import typer.main

from xds_adapter import __version__
from xds_adapter.errors import ConfigError, XdsAdapterError

VERBS = (
    "demo",
    "serve",
    "patient",
    "build",
    "parse",
    "validate",
    "metadata",
    "render",
    "sign",
    "verify",
    "submit",
    "query",
    "retrieve",
    "codes",
    "fsck",
    "backup",
    "restore",
)

REFUSED = 1
WRONG_USE = 2
_INTERRUPTED = 130


class _Verbs(typer.core.TyperGroup):
    """Loads a verb's module only when it is needed: some import libraries that take time."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class gives the context
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        try:
            verbs: typer.Typer = import_module(f"xds_adapter.cli.{cmd_name}").app
        finally:
            gc.enable()
        command = typer.main.get_command(verbs)
        command.name = cmd_name
        return command


app = typer.Typer(cls=_Verbs, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"xds-adapter {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Print the version."),
) -> None:
    """Teleradiology document exchange: CDA R2 requests and reports over IHE XDS.b."""


def main() -> None:
    """Run the command line and exit with its code."""
    # Importing makes many objects and no garbage: looking for it took a tenth of the time until `serve` was ready.
    gc.disable()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _explain(BrokenPipeError())
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command.

    Returns:
        The exit code: 0, 1 or 2 as the package says, 130 when interrupted.
    """
    try:
        code = app(arguments, prog_name="xds-adapter", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - every failure becomes readable lines here, never a traceback
        return _explain(error)
    return int(code or 0)


def _explain(error: BaseException) -> int:  # noqa: PLR0911 - one return a kind of failure
    if isinstance(error, XdsAdapterError):
        return _say(str(error), WRONG_USE if isinstance(error, ConfigError) else REFUSED)
    if isinstance(error, SystemExit):
        # The command-line library ends so when the reader of our output has gone.
        return error.code if isinstance(error.code, int) else REFUSED
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return _say("stopped", _INTERRUPTED)
    if isinstance(error, BrokenPipeError):
        # The reader of our output went away; there is nobody left to tell.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return REFUSED
    if isinstance(error, OSError):
        return _say(f"{error.filename or 'the system'}: {error.strerror or error}", WRONG_USE)
    show = getattr(error, "show", None)
    if show is not None:
        # A wrong use that the command-line library found.
        show()
        return WRONG_USE
    return _say(f"internal failure: {type(error).__name__}: {error}", REFUSED)


def _say(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code
