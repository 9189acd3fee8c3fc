"""Kinds of work with a bound each, so that none of them keeps the others waiting, and none piles up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Crowded(Exception):
    """A lane takes no more work now; what was to be done was not begun."""


class Lane:
    """Work of one kind: so much at the same time, so much waiting for it, and no more.

    Args:
        name: What it is called among threads.
        threads: Pieces of work at the same time.
        waiting: Pieces of work that may wait.

    Attributes:
        taken: Pieces of work that run or wait now.
        refused: How many were refused since the start.
    """

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threads + waiting
        self._guard = threading.Lock()
        self.taken = 0
        self.refused = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Have `work` done by a thread.

        Raises:
            Crowded: All places are taken.
        """
        with self._guard:
            if self.taken >= self._places:
                self.refused += 1
                raise Crowded
            self.taken += 1
        # The place is free when the work is done, not when nobody waits for it any more.
        return await asyncio.wrap_future(self._pool.submit(self._done, work))

    def _done(self, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            with self._guard:
                self.taken -= 1

    def close(self) -> None:
        """Wait for the work that was taken."""
        self._pool.shutdown()
