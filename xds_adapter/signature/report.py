"""What a verification found: who signed what and when, and each check in words.

Three questions stay apart, as DSG asks: is the signature intact, who is the signer, are the documents those that were
signed. A signature is valid only when every check passed; one that could not be made has not.

Source: IHE ITI TF-3 5.5.5; ETSI EN 319 102-1 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from xds_adapter.datatypes import Coded


class Verdict(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


class CheckName(StrEnum):
    """What is checked, in the order in which it is; the first three make a signature intact."""

    FORM = "form"
    COVERAGE = "coverage"
    INTEGRITY = "integrity"
    PROPERTIES = "properties"
    CERTIFICATE = "certificate"
    TIME = "time"
    TRUST = "trust"
    REVOCATION = "revocation"
    POLICY = "policy"
    DOCUMENTS = "documents"
    SUBMISSION_SET = "submission_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        name: What was checked.
        verdict: How it ended.
        words: For a person: what holds, or what is wrong.
    """

    name: CheckName
    verdict: Verdict
    words: str

    @property
    def passed(self) -> bool:
        """It was made and it passed."""
        return self.verdict == Verdict.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDocument:
    """One document that a detached signature names.

    Attributes:
        unique_id: Of its entry.
        verdict: Whether its bytes have the digest that was signed.
    """

    unique_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signed, by the certificate; believe it when `Verification.is_trusted`.

    Attributes:
        subject: Distinguished name (RFC 4514).
        issuer: Distinguished name of the authority.
        serial_number: Of the certificate, hexadecimal.
        not_after: End of its validity.
        common_name: CN of the subject; in French cards the national identifier of the professional.
        surname: SN; empty for an organisation.
        given_name: GN; empty for an organisation.
        organization: O; empty if it has none.
    """

    subject: str
    issuer: str
    serial_number: str
    not_after: datetime
    common_name: str = ""
    surname: str = ""
    given_name: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of one verification.

    Attributes:
        kind: ``enveloped``, ``detached``, or empty when no signature was found.
        checks: All checks that were made or should have been, in order.
        signer: None unless the signature is intact.
        signing_time: As the signer states it; no authority of time confirms it.
        policy: Identifier of the signature policy, or None.
        purposes: Purposes of the signature.
        documents: For a detached signature, the documents that it names.
        submission_set: uniqueId of the SubmissionSet whose signature it is, or None.
        signed_octets: For an enveloped one that is intact, what it covers, in canonical form; empty otherwise.
    """

    kind: str = ""
    checks: tuple[Check, ...] = ()
    signer: Signer | None = None
    signing_time: datetime | None = None
    policy: str | None = None
    purposes: tuple[Coded, ...] = ()
    documents: tuple[SignedDocument, ...] = ()
    submission_set: str | None = None
    signed_octets: bytes = b""

    def _all_passed(self, *names: CheckName) -> bool:
        return {check.name for check in self.checks if check.passed} >= {*names}

    @property
    def is_valid(self) -> bool:
        """Every check was made and passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def is_intact(self) -> bool:
        """The signature is that of the certificate in it, over what it says it covers."""
        return self._all_passed(CheckName.FORM, CheckName.COVERAGE, CheckName.INTEGRITY)

    @property
    def is_trusted(self) -> bool:
        """The signature is intact, and its certificate leads to a trust anchor and, if asked for, is not revoked."""
        known = {CheckName.CERTIFICATE, CheckName.TIME, CheckName.TRUST}
        asked = {check.name for check in self.checks} & {CheckName.REVOCATION}
        return self.is_intact and self._all_passed(*known, *asked)
