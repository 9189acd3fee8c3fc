"""Verify a signature, and say in words what holds and what does not.

    bytes  --find-->  signature  --check_integrity-->  intact  --certificate, anchors-->  trusted  --manifest-->  valid

Only what the references cover is read further; nothing is ever fetched. The certificate must be valid at the time of
signing, which the signer states, and now, since without an authority of time the statement proves nothing: whoever
holds the key of an expired certificate could date a signature back. `VerificationSettings.at_signing_time` leaves the
second out, for archives that know by other means when the signature was made. Revocation is checked by the lists that
the caller gives.

Source: W3C XML Signature 1.1, 3.2; ETSI EN 319 102-1 5; IHE ITI TF-3 5.5.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509

from xds_adapter.errors import MalformedMessage
from xds_adapter.signature import trust
from xds_adapter.signature.elements import Refused
from xds_adapter.signature.integrity import Intact, check_integrity
from xds_adapter.signature.manifest_check import (
    DocumentLookup,
    ManifestChecks,
    SubmissionSetLookup,
    manifest_checks,
)
from xds_adapter.signature.policy import SignaturePolicy, policy_fault
from xds_adapter.signature.properties import Stated, stated
from xds_adapter.signature.reading import Found, find
from xds_adapter.signature.report import Check, CheckName, Signer, Verdict, Verification
from xds_adapter.signature.revocation import revocation_check
from xds_adapter.xmlio import Element

_SKEW = timedelta(minutes=5)
_COVERED = {
    "enveloped": "the whole document but the signature itself; comments are not covered",
    "detached": "the manifest of documents",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSettings:
    """What a verifier asks for.

    Attributes:
        anchors: Certificates of the authorities that are trusted; none: no signer is.
        intermediates: Certificates that may lie between, besides those in the signature.
        revocation_lists: Lists of the authorities; none: revocation is not checked.
        policy: The signature policy that must be named, or None for any or none.
        at_signing_time: Ask for validity at the stated time of signing alone.
        now: The present, aware; the clock's if None.
    """

    anchors: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    revocation_lists: tuple[x509.CertificateRevocationList, ...] = ()
    policy: SignaturePolicy | None = None
    at_signing_time: bool = False
    now: datetime | None = None


@dataclass(slots=True)
class _Progress:
    """What is known so far."""

    checks: list[Check] = field(default_factory=list)
    kind: str = ""
    signer: Signer | None = None
    stated: Stated | None = None
    manifest: ManifestChecks | None = None
    octets: bytes = b""

    def add(self, name: CheckName, words: str, verdict: Verdict = Verdict.PASSED) -> None:
        self.checks.append(Check(name=name, verdict=verdict, words=words))

    def judge(self, name: CheckName, faults: Sequence[str | None], words: str) -> None:
        """Add a check: failed with every fault, or passed."""
        wrong = [fault for fault in faults if fault]
        self.add(name, "; ".join(wrong) or words, Verdict.FAILED if wrong else Verdict.PASSED)

    def result(self) -> Verification:
        known = self.stated
        return Verification(
            kind=self.kind,
            checks=tuple(self.checks),
            signer=self.signer,
            signing_time=known.moment if known else None,
            policy=known.policy[0] if known and known.policy else None,
            purposes=known.purposes if known else (),
            documents=self.manifest.documents if self.manifest else (),
            submission_set=self.manifest.submission_set if self.manifest else None,
            signed_octets=self.octets,
        )


def verify(
    document: bytes,
    settings: VerificationSettings | None = None,
    *,
    documents: DocumentLookup = lambda _: None,
    submission_sets: SubmissionSetLookup = lambda _: None,
) -> Verification:
    """Verify a signed CDA document, or a detached signature document.

    Args:
        document: Its bytes.
        settings: What is asked for; without trust anchors no signature is valid.
        documents: For a detached signature, finds the documents that it names.
        submission_sets: For the signature of a whole submission, finds what was submitted together.

    Returns:
        Every check; never an exception for what is wrong with the document.
    """
    progress = _Progress()
    asked = settings or VerificationSettings()
    try:
        manifest = _verify(document, asked, progress)
        if manifest is not None:
            progress.manifest = manifest_checks(manifest, document, documents, submission_sets)
            progress.checks += progress.manifest.checks
    except Refused as refusal:
        progress.add(refusal.name, refusal.words, Verdict.FAILED)
    except MalformedMessage as error:
        progress.add(CheckName.FORM, error.reason, Verdict.FAILED)
    return progress.result()


def _verify(document: bytes, asked: VerificationSettings, progress: _Progress) -> Element | None:
    """Verify the signature itself; returns the manifest of a detached one."""
    found = find(document)
    progress.kind = found.kind
    progress.add(CheckName.FORM, f"one signature, {found.kind}, {found.method.rpartition('#')[2]}")
    intact = check_integrity(found)
    progress.add(CheckName.COVERAGE, _COVERED[found.kind])
    progress.add(CheckName.INTEGRITY, "unchanged since it was signed")
    progress.octets = intact.document
    _judge_properties(found, intact, progress)
    _judge_signer(found, intact.certificate, asked, progress)
    if asked.policy is not None:
        named = progress.stated.policy if progress.stated else None
        progress.judge(
            CheckName.POLICY, (policy_fault(asked.policy, named),), f"signature policy {asked.policy.identifier}"
        )
    return intact.manifest


def _judge_properties(found: Found, intact: Intact, progress: _Progress) -> None:
    if found.properties is None or not intact.has_properties:
        words = "no signed properties: neither the time of signing nor the signer's certificate is signed"
        progress.add(CheckName.PROPERTIES, words, Verdict.FAILED)
        return
    progress.stated = stated(found.properties)
    own = f"#{found.element.get('Id')}"
    targets = [parent.get("Target") for parent in found.properties.iterancestors()][:1]
    fault = None if targets == [own] else "the signed properties are those of another signature"
    progress.judge(CheckName.PROPERTIES, (fault,), "time of signing and certificate are signed")


def _judge_signer(
    found: Found, certificate: x509.Certificate, asked: VerificationSettings, progress: _Progress
) -> None:
    progress.signer = trust.signer_of(certificate)
    progress.judge(CheckName.CERTIFICATE, (trust.usage_fault(certificate),), "strong enough, and meant for signatures")
    now = asked.now or datetime.now(UTC)
    moment = progress.stated.moment if progress.stated else None
    words = "the certificate was valid at the stated time of signing"
    faults = tuple(_time_faults(certificate, moment, now, at_signing_time=asked.at_signing_time))
    progress.judge(CheckName.TIME, faults, words if asked.at_signing_time else f"{words}, and is now")
    # A certificate out of its time has failed above; whether its chain is good is another question.
    in_chain_at = moment if moment and (faults or asked.at_signing_time) else now
    try:
        chain = trust.chain_of(
            certificate,
            anchors=asked.anchors,
            intermediates=(*found.certificates, *asked.intermediates),
            moment=in_chain_at,
        )
    except trust.Untrusted as error:
        progress.add(CheckName.TRUST, str(error), Verdict.FAILED)
        return
    unchecked = "" if asked.revocation_lists else "; revocation was not checked"
    progress.add(CheckName.TRUST, f"issued under a trust anchor{unchecked}")
    if asked.revocation_lists:
        signed_at = moment if asked.at_signing_time else None
        progress.checks.append(revocation_check(chain, asked.revocation_lists, now=now, signed_at=signed_at))


def _time_faults(
    certificate: x509.Certificate, moment: datetime | None, now: datetime, *, at_signing_time: bool
) -> Iterator[str]:
    if moment is not None and moment > now + _SKEW:
        yield f"the stated time of signing, {moment:%Y-%m-%d %H:%M:%S}, is still to come"
    if moment is not None and (fault := trust.moment_fault(certificate, moment)):
        yield f"at the stated time of signing the certificate {fault}"
    if (moment is None or not at_signing_time) and (fault := trust.moment_fault(certificate, now)):
        yield f"the certificate {fault}, and nothing but the signer's word says that the signature is older"
