"""Status URNs of responses, objects and errors.

Source: IHE ITI TF-3 4.2.4.2, 4.2.3.2.2; OASIS ebXML RegRep 3.0.
"""

from __future__ import annotations

from enum import StrEnum


class ResponseStatus(StrEnum):
    """Status of a registry response; there is no "warning" status."""

    SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
    PARTIAL_SUCCESS = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
    FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"

    @property
    def word(self) -> str:
        """The last part of the URN: Success, PartialSuccess or Failure."""
        return self.value.rsplit(":", 1)[1]


class AvailabilityStatus(StrEnum):
    """availabilityStatus of a registry object."""

    APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
    DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"

    @property
    def word(self) -> str:
        """The last part of the URN: Approved or Deprecated."""
        return self.value.rsplit(":", 1)[1]


class Severity(StrEnum):
    """Severity of a registry error."""

    ERROR = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
    WARNING = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Warning"
