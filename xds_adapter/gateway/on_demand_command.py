"""On-demand documents from a program of the operator.

The program is started for each document, without a shell. On standard input it reads one JSON object::

    {"document_entry": {"unique_id": "...", "patient_id": "...", ...}, "new_document_unique_id": "2.25...."}

and writes the document to standard output. Any exit status but 0 means that there is no document. What it writes to
standard error is not kept, since it may name patients.

Source: IHE ITI TF-2 3.43.4.1.3 (NewDocumentUniqueId).
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from xds_adapter.errors import AssemblyFailed, MalformedMessage
from xds_adapter.model import DocumentContent, DocumentEntry
from xds_adapter.model.entry_json import to_json
from xds_adapter.soap import SpooledContent, SpoolFolder
from xds_adapter.soap.spool import disk_errors

_PIECE = 1 << 16
_AT_ONCE = 8
"""Programs that run at the same time; more requests wait, so that they cannot take all threads of the server."""


class OnDemandCommand:
    """Implements `xds_adapter.ports.DocumentAssembly`.

    Args:
        command: The program and its arguments.
        limit_s: Seconds within which the document must be there.
        max_bytes: A larger document is none.
        folder: Where larger documents lie while they arrive.
    """

    def __init__(self, command: Sequence[str], *, limit_s: float, max_bytes: int, folder: Path | SpoolFolder) -> None:
        self._command = tuple(command)
        self._limit_s = limit_s
        self._max_bytes = max_bytes
        self._folder = folder
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def assemble(self, entry: DocumentEntry, new_document_unique_id: str) -> Iterator[DocumentContent]:
        """See `DocumentAssembly`."""
        request = {"document_entry": to_json(entry), "new_document_unique_id": new_document_unique_id}
        deadline = time.monotonic() + self._limit_s
        with SpooledContent(self._folder, max_bytes=self._max_bytes) as content:
            if not self._places.acquire(timeout=self._limit_s):
                raise AssemblyFailed(f"{_AT_ONCE} programs of repository.on_demand_command run already")
            try:
                self._run(json.dumps(request, ensure_ascii=False).encode(), content, deadline)
            finally:
                self._places.release()
            content.finish()
            if not content.size:
                raise AssemblyFailed("repository.on_demand_command wrote nothing")
            yield content

    def _run(self, request: bytes, content: SpooledContent, deadline: float) -> None:
        process = self._started(request)
        try:
            _copy(process, content, deadline)
            status = process.wait(max(0.0, deadline - time.monotonic()))
        except (TimeoutError, subprocess.TimeoutExpired):
            words = f"repository.on_demand_command did not end within {self._limit_s:g} s"
            raise AssemblyFailed(words) from None
        except MalformedMessage as error:
            raise AssemblyFailed(f"repository.on_demand_command: {error}") from error
        finally:
            _end(process)
        if status != 0:
            words = f"repository.on_demand_command ended with status {status}; run it by hand to see why"
            raise AssemblyFailed(words)

    def _started(self, request: bytes) -> subprocess.Popen[bytes]:
        with disk_errors(), tempfile.TemporaryFile(dir=self._folder) as given:
            given.write(request)
            given.seek(0)
            try:
                # A session of its own, so that whatever it starts can be ended with it.
                return subprocess.Popen(  # noqa: S603 - the operator's own program
                    self._command,
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise AssemblyFailed(f"repository.on_demand_command cannot be started: {error.strerror}") from error


def _copy(process: subprocess.Popen[bytes], content: SpooledContent, deadline: float) -> None:
    """Take what the program writes, until it closes its output.

    Raises:
        TimeoutError: It takes too long.
        MalformedMessage: It writes too much.
    """
    if process.stdout is None:
        return
    descriptor = process.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            piece = os.read(descriptor, _PIECE)
            if not piece:
                return
            content.write(piece)
    raise TimeoutError


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started; one that was waited for has ended."""
    if process.stdout is not None:
        process.stdout.close()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
