"""`validate`: everything that is wrong with a CDA document, each with its place and rule."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xds_adapter.cda.validate import CdaSeverity, Language, validate
from xds_adapter.cli.common import JsonOption, json_line, one_command
from xds_adapter.cli.main import REFUSED
from xds_adapter.cli.rule_pack import rules_of


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CDA documents.")],
    json_output: JsonOption = False,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="Official rule pack: XSD and Schematron.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the findings.")] = Language.EN,
) -> None:
    """Check CDA documents: form, header, identifiers, narrative links, embedded base64."""
    failed = False
    with rules_of(rules) as official:
        for path in files:
            findings = validate(path, language=lang)
            findings += official(path, findings)
            errors = [finding for finding in findings if finding.severity == CdaSeverity.ERROR]
            failed = failed or bool(errors)
            for finding in findings:
                print(json_line({"file": str(path)} | asdict(finding)) if json_output else f"{path}: {finding}")
            if not json_output:
                print(f"{path}: {len(errors)} errors, {len(findings) - len(errors)} warnings")
    if failed:
        raise typer.Exit(REFUSED)


app = one_command(command)
