"""Settings of the test run, and what is made once for all tests that need it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.postgresql import Cluster

# Timing says nothing on a shared machine, and whole submissions are large values by nature.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("project")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server that runs as long as the tests do."""
    from tests.postgresql import Cluster

    cluster = Cluster()
    yield cluster
    cluster.close()
