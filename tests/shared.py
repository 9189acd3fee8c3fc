"""Find the folder of official samples, schemas and rules that lies beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


def shared_path(*parts: str) -> Path:
    """The path of `parts` in ``../shared``; without it the test is skipped, or fails where CI=true."""
    path = CHECKOUT.parent.joinpath("shared", *parts)
    if not path.exists():
        reason = f"needs the official files of {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def shared_files(*parts: str, pattern: str) -> list[Path]:
    """What matches `pattern` in that folder, for parameters: nothing when it is missing, never an error."""
    return sorted(CHECKOUT.parent.joinpath("shared", *parts).glob(pattern))
