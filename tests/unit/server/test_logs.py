"""The log of the server and its stream."""

from __future__ import annotations

import errno
import io
from typing import NoReturn

from xds_adapter.server.logs import RequestLog


class _Full(io.StringIO):
    def write(self, _text: str) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_on_a_full_disk_does_not_fail_the_request() -> None:
    RequestLog(_Full())("answered", {"path": "/"})
