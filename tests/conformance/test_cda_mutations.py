"""The built-in rules agree with the official ones on small mutations of valid documents."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.mutations import OfficialPack, documents, draw, found_share, judge
from tests.shared import shared_path

MUTATIONS = 30
"""`python -m benchmarks.mutations` draws 300."""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.slow,
]


def test_what_the_official_rules_refuse_is_found_and_nothing_else_is_refused(tmp_path: Path) -> None:
    """Nine in ten of what the official rules refuse are found, and nothing is refused that they accept."""
    pack = OfficialPack(shared_path("conformance", "validate_cda.py"))
    try:
        verdicts = [judge(mutation, pack, tmp_path) for mutation in draw(documents([]), random.Random(5), MUTATIONS)]
    finally:
        pack.close()
    assert [verdict.mutation.where for verdict in verdicts if verdict.outcome == "over-refused"] == []
    assert sum(verdict.pack for verdict in verdicts) > MUTATIONS // 3
    assert found_share(verdicts) >= 0.9
