"""The parent's side of a worker: starts it, asks it, ends it when it takes too long.

Source: `frames`, for what they say to each other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from xds_adapter.errors import ConfigError
from xds_adapter.model.cda_finding import Finding
from xds_adapter.schematron.frames import from_frame, read_frame, unpack_finding, write_frame

_START_S = 300.0
_GRACE_S = 1.0


class WorkerGone(Exception):
    """The worker has ended.

    Attributes:
        was_late: It was ended because it took too long.
    """

    def __init__(self, *, was_late: bool) -> None:
        super().__init__("the worker has ended")
        self.was_late = was_late


class WorkerProcess:
    """One worker. It starts to compile at once, while the parent goes on; one thread at a time may ask it.

    Args:
        folder: The pack.
        limit_s: Seconds for a document.

    Attributes:
        documents: So many were checked.
        peak_bytes: The most memory that it has held.
        notes: What the pack itself lacks; known when it is ready.
    """

    def __init__(self, folder: Path, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._is_ready = False
        self._late = threading.Event()
        self.documents = 0
        self.peak_bytes = 0
        self.notes: tuple[str, ...] = ()
        command = [sys.executable, "-P", "-m", "xds_adapter.schematron.worker", str(folder.resolve()), str(limit_s)]
        # Settings may hold passwords; a worker has no use for them. Its session is its own, so that a signal from a
        # terminal reaches the parent alone.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XDS_ADAPTER_")}
        self._process = subprocess.Popen(  # noqa: S603 - this program itself
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """It was ready, and has ended since."""
        return self._is_ready and self._process.poll() is not None

    def await_ready(self, on_progress: Callable[[str], None] = lambda _: None) -> None:
        """Wait until the pack is compiled.

        Args:
            on_progress: Is told the name of each layer when it is begun.

        Raises:
            ConfigError: The pack is broken.
            WorkerGone: It has ended before it was ready.
        """
        with self._ended_after(_START_S):
            while not self._is_ready:
                message = self._message()
                if "broken" in message:
                    raise ConfigError(message["broken"])
                if "progress" in message:
                    on_progress(message["progress"])
                    continue
                self.notes = tuple(message["ready"])
                self._is_ready = True

    def check(self, content: bytes) -> tuple[Finding, ...]:
        """Have a document checked.

        Raises:
            WorkerGone: It has ended, or was ended since the time is over.
        """
        with self._ended_after(self._limit_s):
            try:
                write_frame(cast("BinaryIO", self._process.stdin), content)
            except (OSError, ValueError):
                # ValueError: `close` was called meanwhile.
                raise WorkerGone(was_late=self._late.is_set()) from None
            message = self._message()
        self.documents += 1
        return tuple(unpack_finding(row) for row in message["findings"])

    def _message(self) -> dict[str, Any]:
        frame: bytes | None = None
        with suppress(ValueError):
            frame = read_frame(cast("BinaryIO", self._process.stdout))
        if frame is None:
            raise WorkerGone(was_late=self._late.is_set())
        message = from_frame(frame)
        self.peak_bytes = message.get("peak_bytes", self.peak_bytes)
        return message

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        def end() -> None:
            self._late.set()
            self.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End it; whoever waits for it gets `WorkerGone`. May be called from any thread."""
        with suppress(ProcessLookupError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and wait for that; may be called again."""
        self.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout):
            # What was not written any more is of no use to anyone.
            with suppress(OSError):
                if file is not None:
                    file.close()
