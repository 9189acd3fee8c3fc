"""Cases that are valid by default: a test changes one thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xds_adapter.cda.build import build, example

SHARED = Path(__file__).parents[2] / "shared"
"""Official material beside the checkout; tests that need it are skipped where it is missing."""


def request_case() -> dict[str, Any]:
    """The shipped example of a request."""
    return example("imaging-request")


def report_case() -> dict[str, Any]:
    """The shipped example of a report."""
    return example("imaging-report")


def changed(case: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Set the member at a dotted path (``sections.plan_of_care.0.comment``) and return the case."""
    *parents, last = path.split(".")
    target: Any = case
    for step in parents:
        target = target[int(step) if step.isdigit() else step]
    target[int(last) if last.isdigit() else last] = value
    return case


def removed(case: dict[str, Any], path: str) -> dict[str, Any]:
    """Delete the member at a dotted path and return the case."""
    *parents, last = path.split(".")
    target: Any = case
    for step in parents:
        target = target[int(step) if step.isdigit() else step]
    del target[int(last) if last.isdigit() else last]
    return case


def minimal_case(kind: str) -> dict[str, Any]:
    """The shipped minimal case: a local patient number, nothing optional."""
    return example(kind, minimal=True)


def built(kind: str) -> bytes:
    """The document of the shipped example."""
    return build(kind, example(kind))
