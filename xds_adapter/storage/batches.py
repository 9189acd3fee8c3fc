"""Lists of any length, cut into what one statement takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_BATCH = 500
"""Values of one IN list; databases limit the parameters of a statement."""


def batches(values: Iterable[str]) -> Iterator[list[str]]:
    """Sort values and yield them in lists that fit into one statement."""
    ordered = sorted(values)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
