"""Exceptions of the package: each class says who must act.

IHE error codes are values (`xds_adapter.model.RegistryError`), not exceptions: an answer holds many of
them, and a retrieve can succeed in part. The tree below is complete; a test compares it with the code::

    XdsAdapterError
    ├── SubmissionRefused    an actor turns a message down; carries the Outcome       (model.outcome)
    ├── RemoteRefusal        a peer answered Failure; carries the Outcome             (model.outcome)
    ├── MalformedMessage     the sender must correct the message (SOAP fault Sender)
    │   ├── MustUnderstand   a mandatory SOAP header block is not known here
    │   └── VersionMismatch  the envelope is not SOAP 1.2
    ├── RemoteFault          a peer answered with a SOAP fault or with something that is no SOAP
    ├── TransportFailed      the network must be looked at
    │   ├── Timeout          no answer in time; the outcome is unknown
    │   └── ConnectionLost   the connection broke; `sent` says whether the peer may have acted
    ├── IntegrityError       what a peer returned differs from its own metadata
    ├── StorageUnavailable   the operator must look at the store; the caller may retry
    ├── AssemblyFailed       the operator must look at what makes on-demand documents
    ├── CheckUnavailable     the official rules cannot be run; `again` says whether a retry makes sense
    ├── CaseInvalid          the author must correct the JSON case; carries all findings
    ├── CdaInvalid           the author must correct the document; carries all findings
    └── ConfigError          the operator must correct the configuration
"""

from __future__ import annotations


class XdsAdapterError(Exception):
    """Base of everything the package raises on purpose."""


class MalformedMessage(XdsAdapterError):
    """A message cannot be processed as SOAP, MIME or ebXML; answered as a SOAP fault Sender.

    Args:
        reason: What is wrong, in words for the sender; quoted in the fault.
        subcode: Local name of a fault subcode of the package's own namespace, or None.
    """

    def __init__(self, reason: str, *, subcode: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.subcode = subcode


class MustUnderstand(MalformedMessage):
    """A header block marked mustUnderstand is not known; answered with env:MustUnderstand.

    Source: SOAP 1.2 part 1, section 5.4.8.
    """


class VersionMismatch(MalformedMessage):
    """The message is SOAP, but not SOAP 1.2; answered with env:VersionMismatch.

    Source: SOAP 1.2 part 1, section 5.4.7.
    """


class RemoteFault(XdsAdapterError):
    """The peer answered with a SOAP fault, or with something that is not SOAP at all."""

    def __init__(self, reason: str, *, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class TransportFailed(XdsAdapterError):
    """The message did not get through.

    Attributes:
        sent: False when nothing can have reached the peer's application, so that a retry is always safe.
    """

    def __init__(self, reason: str, *, sent: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Timeout(TransportFailed):
    """No answer in time; whether the peer acted is unknown unless `sent` is False."""


class ConnectionLost(TransportFailed):
    """The connection could not be made or broke; whether the peer acted is unknown unless `sent` is False."""


class IntegrityError(XdsAdapterError):
    """Bytes received differ in size or hash from what the metadata promises."""


class StorageUnavailable(XdsAdapterError):
    """The database or the document store cannot serve now; nothing was acknowledged, a retry is allowed.

    Attributes:
        reason: What a partner may know. The text of the exception, for the operator, may say more: names of machines.
        nothing_written: False when the database went away in the middle of a commit, so that what was to be written
            may be there.
    """

    def __init__(self, reason: str, *, detail: str = "", nothing_written: bool = True) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.nothing_written = nothing_written


class AssemblyFailed(XdsAdapterError):
    """An on-demand document could not be made; the words are for the operator and name no patient."""


class CheckUnavailable(XdsAdapterError):
    """The official rules could not be run on a document; nothing is known of it.

    Attributes:
        again: Another attempt may go better. False when it is the document that the rules do not come to an end with.
    """

    def __init__(self, reason: str, *, again: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class CaseInvalid(XdsAdapterError):
    """A JSON case does not follow its schema.

    Args:
        findings: One sentence per fault, each starting with the JSON path.
    """

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


class CdaInvalid(XdsAdapterError):
    """A CDA document lacks what is needed of it.

    Args:
        findings: One sentence per fault, each starting with its place in the document.
    """

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


class ConfigError(XdsAdapterError):
    """The configuration, a file name or a URL is not usable as given."""
