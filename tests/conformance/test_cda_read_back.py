"""Official samples are read back into cases without losing a fact in silence, and what is built of them conforms."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.cda_cases import SHARED
from tests.cda_facts import Fact, contexts, facts, is_noted, is_renewed, told_anew, vanished
from tests.shared import shared_files
from xds_adapter.cda.build import build
from xds_adapter.cda.parse import NoteKind, parse

VALIDATOR = SHARED / "conformance" / "validate_cda.py"
SAMPLES = [*shared_files("data", "cda", "samples", pattern="*.xml"),
           *shared_files("data", "cda", "examples", pattern="*.xml")]  # fmt: skip

pytestmark = pytest.mark.shared
each_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)


@each_sample
def test_no_fact_vanishes_in_silence(path: Path) -> None:
    """What the built document does not say as the sample did has a note at its place."""
    content = path.read_bytes()
    assert [] == vanished(content, parse(content))


@each_sample
def test_no_fact_is_invented(path: Path) -> None:
    """What the built document says more stands where a note tells of a change, or beside what a note assumes."""
    content = path.read_bytes()
    parsed = parse(content)
    told = facts(content)
    added = told_anew(parsed) - Counter(fact for fact, _ in told)
    changed = {fact.context for fact, xpath in told if is_noted(xpath, parsed)}
    places = contexts(content)
    assumed = [places[note.xpath] for note in parsed.notes if note.kind == NoteKind.ASSUMED]
    beside = {fact for fact in added if any(f"{place}/".startswith(f"{_parent(fact)}/") for place in assumed)}
    assert [] == [fact for fact in added if not is_renewed(fact) and fact.context not in changed and fact not in beside]


def _parent(fact: Fact) -> str:
    return fact.context.rpartition("/")[0]


@each_sample
def test_a_byte_order_mark_changes_nothing(path: Path) -> None:
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    assert parse(content) == parse(b"\xef\xbb\xbf" + content)


@pytest.mark.slow
def test_what_is_built_of_the_samples_passes_the_official_rules(tmp_path: Path) -> None:
    files = []
    for path in SAMPLES:
        parsed = parse(path)
        files.append(tmp_path / path.name)
        files[-1].write_bytes(build(parsed.kind, parsed.case))
    command = [sys.executable, str(VALIDATOR), "--strict", *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
