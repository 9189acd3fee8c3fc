"""Statements that are kept select on PostgreSQL what they select on SQLite: the tests of the unit run again."""

from __future__ import annotations

import pytest

from tests.contract import again
from tests.unit.storage import test_selection

pytestmark = pytest.mark.postgres
database = again.database
globals().update(again.tests_of_the_database(test_selection))


def test_the_tests_are_here() -> None:
    assert 4 <= len(again.tests_of_the_database(test_selection))
