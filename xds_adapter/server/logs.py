"""The server's log: text on a terminal, one JSON object a line otherwise.

Only the fields named here are written beside the message; what a message or a document holds is never among them.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
from collections.abc import Mapping
from typing import TextIO

_LONGEST = 200
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)


def _line(level: str, message: str, facts: Mapping[str, object], *, terminal: bool, moment: float) -> str:
    shown = {
        name: value[:_LONGEST] if isinstance(value, str) and name != "traceback" else value
        for name, value in facts.items()
        if value not in (None, "")
    }
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"
    if terminal:
        text = " ".join(f"{name}={value}" for name, value in shown.items())
        return f"{stamp} {level.lower():7} {message} {text}".rstrip()
    return _ENCODER.encode({"time": stamp, "level": level, "message": message} | shown)


class RequestLog:
    """Writes one line an exchange; straight to the stream, for it is written at every request.

    Only what the server puts into the facts is written; what a message or a document holds is never among them.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()

    def __call__(self, message: str, facts: Mapping[str, object]) -> None:
        """Write one line; what became of a message does not depend on whether there is room for it."""
        with contextlib.suppress(OSError):
            self._stream.write(_line("INFO", message, facts, terminal=self._terminal, moment=time.time()) + "\n")


class _Formatter(logging.Formatter):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, object] = {name: getattr(record, name, None) for name in ("exchange", "message_id")}
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if trace and not self._terminal:
            facts["traceback"] = trace
            return self._text(record, facts)
        return f"{self._text(record, facts)}\n{trace}".rstrip()

    def _text(self, record: logging.LogRecord, facts: Mapping[str, object]) -> str:
        return _line(record.levelname, record.getMessage(), facts, terminal=self._terminal, moment=record.created)


def configure_logs(stream: TextIO | None = None, *, level: int = logging.INFO) -> RequestLog:
    """Send the package's log to standard error, or to `stream`.

    Returns:
        What writes the line of each exchange to the same place.
    """
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(_Formatter(terminal=target.isatty()))
    logger = logging.getLogger("xds_adapter")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False
    return RequestLog(target)
