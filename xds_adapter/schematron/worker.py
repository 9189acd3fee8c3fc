"""The process that holds the compiled pack: reads documents from standard input, writes findings to standard output.

Run: python -m xds_adapter.schematron.worker FOLDER LIMIT_S

Whatever a library writes to standard output goes nowhere: the descriptor is kept for frames alone. A worker whose
parent has gone finds its input closed and ends; one that is busy then is ended by its limit of processor time.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from xds_adapter.errors import ConfigError
from xds_adapter.schematron.frames import pack_finding, read_frame, to_frame, write_frame

_COMPILE_S = 600
_MOST_FINDINGS = 10_000


def _own_output() -> BinaryIO:
    """Take standard output for frames; what else is written to it is lost from now on."""
    output = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return output


def _allow(seconds: float) -> None:
    """Have this process ended when it takes more processor time than that from now on."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _peak_bytes() -> int:
    """The most memory that this process has held so far; Linux counts in kilobytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def serve(folder: Path, requests: BinaryIO, answers: BinaryIO, allow: Callable[[], None] = lambda: None) -> None:
    """Compile a pack, say that it is ready, and check documents until there are no more.

    Args:
        folder: The pack.
        requests: Frames with documents.
        answers: Frames with messages.
        allow: Is called before each document, to bound what it may take.
    """
    # Not at the top: the parent must hear what is wrong, a missing library too.
    from xds_adapter.schematron.engine import Engine  # noqa: PLC0415

    try:
        engine = Engine(folder, lambda layer: write_frame(answers, to_frame({"progress": layer})))
    except ConfigError as error:
        write_frame(answers, to_frame({"broken": str(error)}))
        return
    write_frame(answers, to_frame({"ready": list(engine.notes), "peak_bytes": _peak_bytes()}))
    while (content := read_frame(requests)) is not None:
        allow()
        findings = [*engine.check(content)][:_MOST_FINDINGS]
        answer = {"findings": [pack_finding(finding) for finding in findings], "peak_bytes": _peak_bytes()}
        write_frame(answers, to_frame(answer))


def main(arguments: list[str]) -> None:
    """Run the worker: the folder of the pack, and the seconds that the parent waits for a document."""
    folder, limit_s = Path(arguments[0]), float(arguments[1])
    # Garbage is collected in threads of their own: more processor time can pass than time.
    for_document = limit_s * (os.cpu_count() or 1) + 1
    _allow(_COMPILE_S)
    serve(folder, sys.stdin.buffer, _own_output(), lambda: _allow(for_document))


if __name__ == "__main__":
    main(sys.argv[1:])
