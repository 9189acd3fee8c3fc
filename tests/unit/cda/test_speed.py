"""The benchmark of documents runs; what it measures is judged by who runs it on an idle machine."""

from __future__ import annotations

from benchmarks.documents import made_checked_and_described, measured


def test_the_report_that_is_measured_is_sound_and_of_ordinary_size() -> None:
    octets, findings = made_checked_and_described()
    assert (0, True) == (findings, 25_000 < octets < 40_000)


def test_every_step_is_measured_beside_the_rendering_alone() -> None:
    steps = measured(1)
    assert "rendering alone" == next(iter(steps))
    assert {"build (all of these)", "validated", "built, validated, described"} <= steps.keys()
    assert all(seconds > 0 for seconds in steps.values())
