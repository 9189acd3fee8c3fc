"""Commands that sign nothing do not wait for the cryptography libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("verb", ["build", "validate", "metadata", "submit", "retrieve"])
def test_cryptography_is_loaded_only_where_it_is_used(verb: str) -> None:
    program = (
        f"import sys, xds_adapter, xds_adapter.cli.main, xds_adapter.cli.{verb};"
        "print({'cryptography', 'signxml', 'xds_adapter.signature'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "set()" == done.stdout.strip()
