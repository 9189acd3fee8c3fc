"""The server's log: text on a terminal, one JSON object a line otherwise.

Only the fields named here are written beside the message; what a message or a document holds is never among them.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TextIO

FIELDS = ("path", "action", "message_id", "status", "fault", "rules", "ms")
_LONGEST = 200


def _facts(record: logging.LogRecord) -> dict[str, object]:
    facts = {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) not in (None, "")}
    return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()}


def _time(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"time": _time(record), "level": record.levelname, "message": record.getMessage()}
        line |= _facts(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items())
        text = f"{_time(record)} {record.levelname.lower():7} {record.getMessage()} {facts}".rstrip()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def configure_logs(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send the package's log to standard error, or to `stream`."""
    # None of these is written, and finding them out takes as long as the rest of a line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(_TextFormatter() if target.isatty() else _JsonFormatter())
    logger = logging.getLogger("xds_adapter")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False
