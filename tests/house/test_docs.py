"""The reference pages are those that the code gives, and leave nothing out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from xds_adapter.cli.main import VERBS
from xds_adapter.config import Settings
from xds_adapter.vocabulary.rules import RULES

ROOT = Path(__file__).parents[2]


def test_the_reference_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stdout)


def test_every_rule_setting_and_verb_is_documented() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    wanted = [*RULES, *(row[0] for row in Settings().rows()), *(f"## {verb}" for verb in VERBS)]
    assert [] == [name for name in wanted if name not in pages]
