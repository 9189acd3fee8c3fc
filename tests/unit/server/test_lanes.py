"""A lane does so much at once, lets so much wait, and refuses the rest before it has begun."""

from __future__ import annotations

import asyncio
import threading

import pytest

from xds_adapter.server.lanes import Crowded, Lane


def test_what_finds_no_place_is_refused_and_never_begun() -> None:
    go, done = threading.Event(), []

    def work() -> int:
        assert go.wait(10)
        done.append(1)
        return 7

    async def crowd() -> list[int | BaseException]:
        lane = Lane("tests", threads=2, waiting=3)
        tasks = [asyncio.create_task(lane.run(work)) for _ in range(9)]
        await asyncio.sleep(0)
        assert 5 == lane.taken
        go.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert (0, 4) == (lane.taken, lane.refused)
        assert 7 == await lane.run(work)
        lane.close()
        return answers

    answers = asyncio.run(crowd())
    assert (5, 4) == (answers.count(7), sum(isinstance(answer, Crowded) for answer in answers))
    assert 6 == len(done)


def test_a_place_is_free_again_after_a_failure_and_not_before_the_end_of_work_that_nobody_awaits() -> None:
    go, begun = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert go.wait(10)

    def fail() -> None:
        raise OSError("broken")

    async def crowd() -> None:
        lane = Lane("tests", threads=1, waiting=0)
        with pytest.raises(OSError, match="broken"):
            await lane.run(fail)
        assert 0 == lane.taken
        task = asyncio.create_task(lane.run(work))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert 1 == lane.taken
        go.set()
        lane.close()
        assert 0 == lane.taken

    asyncio.run(crowd())
