"""What a load balancer asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flow.running import Site, post, request, running
from tests.flow.submissions import mtom, numbered
from xds_adapter import app
from xds_adapter.errors import ConfigError, StorageUnavailable


def _unavailable(*_: object) -> None:
    raise StorageUnavailable("the disk is gone")


def test_live_and_ready(shared_site: Site) -> None:
    for path, word in (("/health/live", b"live"), ("/health/ready", b"ready")):
        answer = request("GET", shared_site.url + path)
        assert (200, "application/json", True) == (answer.status, answer.content_type, word in answer.content)


def test_not_ready_when_the_database_fails(shared_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_site.installation.database, "reading", _unavailable)
    answer = request("GET", shared_site.url + "/health/ready")
    assert (503, b'{"status": "not ready"}\n') == (answer.status, answer.content)
    assert 200 == request("GET", shared_site.url + "/health/live").status


@pytest.mark.parametrize("size", [10, 400_000])
def test_a_disk_that_fails_makes_a_submission_wait_not_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The sender is told to try again, and the next try succeeds."""
    with running(tmp_path / "data") as site:
        monkeypatch.setattr(site.installation.database.contents, "sync", _unavailable)
        answer = post(site.repository, *mtom(numbered(1, b"x" * size)))
        assert ("Failure", ["XDSRepositoryBusy"]) == (answer.status_word, answer.codes)
        assert "the disk is gone; nothing was stored, try again later" == answer.errors[0][2]
        monkeypatch.undo()
        assert "Success" == post(site.repository, *mtom(numbered(1, b"x" * size))).status_word


@pytest.mark.parametrize("error", [StorageUnavailable("x"), ConfigError("x")])
def test_settling_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    class Registration:
        rounds = 0

        def settle(self) -> int:
            self.rounds += 1
            raise error

    monkeypatch.setattr(app, "_SETTLE_S", 0.01)
    registration = Registration()
    make: Callable[..., app._Settling] = app._Settling
    settling = make(registration)
    until = time.monotonic() + 10
    while registration.rounds < 3 and time.monotonic() < until:
        time.sleep(0.01)
    settling.close()
    assert 3 <= registration.rounds
