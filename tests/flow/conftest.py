"""A server with an empty data folder, started once for each module that shares it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flow.running import Site, running


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For tests that leave nothing behind, or whose uniqueIds are their own."""
    with running(tmp_path_factory.mktemp("site") / "data") as site:
        yield site
