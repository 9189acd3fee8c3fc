"""The one writer: what it promises to those who wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from xds_adapter.storage.writer import GroupCommitWriter

Work = Callable[[int], Any]


@pytest.fixture
def gate() -> threading.Event:
    """Holds the first group until it is set, so that later jobs wait together."""
    return threading.Event()


@pytest.fixture
def writer(gate: threading.Event) -> Iterator[GroupCommitWriter[int]]:
    def run_group(group: list[Work]) -> list[Any]:
        gate.wait(10)
        return [work(0) for work in group]

    writer: GroupCommitWriter[int] = GroupCommitWriter(run_group)
    yield writer
    gate.set()
    writer.close()


def test_a_job_that_nobody_waits_for_is_dropped_and_the_next_one_runs(
    writer: GroupCommitWriter[int], gate: threading.Event
) -> None:
    """A client's task that is cancelled at shutdown must not stop the writer for the others."""
    done: list[str] = []
    first: Future[None] = writer.submit(lambda _: done.append("first"))
    cancelled: Future[None] = writer.submit(lambda _: done.append("cancelled"))
    last: Future[None] = writer.submit(lambda _: done.append("last"))
    assert cancelled.cancel()
    gate.set()
    first.result(10)
    last.result(10)
    assert done == ["first", "last"]


def test_a_job_that_runs_cannot_be_cancelled(writer: GroupCommitWriter[int], gate: threading.Event) -> None:
    started = threading.Event()
    job: Future[str] = writer.submit(lambda _: started.set() or "kept")  # type: ignore[func-returns-value]
    gate.set()
    assert started.wait(10)
    job.cancel()
    assert job.result(10) == "kept"
