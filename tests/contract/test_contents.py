"""Documents are kept, bound and dropped with PostgreSQL as they are with SQLite: the tests of the unit run again."""

from __future__ import annotations

import pytest

from tests.contract import again
from tests.unit.storage import test_contents

pytestmark = pytest.mark.postgres
database = again.database
globals().update(again.tests_of_the_database(test_contents))


def test_the_tests_are_here() -> None:
    assert 4 <= len(again.tests_of_the_database(test_contents))
