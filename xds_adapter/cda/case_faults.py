"""How the rules of a case say what is wrong: where, and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
Fault = tuple[Path, str]


def both(value: Mapping[str, Any], path: Path, one: str, others: set[str], words: str) -> Iterator[Fault]:
    """Yield a fault at `one` when it stands beside any of the others."""
    if one in value and others & value.keys():
        yield (*path, one), words
