"""`validate`: everything that is wrong with a CDA document, each with its place and rule."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cda.validate import CdaSeverity, validate
from xds_adapter.cli.common import JsonOption, json_line, not_yet, one_command
from xds_adapter.cli.main import REFUSED


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CDA documents.")],
    json_output: JsonOption = False,
    rules: Annotated[Path | None, typer.Option("--rules", help="Official rule pack (not available yet).")] = None,
) -> None:
    """Check CDA documents: form, header, identifiers, narrative links, embedded base64."""
    not_yet("--rules", rules)
    failed = False
    for path in files:
        findings = validate(path)
        errors = [finding for finding in findings if finding.severity == CdaSeverity.ERROR]
        failed = failed or bool(errors)
        for finding in findings:
            print(json_line({"file": str(path)} | asdict(finding)) if json_output else f"{path}: {finding}")
        if not json_output:
            print(f"{path}: {len(errors)} errors, {len(findings) - len(errors)} warnings")
    if failed:
        raise typer.Exit(REFUSED)


app = one_command(command)
