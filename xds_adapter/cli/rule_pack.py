"""`--rules DIR`: an official rule pack beside the rules built in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xds_adapter.errors import CheckUnavailable
from xds_adapter.model.cda_finding import CdaSeverity, Finding

if TYPE_CHECKING:
    from xds_adapter.schematron import RulePack

Official = Callable[[Path, Sequence[Finding]], tuple[Finding, ...]]
"""Gives what a rule pack finds in a document, beside what the rules built in have found there."""

_UNREADABLE = ("CDA-001", "CDA-002")


@contextmanager
def rules_of(folder: Path | None) -> Iterator[Official]:
    """Have a rule pack ready; without a folder there is none, and it finds nothing.

    While the pack is compiled, a terminal shows how far that is; what the pack itself lacks is said there too.

    Raises:
        ConfigError: The extra is not installed, or files of the pack are missing or broken.
    """
    if folder is None:
        yield lambda _path, _findings: ()
        return
    with ExitStack() as stack:
        pack = _compiled(folder, stack)
        yield lambda path, findings: _checked(pack, path, findings)


def _compiled(folder: Path, stack: ExitStack) -> RulePack:
    # Both take time to import, and only whoever has a pack needs them.
    from rich.console import Console  # noqa: PLC0415

    from xds_adapter.schematron import RulePack  # noqa: PLC0415

    words = f"compiling the rules of {folder}"
    with Console(stderr=True).status(words) as status:
        pack = stack.enter_context(RulePack(folder, on_progress=lambda layer: status.update(f"{words}: {layer}")))
    if sys.stderr.isatty():
        for note in pack.notes:
            print(f"note: {note}", file=sys.stderr)
    return pack


def _checked(pack: RulePack, path: Path, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    if any(finding.rule in _UNREADABLE for finding in findings):
        # The pack could say only the same.
        return ()
    try:
        return pack.check(path)
    except CheckUnavailable as error:
        rule, severity = "pack:unavailable", CdaSeverity.ERROR
        return (Finding(rule=rule, severity=severity, xpath="/", line=None, message=str(error)),)
