"""The one writer: jobs queue up, and those that wait while a commit is synced share the next one.

A job that raises must not touch its neighbours: the group is rolled back and each job runs again in a transaction of
its own, so the usual case pays nothing for that safety.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from xds_adapter.errors import StorageUnavailable

T = TypeVar("T")
Tx = TypeVar("Tx")

_GROUP = 64
_QUEUE = 1024


class SpoiledGroup(Exception):
    """A job failed in a way that only running each job alone can contain."""


class Job(Generic[Tx]):
    """One unit of work and where its result goes."""

    __slots__ = ("future", "work")

    def __init__(self, work: Callable[[Tx], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()


class GroupCommitWriter(Generic[Tx]):
    """Runs jobs in one thread, several to a commit."""

    def __init__(self, run_group: Callable[[list[Callable[[Tx], Any]]], list[Any]]) -> None:
        """Start the thread.

        Args:
            run_group: Runs all callables in one transaction and commits; raises without effect when one of them does.
        """
        self._run_group = run_group
        self._jobs: queue.Queue[Job[Tx] | None] = queue.Queue(_QUEUE)
        self._thread = threading.Thread(target=self._loop, name="storage-writer", daemon=True)
        self._closed = False
        self._guard = threading.Lock()
        self._thread.start()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """Queue `work`; the future has its result once it is durable, or its exception.

        Raises:
            StorageUnavailable: The queue is full, or the writer has been closed.
        """
        job = Job(work)
        with self._guard:
            if self._closed:
                raise StorageUnavailable("the store has been closed")
            try:
                self._jobs.put_nowait(job)
            except queue.Full as error:
                raise StorageUnavailable("too many submissions are waiting to be written") from error
        return job.future

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Finish what is queued and stop."""
        with self._guard:
            # Nothing may come behind the end mark: nobody would answer it.
            closed, self._closed = self._closed, True
        if not closed:
            self._jobs.put(None)
            self._thread.join()

    def _loop(self) -> None:
        while True:
            group, last = self._next_group()
            if group:
                self._commit(group)
            if last:
                return

    def _next_group(self) -> tuple[list[Job[Tx]], bool]:
        job = self._jobs.get()
        group: list[Job[Tx]] = []
        while job is not None:
            # A job that nobody waits for any more is dropped here; from now on it cannot be cancelled.
            if job.future.set_running_or_notify_cancel():
                group.append(job)
            if len(group) == _GROUP:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[Job[Tx]]) -> None:
        try:
            results = self._run_group([job.work for job in group])
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the job that raised it
            if len(group) == 1:
                group[0].future.set_exception(error)
                return
            for job in group:
                self._commit([job])
            return
        for job, result in zip(group, results, strict=True):
            job.future.set_result(result)
