"""Patients of an answer: several are refused, unless versions of one object connect them."""

from __future__ import annotations

import pytest

from xds_adapter.actors.single_patient import PatientsOfResult
from xds_adapter.storage import StoredObject

Seen = tuple[tuple[str, str], ...]


def several(seen: Seen) -> bool:
    patients = PatientsOfResult()
    for number, (series, patient) in enumerate(seen):
        patients.add(
            StoredObject(kind="", entry_uuid=str(number), status="", leaf="", patient_id=patient, logical_id=series)
        )
    return patients.are_several


@pytest.mark.parametrize(
    "seen",
    [
        (),
        (("", ""),),
        (("a", "1"), ("b", "1"), ("", "1"), ("", "")),
        (("a", "1"), ("a", "2")),
        (("folder", "1"), ("folder", "2"), ("entry", "1"), ("", "2")),
        (("a", "3"), ("b", "1"), ("b", "2"), ("c", "2"), ("c", "3")),
        (("c", "3"), ("c", "4"), ("b", "2"), ("b", "3"), ("a", "1"), ("a", "2")),
    ],
)
def test_one_patient_or_one_that_was_changed(seen: Seen) -> None:
    assert not several(seen)


@pytest.mark.parametrize(
    "seen",
    [
        (("a", "1"), ("b", "2")),
        (("", "1"), ("", "2")),
        (("a", "1"), ("a", "2"), ("b", "3")),
        (("a", "1"), ("a", "2"), ("b", "3"), ("b", "4")),
    ],
)
def test_patients_that_nothing_connects(seen: Seen) -> None:
    assert several(seen)
