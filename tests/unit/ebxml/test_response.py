"""Registry responses: status, errors and severities, both directions."""

from __future__ import annotations

import pytest

from tests.messages import element, find
from xds_adapter.ebxml import decode_outcome, encode_outcome
from xds_adapter.errors import RemoteFault
from xds_adapter.model import Outcome, RegistryError
from xds_adapter.vocabulary.namespaces import RS, qname
from xds_adapter.vocabulary.status import ResponseStatus, Severity

ERROR = RegistryError(code="XDSRegistryError", code_context='say "no"', location="here")
WARNING = RegistryError(code="XDSExtraMetadataNotSaved", code_context="dropped", severity=Severity.WARNING)


@pytest.mark.parametrize("status", ResponseStatus)
def test_an_outcome_without_errors_has_no_error_list(status: ResponseStatus) -> None:
    response = element(encode_outcome(Outcome(status)))
    assert (qname(RS, "RegistryResponse"), [], status) == (response.tag, list(response), response.get("status"))
    assert Outcome(status) == decode_outcome(response)


@pytest.mark.parametrize(
    ("errors", "highest"),
    [((WARNING,), Severity.WARNING), ((WARNING, ERROR), Severity.ERROR)],
    ids=["warning", "warning and error"],
)
def test_the_highest_severity_stands_on_the_list(errors: tuple[RegistryError, ...], highest: Severity) -> None:
    response = element(encode_outcome(Outcome.of(errors)))
    assert highest == find(response, "rs:RegistryErrorList").get("highestSeverity")
    assert Outcome.of(errors) == decode_outcome(response)


def test_what_only_we_know_of_an_error_is_not_sent() -> None:
    error = RegistryError(code="c", code_context="x", rule="META-001", object_id="o", attribute="a", value="v")
    response = element(encode_outcome(Outcome.of([error])))
    assert (RegistryError(code="c", code_context="x"),) == decode_outcome(response).errors


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.WARNING, Severity.WARNING),
        (f"  {Severity.WARNING}\n", Severity.WARNING),
        ("Warning", Severity.WARNING),
        (Severity.ERROR, Severity.ERROR),
        ("anything", Severity.ERROR),
    ],
)
def test_whatever_is_no_warning_is_an_error(severity: str, expected: Severity) -> None:
    answer = element(
        f'<rs:RegistryResponse status="{ResponseStatus.FAILURE}"><rs:RegistryErrorList>'
        f'<rs:RegistryError severity="{severity}"/></rs:RegistryErrorList></rs:RegistryResponse>'
    )
    assert [expected] == [error.severity for error in decode_outcome(answer).errors]


def test_an_error_without_any_attribute_is_an_error_without_words() -> None:
    answer = element(
        f'<rs:RegistryResponse status="{ResponseStatus.FAILURE}"><rs:RegistryErrorList>'
        "<rs:RegistryError/></rs:RegistryErrorList></rs:RegistryResponse>"
    )
    assert (RegistryError(code="", code_context=""),) == decode_outcome(answer).errors


def test_blanks_around_the_status_are_formatting() -> None:
    assert decode_outcome(element(f'<rs:RegistryResponse status=" {ResponseStatus.SUCCESS} "/>')).is_success


@pytest.mark.parametrize("status", ["", ' status=""', ' status="Success"'], ids=["absent", "empty", "unknown"])
def test_an_unknown_status_is_a_fault_of_the_peer(status: str) -> None:
    with pytest.raises(RemoteFault, match=r"status .* is unknown"):
        decode_outcome(element(f"<rs:RegistryResponse{status}/>"))
