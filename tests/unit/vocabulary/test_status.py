"""Status URNs can be shown as their last word."""

from __future__ import annotations

from xds_adapter.vocabulary.status import AvailabilityStatus, ResponseStatus


def test_a_response_status_is_shown_as_its_last_word() -> None:
    assert ["Success", "PartialSuccess", "Failure"] == [status.word for status in ResponseStatus]


def test_an_availability_status_is_shown_as_its_last_word() -> None:
    assert ["Approved", "Deprecated"] == [status.word for status in AvailabilityStatus]
