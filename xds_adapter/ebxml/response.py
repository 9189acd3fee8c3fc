"""RegistryResponse and RegistryErrorList, both directions.

Source: IHE ITI TF-3 4.2.4; OASIS ebXML RegRep 3.0 rs.xsd.
"""

from __future__ import annotations

from lxml import etree

from xds_adapter.ebxml.text import escape
from xds_adapter.errors import RemoteFault
from xds_adapter.model import Outcome, RegistryError
from xds_adapter.vocabulary.namespaces import RS, qname
from xds_adapter.vocabulary.status import ResponseStatus, Severity

_ERROR_LIST = qname(RS, "RegistryErrorList")
_ERROR = qname(RS, "RegistryError")


def encode_errors(outcome: Outcome) -> str:
    """Write rs:RegistryErrorList, or nothing when there is no error; the prefix ``rs`` is bound outside."""
    if not outcome.errors:
        return ""
    highest = Severity.ERROR if any(error.is_error for error in outcome.errors) else Severity.WARNING
    inner = "".join(
        f'<rs:RegistryError errorCode="{escape(error.code)}" codeContext="{escape(error.code_context)}"'
        f' location="{escape(error.location)}" severity="{error.severity}"/>'
        for error in outcome.errors
    )
    return f'<rs:RegistryErrorList highestSeverity="{highest}">{inner}</rs:RegistryErrorList>'


def encode_outcome(outcome: Outcome) -> str:
    """Write rs:RegistryResponse; its namespace is declared on it."""
    return (
        f'<rs:RegistryResponse xmlns:rs="{RS}" status="{outcome.status}">{encode_errors(outcome)}</rs:RegistryResponse>'
    )


def decode_outcome(element: etree._Element) -> Outcome:
    """Read status and errors of any element that carries them as rs:RegistryResponse does.

    Raises:
        RemoteFault: The status is missing or unknown.
    """
    try:
        status = ResponseStatus((element.get("status") or "").strip())
    except ValueError as error:
        raise RemoteFault(f"the answer's status {element.get('status')!r} is unknown") from error
    return Outcome(
        status,
        tuple(_decode_error(e) for errors in element.iterchildren(_ERROR_LIST) for e in errors.iterchildren(_ERROR)),
    )


def _decode_error(element: etree._Element) -> RegistryError:
    warning = (element.get("severity") or "").strip().endswith("Warning")
    return RegistryError(
        code=element.get("errorCode", ""),
        code_context=element.get("codeContext", ""),
        severity=Severity.WARNING if warning else Severity.ERROR,
        location=element.get("location", ""),
    )
