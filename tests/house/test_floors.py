"""A module imports only from floors below its own, and each third-party library only where it belongs."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.shared import CHECKOUT

PYPROJECT = CHECKOUT / "pyproject.toml"


def _settings() -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    return settings


def _contracts() -> list[dict[str, Any]]:
    contracts: list[dict[str, Any]] = _settings()["tool"]["importlinter"]["contracts"]
    return contracts


def _distribution(requirement: str) -> str:
    return re.split(r"[>;\[]", requirement, maxsplit=1)[0].strip()


@pytest.fixture
def _loggers_as_before() -> Iterator[None]:
    """import-linter configures logging, which silences every logger that is there."""
    loggers = [one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [one.disabled for one in loggers]
    yield
    for one, disabled in zip(loggers, before, strict=True):
        one.disabled = disabled


@pytest.mark.usefixtures("_loggers_as_before")
@pytest.mark.parametrize("contract", [contract["id"] for contract in _contracts()])
def test_the_contract_is_kept(contract: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(PYPROJECT), limit_to_contracts=(contract,), no_cache=True)
    assert EXIT_STATUS_SUCCESS == status, capsys.readouterr().out


def test_every_library_has_its_place() -> None:
    # uvicorn picks these two up by itself; no module of ours imports them.
    unseen = {"httptools", "uvloop"}
    placed = {module for c in _contracts() if c["type"] == "forbidden" for module in c["forbidden_modules"]}
    project = _settings()["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["all"]]
    assert {_distribution(text) for text in needed} - unseen == placed


def test_the_extra_all_holds_every_extra() -> None:
    extras = _settings()["project"]["optional-dependencies"]
    assert {text for name, texts in extras.items() if name not in ("all", "test") for text in texts} == set(
        extras["all"]
    )
