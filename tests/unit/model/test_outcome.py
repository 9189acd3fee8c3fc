"""Outcomes: status from errors, and exceptions that carry every error."""

from __future__ import annotations

import pytest

from xds_adapter.errors import XdsAdapterError
from xds_adapter.model import Outcome, RegistryError, RemoteRefusal, SubmissionRefused
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.status import ResponseStatus, Severity

ERROR = RegistryError(code=XdsErrorCode.REGISTRY_ERROR, code_context="broken", location="DocumentEntry 1.2.3")
WARNING = RegistryError(code="XDSExtraMetadataNotSaved", code_context="dropped", severity=Severity.WARNING)


def test_a_warning_is_no_error() -> None:
    assert (True, False) == (ERROR.is_error, WARNING.is_error)


@pytest.mark.parametrize(
    ("errors", "status", "success"),
    [
        ((), ResponseStatus.SUCCESS, True),
        ((WARNING,), ResponseStatus.SUCCESS, True),
        ((WARNING, ERROR), ResponseStatus.FAILURE, False),
    ],
    ids=["nothing", "a warning", "an error"],
)
def test_the_status_is_failure_as_soon_as_there_is_an_error(
    errors: tuple[RegistryError, ...], status: ResponseStatus, success: bool
) -> None:
    outcome = Outcome.of(iter(errors))
    assert (status, errors, success) == (outcome.status, outcome.errors, outcome.is_success)


@pytest.mark.parametrize("status", [ResponseStatus.SUCCESS, ResponseStatus.PARTIAL_SUCCESS])
def test_what_was_done_at_least_in_part_raises_nothing(status: ResponseStatus) -> None:
    Outcome(status, (ERROR,)).raise_for_status()


def test_a_failure_raises_with_every_error_and_the_peer() -> None:
    outcome = Outcome.of([ERROR, WARNING])
    with pytest.raises(RemoteRefusal) as caught:
        outcome.raise_for_status("registry.example")
    assert (outcome, "registry.example") == (caught.value.outcome, caught.value.peer)
    assert (
        "refused by registry.example (2 errors)\n"
        "  XDSRegistryError  DocumentEntry 1.2.3: broken\n"
        "  XDSExtraMetadataNotSaved  dropped"
    ) == str(caught.value)


def test_a_refused_submission_carries_its_outcome() -> None:
    outcome = Outcome.of([ERROR])
    error: XdsAdapterError = SubmissionRefused(outcome)
    assert "the submission is refused\n  XDSRegistryError  DocumentEntry 1.2.3: broken" == str(error)
    assert isinstance(error, SubmissionRefused)
    assert outcome is error.outcome
