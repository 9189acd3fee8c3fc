"""Official samples are read back into cases without losing a fact in silence, and what is built of them conforms."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.cda_cases import SHARED
from tests.cda_facts import Fact, facts
from tests.shared import shared_files
from xds_adapter.cda.build import build
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.parse import Note, NoteKind, parse

VALIDATOR = SHARED / "conformance" / "validate_cda.py"
SAMPLES = [*shared_files("data", "cda", "samples", pattern="*.xml"),
           *shared_files("data", "cda", "examples", pattern="*.xml")]  # fmt: skip

pytestmark = pytest.mark.shared
each_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)


def _is_renewed(fact: Fact) -> bool:
    """The id of a section or entry, which nobody gives and a builder makes."""
    root = fact.says[-1].removeprefix("root=")
    return fact.context.endswith("]/id") and len(fact.says) == 1 and is_uuid(root)


def _noted(xpath: str, notes: tuple[Note, ...]) -> bool:
    return any(xpath == note.xpath or xpath.startswith(f"{note.xpath}/") for note in notes if note.xpath != "/ClinicalDocument")


@each_sample
def test_no_fact_vanishes_in_silence(path: Path) -> None:
    """What the built document does not say as the sample did has a note at its place."""
    content = path.read_bytes()
    parsed = parse(content)
    told, told_anew = facts(content), Counter(fact for fact, _ in facts(build(parsed.kind, parsed.case)))
    missing = []
    for fact, xpath in told:
        if told_anew[fact]:
            told_anew[fact] -= 1
        elif not _is_renewed(fact) and not _noted(xpath, parsed.notes):
            missing.append((xpath, fact))
    assert [] == missing


@each_sample
def test_no_fact_is_invented(path: Path) -> None:
    """What the built document says more has been assumed or repaired, or repeats what the sample says elsewhere."""
    content = path.read_bytes()
    parsed = parse(content)
    told = Counter(fact for fact, _ in facts(content))
    added = Counter(fact for fact, _ in facts(build(parsed.kind, parsed.case))) - told
    changed = {note.xpath for note in parsed.notes if note.kind in (NoteKind.ASSUMED, NoteKind.REPAIRED, NoteKind.LOST)}
    places = {fact.context for fact, xpath in facts(content) if _noted(xpath, parsed.notes)}
    assert [] == [(fact, changed) for fact in added if not _is_renewed(fact) and fact.context not in places]


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
