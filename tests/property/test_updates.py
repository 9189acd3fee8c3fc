"""Whatever is updated in whatever order, the versions of an object are consecutive and one of them is the latest."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import ENTRY_UUID, SECOND_ENTRY_UUID
from tests.unit.actors.test_metadata_update import (
    FOLDER,
    MEMBERSHIP,
    SECOND_UNIQUE_ID,
    Kept,
    change,
    folder_link,
    link,
    new_entry,
    new_folder,
    submission,
)
from xds_adapter.model import RegistryObject
from xds_adapter.vocabulary.status import AvailabilityStatus

versions = st.integers(1, 4).map(str)
propagation = st.sampled_from([None, "yes", "no"])
_TARGETS = ("Document01", "Folder01", ENTRY_UUID, SECOND_ENTRY_UUID, FOLDER, MEMBERSHIP)


@st.composite
def updates(draw: st.DrawFn) -> tuple[list[RegistryObject], bool]:
    """Some operations, many of them impossible, and whether they come by ITI-92."""
    objects: list[RegistryObject] = []
    if draw(st.booleans()):
        series: dict[str, Any] = draw(
            st.sampled_from([{}, {"logical_id": SECOND_ENTRY_UUID, "unique_id": SECOND_UNIQUE_ID}])
        )
        said = {"previous_version": draw(versions), "association_propagation": draw(propagation)}
        objects += [new_entry(**series), link(**said)]
    if draw(st.booleans()):
        said = {"previous_version": draw(versions), "association_propagation": draw(propagation)}
        objects += [new_folder(), folder_link(**said)]
    for number in range(draw(st.integers(0, 2))):
        status = draw(st.sampled_from(AvailabilityStatus))
        objects.append(change(draw(st.sampled_from(_TARGETS)), to=status, number=20 + number))
    return objects, draw(st.booleans())


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(updates(), min_size=3, max_size=6))
def test_versions_are_consecutive_and_only_the_latest_is_in_force(
    requests: list[tuple[list[RegistryObject], bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = Kept(Path(folder) / "data")
        try:
            _check(kept, requests)
        finally:
            kept.database.close()


def _check(kept: Kept, requests: list[tuple[list[RegistryObject], bool]]) -> None:
    for number, (objects, restricted) in enumerate(requests):
        before = kept.everything()
        if kept.update(submission(*objects, number=200 + number), restricted=restricted):
            assert before == kept.everything()
        for series in (ENTRY_UUID, SECOND_ENTRY_UUID, FOLDER):
            found = kept.versions(series)
            assert list(range(1, len(found) + 1)) == [version for version, _ in found]
            assert {"Deprecated"} >= {status for _, status in found[:-1]}
