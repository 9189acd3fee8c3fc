"""A missing folder of official files is skipped with its reason, but never on the build server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import shared
from tests.shared import shared_files, shared_path


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of our own, with nothing beside it."""
    monkeypatch.setattr(shared, "CHECKOUT", tmp_path / "checkout")
    return tmp_path / "checkout"


def test_the_folder_lies_beside_the_checkout(checkout: Path) -> None:
    file = checkout.parent / "shared" / "data" / "a.xml"
    file.parent.mkdir(parents=True)
    file.touch()
    assert file == shared_path("data", "a.xml")
    assert [file] == shared_files("data", pattern="*.xml")


def test_a_missing_folder_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"needs the official files of .*shared/data"):
        shared_path("data")


def test_a_missing_folder_fails_on_the_build_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs the official files"):
        shared_path("data")


def test_a_missing_folder_gives_no_parameters() -> None:
    assert [] == shared_files("data", pattern="*.xml")
