"""Saxon in the process of the tests: what belongs to it must be freed by the thread that made it.

An object of it that is garbage in a cycle, as a caught exception makes one, may otherwise be freed by any thread of a
later test, and then Saxon ends the process. The product never has it in a process with threads.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_of_the_module() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _nothing_left_of_the_test() -> Iterator[None]:
    yield
    gc.collect()
