"""Compare what a rule pack finds here with what another validator of the same rules finds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xds_adapter.model.cda_finding import Finding

Place = tuple[str, str, str]
"""Layer, severity (anything but an error is a warning) and where: a path, or for the schema a line."""

Process = subprocess.Popen[str]

_LAYERS = {"volet": "model"}


def ours(findings: Iterable[Finding]) -> Counter[Place]:
    """The places of our findings."""
    return Counter(_ours(finding) for finding in findings)


def _ours(finding: Finding) -> Place:
    layer = finding.rule.partition(":")[0]
    where = f"line {finding.line}" if layer == "xsd" else finding.xpath.replace("[1]", "")
    return layer, finding.severity.value, where


def theirs(report: dict[str, Any]) -> Counter[Place]:
    """The places in a report of the other validator."""
    return Counter(_theirs(each) for each in report["findings"])


def _theirs(found: dict[str, Any]) -> Place:
    where = re.match(r"line \d+", found["location"]) if found["layer"] == "xsd" else None
    severity = "error" if found["severity"] == "error" else "warning"
    return _LAYERS.get(found["layer"], found["layer"]), severity, where[0] if where else found["location"]


def start(validator: Path, files: Sequence[Path]) -> Process:
    """Start the other validator on files; `reports` waits for it."""
    command = [sys.executable, str(validator), "--json", *map(str, files)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def reports(process: Process) -> list[dict[str, Any]]:
    """The reports of the other validator, in the order of the files."""
    output, _ = process.communicate()
    return [json.loads(line) for line in output.splitlines()]
