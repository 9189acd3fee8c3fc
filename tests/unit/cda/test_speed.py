"""A small run of the benchmark of documents: making, checking and describing against the rendering alone."""

from __future__ import annotations

from benchmarks.documents import KIND, TIMES_RENDERING, example_case, made_checked_and_described, seconds
from xds_adapter.cda.build import rendering
from xds_adapter.cda.case import complete


def test_a_document_costs_few_times_its_rendering() -> None:
    """Times of the processor in one run, so that what else the machine does weighs on both."""
    full = complete(KIND, example_case())
    octets, findings = made_checked_and_described()
    assert (0, True) == (findings, 25_000 < octets < 40_000)
    rounds = [(seconds(made_checked_and_described, 2), seconds(lambda: rendering(KIND, full), 2)) for _ in range(8)]
    # The least disturbed round of each: the caches of the processor are shared with what else it does.
    whole, alone = (min(times) for times in zip(*rounds, strict=True))
    assert whole <= TIMES_RENDERING * alone
