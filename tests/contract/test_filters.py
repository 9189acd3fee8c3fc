"""Each query parameter selects on PostgreSQL what it selects on SQLite: the tests of the unit run again."""

from __future__ import annotations

import pytest

from tests.contract import again
from tests.unit.storage import test_filters

pytestmark = pytest.mark.postgres
database = again.database
globals().update(again.tests_of_the_database(test_filters))


def test_the_tests_are_here() -> None:
    assert 4 <= len(again.tests_of_the_database(test_filters))
