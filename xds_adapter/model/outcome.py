"""What came of a transaction: a status and all errors and warnings.

Source: IHE ITI TF-3 4.2.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.errors import XdsAdapterError
from xds_adapter.vocabulary.status import ResponseStatus, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryError:
    """One error or warning.

    Attributes:
        code: errorCode, see `XdsErrorCode`; a peer may send others.
        code_context: A sentence for the sender: object, attribute, value and rule.
        severity: Error or warning.
        location: Where: object and attribute, or what a peer wrote.
        rule: Id of the rule that found it, e.g. ``META-014``; empty when a peer reported it.
        object_id: The object concerned, by uniqueId or else by its id in the message.
        attribute: IHE name of the attribute concerned.
        value: The value found; empty when it is the absence that is wrong.
    """

    code: str
    code_context: str
    severity: Severity = Severity.ERROR
    location: str = ""
    rule: str = ""
    object_id: str = ""
    attribute: str = ""
    value: str = ""

    @property
    def is_error(self) -> bool:
        """False for a warning."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Outcome:
    """Status and errors of a registry response."""

    status: ResponseStatus
    errors: tuple[RegistryError, ...] = ()

    @classmethod
    def of(cls, errors: Iterable[RegistryError]) -> Outcome:
        """Success when `errors` holds warnings only (or nothing), Failure otherwise."""
        found = tuple(errors)
        failed = any(error.is_error for error in found)
        return cls(ResponseStatus.FAILURE if failed else ResponseStatus.SUCCESS, found)

    @property
    def is_success(self) -> bool:
        """True for Success, with or without warnings."""
        return self.status is ResponseStatus.SUCCESS

    def raise_for_status(self, peer: str = "the peer") -> None:
        """Raise when nothing was done.

        Raises:
            RemoteRefusal: The status is Failure.
        """
        if self.status is ResponseStatus.FAILURE:
            raise RemoteRefusal(self, peer)


def _words(heading: str, outcome: Outcome) -> str:
    lines = [heading]
    for error in outcome.errors:
        where = f"{error.location}: " if error.location else ""
        lines.append(f"  {error.code}  {where}{error.code_context}")
    return "\n".join(lines)


class SubmissionRefused(XdsAdapterError):
    """An actor of ours turns a submission down; the sender must correct it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(_words("the submission is refused", outcome))
        self.outcome = outcome


class RemoteRefusal(XdsAdapterError):
    """A peer answered Failure; `outcome` carries every RegistryError of its answer."""

    def __init__(self, outcome: Outcome, peer: str) -> None:
        super().__init__(_words(f"refused by {peer} ({len(outcome.errors)} errors)", outcome))
        self.outcome = outcome
        self.peer = peer
