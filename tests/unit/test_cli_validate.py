"""`validate`: what it prints of one document or many, in which language, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cda_cases import built
from xds_adapter.cli.main import run


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """A sound document, one with a warning and one with an error."""
    sound = built("imaging-report")
    warned = sound.replace(b'versionNumber value="1"', b'versionNumber value="0"')
    broken = sound.replace(b"POCD_HD000040", b"POCD_HD000030")
    paths = [tmp_path / name for name in ("sound.xml", "warned.xml", "broken.xml")]
    for path, content in zip(paths, (sound, warned, broken), strict=True):
        path.write_bytes(content)
    return str(paths[0]), str(paths[1]), str(paths[2])


def test_a_sound_document_and_a_warning_end_well(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == run(["validate", files[0], files[1]])
    first, finding, last = capsys.readouterr().out.splitlines()
    assert first == f"{files[0]}: 0 errors, 0 warnings"
    assert finding.endswith("versionNumber is 0; the first version is 1 [CDA-027]")
    assert last == f"{files[1]}: 0 errors, 1 warnings"


def test_one_error_among_many_files_is_a_refusal(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == run(["validate", files[2], files[1], files[0], "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["file"], row["rule"], row["severity"]) for row in rows] == [
        (files[2], "CDA-012", "error"),
        (files[1], "CDA-027", "warning"),
    ]


def test_findings_speak_french(files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run(["validate", files[1], "--lang", "fr"])
    assert "versionNumber vaut 0 ; la première version est 1 [CDA-027]" in capsys.readouterr().out


def test_a_language_that_is_not_spoken_is_a_wrong_use(files: tuple[str, str, str]) -> None:
    assert 2 == run(["validate", files[0], "--lang", "de"])
