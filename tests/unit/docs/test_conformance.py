"""The page on conformance is written when every test passed or is an exception, and not otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docs import conformance
from docs.conformance import EXCEPTIONS, Run, main, objections, page

EXCEPTION = {"2": ("ITI TF-3 4.2", "the test wants | another")}


def one(test_id: str, status: str = "PASS", *, setup: bool = False, errors: tuple[str, ...] = ()) -> dict[str, Any]:
    steps = [
        {"section": "s", "step": "t", "status": "PASS"},
        {"section": "s", "step": "u", "status": status, "errors": errors},
    ]
    return {"id": test_id, "title": f"Test {test_id}", "status": status, "setup": setup, "steps": steps}


def result(folder: Path, name: str, *tests: dict[str, Any]) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"summary": {}, "tests": tests}))
    return f"{name}={path}"


def plans(folder: Path, *ids: str) -> Path:
    for test_id in ids:
        (folder / "plans" / test_id).mkdir(parents=True)
        (folder / "plans" / test_id / "index.idx").touch()
    return folder / "plans"


GOOD = (one("0", setup=True), one("1"), one("2"))


@pytest.fixture(autouse=True)
def _without_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    """These results are made up: the exceptions of the real ones say nothing about them."""
    monkeypatch.setattr(conformance, "EXCEPTIONS", {})


def test_a_page_has_totals_and_every_test(tmp_path: Path) -> None:
    arguments = [result(tmp_path, "SQLite", *GOOD), result(tmp_path, "PostgreSQL", *GOOD)]
    target = tmp_path / "page.md"
    assert 0 == main([*arguments, "--plans", str(plans(tmp_path, "0", "1", "2")), "-o", str(target)])
    text = target.read_text()
    assert "| SQLite | 2 | 0 | 0 | 6 of 6 | 3 |" in text
    assert "| 0 | Test 0 | prepares others | PASS | PASS |" in text
    assert "| 2 | Test 2 |  | PASS | PASS |" in text
    assert "Exceptions" not in text
    assert "/work" not in text
    assert "NIST XDS Toolkit test plans" in text


@pytest.mark.parametrize("status", ["FAIL", "SKIP"])
@pytest.mark.parametrize("setup", [True, False])
def test_what_did_not_pass_keeps_the_page_from_being_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: str, setup: bool
) -> None:
    bad = (*GOOD[:2], one("2", status, setup=setup, errors=("the answer is late",)))
    target = tmp_path / "page.md"
    arguments = [result(tmp_path, "SQLite", *GOOD), result(tmp_path, "PostgreSQL", *bad)]
    assert 1 == main([*arguments, "--plans", str(tmp_path / "none"), "-o", str(target)])
    words = capsys.readouterr().err
    assert f"PostgreSQL: 2 is {status} and no exception: the answer is late\n" in words
    assert not target.exists()


def test_what_was_not_run_keeps_the_page_from_being_written(tmp_path: Path) -> None:
    runs = [Run.read(result(tmp_path, "A", *GOOD)), Run.read(result(tmp_path, "B", *GOOD[:2]))]
    expected = ["A: 3 was not run", "B: 2 was not run", "B: 3 was not run"]
    assert expected == list(objections(runs, {}, plans(tmp_path, "1", "3")))


def test_an_exception_is_listed_with_its_clause(tmp_path: Path) -> None:
    runs = [Run.read(result(tmp_path, "A", *GOOD[:2], one("2", "FAIL")))]
    assert [] == list(objections(runs, EXCEPTION, tmp_path / "none"))
    text = page(runs, EXCEPTION)
    assert "| A | 1 | 1 | 0 | 5 of 6 | 3 |" in text
    assert "| 2 | ITI TF-3 4.2 | the test wants \\| another |" in text


def test_an_exception_is_run_all_the_same(tmp_path: Path) -> None:
    runs = [Run.read(result(tmp_path, "A", *GOOD[:2], one("2", "SKIP")))]
    assert ["A: 2 is SKIP and no exception: no reason given"] == list(objections(runs, EXCEPTION, tmp_path / "none"))


def test_an_exception_that_passes_is_none(tmp_path: Path) -> None:
    runs = [Run.read(result(tmp_path, "A", *GOOD))]
    assert ["2 is an exception and passes"] == list(objections(runs, EXCEPTION, tmp_path / "none"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tests": [{}]}', None])
def test_another_file_is_no_result(tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.json"
    if content is not None:
        path.write_text(content)
    assert 2 == main([f"A={path}", "--plans", str(tmp_path)])
    assert "is no NAME=FILE with a result of the runner" in capsys.readouterr().err


def test_every_exception_names_a_clause() -> None:
    assert [] == [test_id for test_id, (clause, words) in EXCEPTIONS.items() if not clause or not words]
