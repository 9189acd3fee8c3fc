"""A rule pack for callers: documents in, findings out, the work done elsewhere.

    check(document)  --cut-->  one waits for its turn  --frames-->  worker process  -->  findings

Any number of threads may call `check`. One document is checked at a time; so many wait, and no more. Whatever becomes
of the worker, the caller hears of it as `CheckUnavailable` and the next document finds a new worker.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from xds_adapter import xmlio
from xds_adapter.errors import CheckUnavailable, ConfigError, MalformedMessage
from xds_adapter.model.cda_finding import CdaSeverity, Finding
from xds_adapter.schematron.cut import cut
from xds_adapter.schematron.layout import missing_files
from xds_adapter.schematron.process import WorkerGone, WorkerProcess

LOG = logging.getLogger("xds_adapter.schematron")

_REMEMBERED = 256
_MOST_ENDS = 2
_PAUSE_S = 10.0
_NO_START = "the process that runs the official rules does not start; its operator must look at the log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a worker may take.

    Attributes:
        limit_s: Seconds for one document, and for the wait before it.
        waiting: Documents that may wait for their turn, the one being checked included.
        documents: A worker is replaced after so many.
        peak_bytes: A worker that has held more memory than this is replaced.
    """

    limit_s: float = 30.0
    waiting: int = 16
    documents: int = 5000
    peak_bytes: int = 2 << 30


class RulePack:
    """An official pack of rules (XML schema and Schematron), compiled in a worker process.

    Use it as a context manager: entering waits until the pack is compiled, which takes some seconds (`open`), and
    leaving ends the worker (`close`).

    Args:
        folder: The pack, laid out as its publisher does; see `layout`.
        bounds: What the worker may take.
        on_progress: Is told the name of each layer while the pack is compiled.

    Raises:
        ConfigError: The extra is not installed, or files are missing; all of them are named.
    """

    def __init__(
        self,
        folder: Path,
        *,
        bounds: Bounds | None = None,
        on_progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        if importlib.util.find_spec("saxonche") is None:
            raise ConfigError("needs the extra \"schematron\": pip install 'xds-adapter[schematron]'")
        if missing := missing_files(folder):
            raise ConfigError("\n".join(f"{folder} is no complete rule pack: it lacks {name}" for name in missing))
        self.folder = folder
        self._bounds = bounds or Bounds()
        self._on_progress = on_progress
        self._places = threading.BoundedSemaphore(self._bounds.waiting)
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._closed = False
        self._was_ready = False
        self._not_before = 0.0
        self._worker: WorkerProcess | None = None
        self._ends: Counter[bytes] = Counter()

    def open(self) -> None:
        """Wait until the pack is compiled.

        Raises:
            ConfigError: The pack is broken, or the worker cannot run.
        """
        try:
            with self._turn:
                self._started()
        except CheckUnavailable as error:
            self.close()
            raise ConfigError(f"{self.folder}: {error}") from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> RulePack:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the pack itself lacks and is left out; known once it is compiled."""
        worker = self._worker
        return () if worker is None else worker.notes

    @property
    def worker_peak_bytes(self) -> int:
        """The most memory that the worker of now has held; 0 when there is none."""
        worker = self._worker
        return 0 if worker is None else worker.peak_bytes

    def check(self, document: bytes | Path | Iterable[bytes]) -> tuple[Finding, ...]:
        """Check a document of any size.

        Args:
            document: Its bytes, the path of its file, or its bytes in pieces of any size.

        Returns:
            All findings, layer by layer. Their rules are named ``layer:pattern``, or ``layer:pattern/check`` where
            the pack gives the check an id.

        Raises:
            CheckUnavailable: Too many documents wait, the document takes too long, or the worker has ended.
            OSError: The file cannot be read.
        """
        if isinstance(document, Path):
            document = xmlio.file_chunks(document)
        try:
            content = cut([document] if isinstance(document, bytes) else document)
        except MalformedMessage as error:
            return (_refused(error.reason),)
        with self._place():
            return self._checked(content)

    def _checked(self, content: bytes) -> tuple[Finding, ...]:
        name = hashlib.sha256(content).digest()
        if self._ends[name] >= _MOST_ENDS:
            raise CheckUnavailable("the official rules do not come to an end on this document", again=False)
        worker = self._started()
        try:
            findings = worker.check(content)
        except WorkerGone as gone:
            raise self._unfinished(name, gone) from gone
        if worker.documents >= self._bounds.documents or worker.peak_bytes > self._bounds.peak_bytes:
            self._replace()
        return findings

    def _unfinished(self, name: bytes, gone: WorkerGone) -> CheckUnavailable:
        """Have a new worker begin, and say what became of a document."""
        if self._replace() is None:
            return CheckUnavailable("the rule pack is closed")
        if len(self._ends) >= _REMEMBERED:
            self._ends.clear()
        self._ends[name] += 1
        if gone.was_late:
            words = f"the official rules did not come to an end on this document within {self._bounds.limit_s:g} s"
            LOG.warning("a document took longer than %g s; its worker was ended", self._bounds.limit_s)
        else:
            words = "the process that runs the official rules ended while it checked this document"
            LOG.warning("the worker ended while it checked a document")
        return CheckUnavailable(words, again=not gone.was_late and self._ends[name] < _MOST_ENDS)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Wait for the turn of a document, if it may wait at all."""
        if not self._places.acquire(blocking=False):
            raise CheckUnavailable(f"{self._bounds.waiting} documents wait to be checked already")
        try:
            if not self._turn.acquire(timeout=self._bounds.limit_s):
                raise CheckUnavailable(f"the turn of this document did not come within {self._bounds.limit_s:g} s")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def _started(self) -> WorkerProcess:
        """The worker, once it is ready; only whose turn it is may ask."""
        worker = self._worker
        if worker is None or worker.has_ended:
            if time.monotonic() < self._not_before:
                raise CheckUnavailable(_NO_START)
            worker = self._replace()
        if worker is None:
            raise CheckUnavailable("the rule pack is closed")
        try:
            worker.await_ready(self._on_progress)
        except (ConfigError, WorkerGone) as error:
            self._not_before = time.monotonic() + _PAUSE_S
            self._drop()
            LOG.error("the worker does not start: %s", error)  # noqa: TRY400 - its words say it all
            if isinstance(error, ConfigError) and not self._was_ready:
                raise
            raise CheckUnavailable(_NO_START) from error
        self._was_ready = True
        return worker

    def _replace(self) -> WorkerProcess | None:
        """End the worker, if there is one, and have another begin to compile; none when the pack is closed."""
        self._drop()
        with self._guard:
            if not self._closed:
                self._worker = WorkerProcess(self.folder, limit_s=self._bounds.limit_s)
            return self._worker

    def _drop(self) -> None:
        with self._guard:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def close(self) -> None:
        """End the worker; documents being checked get `CheckUnavailable`."""
        with self._guard:
            self._closed = True
        self._drop()


def _refused(reason: str) -> Finding:
    return Finding(rule="xml:malformed", severity=CdaSeverity.ERROR, xpath="/", line=None, message=reason)
