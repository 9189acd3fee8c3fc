"""Compare what a detached signature names with what there is: the bytes of documents, and the contents of a submission.

Source: IHE ITI TF-3 5.5.3.1 and 5.5.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xds_adapter.model import DocumentContent
from xds_adapter.signature.algorithms import DIGESTS
from xds_adapter.signature.elements import Refused
from xds_adapter.signature.manifest import SET_DIGEST, manifest_unique_id
from xds_adapter.signature.reading import Reference, manifest_references
from xds_adapter.signature.report import Check, CheckName, SignedDocument, Verdict
from xds_adapter.xmlio import Element

_SET_DIGESTS = (SET_DIGEST, b"0")

DocumentLookup = Callable[[str], DocumentContent | None]
"""Finds the bytes of a document by its uniqueId; None: not at hand."""

SubmissionSetLookup = Callable[[str], Mapping[str, str] | None]
"""Finds the documents of a SubmissionSet by its uniqueId: SHA-1 (hexadecimal) by uniqueId; None: not at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestChecks:
    """What came of a manifest.

    Attributes:
        documents: Each document that it names.
        submission_set: uniqueId of the SubmissionSet that it names, or None.
        checks: One over all documents, and one over the SubmissionSet when there is one.
    """

    documents: tuple[SignedDocument, ...]
    submission_set: str | None
    checks: tuple[Check, ...]


def manifest_checks(
    manifest: Element, signature: bytes, documents: DocumentLookup, submission_sets: SubmissionSetLookup
) -> ManifestChecks:
    """Compare a manifest with what there is.

    Args:
        manifest: A manifest whose signature is verified.
        signature: The signature document that it stands in.
        documents: Finds bytes.
        submission_sets: Finds what was submitted together.

    Raises:
        Refused: The manifest names something twice, or in a way that is not accepted.
    """
    named = [(_named(one), one) for one in manifest_references(manifest)]
    ids = [unique_id for unique_id, _ in named]
    sets = [unique_id for unique_id, one in named if one.digest in _SET_DIGESTS]
    if len(set(ids)) != len(ids) or len(sets) > 1:
        raise Refused(CheckName.DOCUMENTS, "the manifest names something twice")
    if len(ids) == len(sets):
        raise Refused(CheckName.DOCUMENTS, "the manifest names no document")
    found = tuple(
        SignedDocument(unique_id=unique_id, verdict=_compared(one, documents(unique_id)))
        for unique_id, one in named
        if unique_id not in sets
    )
    checks = [_documents_check(found)]
    if sets:
        members = submission_sets(sets[0])
        checks.append(_set_check(sets[0], members, hashlib.sha1(signature, usedforsecurity=False).hexdigest(), found))
    return ManifestChecks(documents=found, submission_set=sets[0] if sets else None, checks=tuple(checks))


def _named(one: Reference) -> str:
    if not one.uri or one.uri.startswith("#"):
        raise Refused(CheckName.DOCUMENTS, f"the manifest has a reference to {one.uri!r}, which is no uniqueId")
    if one.transforms:
        words = f"the manifest wants {one.uri} transformed; documents are signed as they are"
        raise Refused(CheckName.DOCUMENTS, words)
    if one.digest_method not in DIGESTS:
        raise Refused(CheckName.DOCUMENTS, f"digest algorithm {one.digest_method} of {one.uri} is not accepted")
    return manifest_unique_id(one.uri)


def _compared(one: Reference, content: DocumentContent | None) -> Verdict:
    if content is None:
        return Verdict.NOT_CHECKED
    hashed = DIGESTS[one.digest_method]()
    for chunk in content.chunks():
        hashed.update(chunk)
    return Verdict.PASSED if hashed.digest() == one.digest else Verdict.FAILED


def _documents_check(documents: Sequence[SignedDocument]) -> Check:
    def ids(verdict: Verdict) -> str:
        return ", ".join(one.unique_id for one in documents if one.verdict == verdict)

    verdicts = {one.verdict for one in documents}
    if Verdict.FAILED in verdicts:
        words, verdict = f"not the bytes that were signed: {ids(Verdict.FAILED)}", Verdict.FAILED
    elif Verdict.NOT_CHECKED in verdicts:
        words, verdict = f"not at hand, so not compared: {ids(Verdict.NOT_CHECKED)}", Verdict.NOT_CHECKED
    else:
        words, verdict = f"{len(documents)} as signed", Verdict.PASSED
    return Check(name=CheckName.DOCUMENTS, verdict=verdict, words=words)


def _set_check(
    unique_id: str, members: Mapping[str, str] | None, own_hash: str, documents: Sequence[SignedDocument]
) -> Check:
    """The submission holds the documents of the manifest and the signature itself, nothing more and nothing less."""
    name = CheckName.SUBMISSION_SET
    if members is None:
        words = f"not at hand, so not known whether submission {unique_id} is complete"
        return Check(name=name, verdict=Verdict.NOT_CHECKED, words=words)
    signed = {one.unique_id for one in documents}
    others = {member for member, sha1 in members.items() if sha1.lower() != own_hash}
    faults = []
    if len(others) == len(members):
        faults.append("it does not hold this signature")
    if missing := sorted(signed - others):
        faults.append(f"it lacks {', '.join(missing)}")
    if added := sorted(others - signed):
        faults.append(f"it also holds {', '.join(added)}")
    if faults:
        words = f"submission {unique_id} is not the one that was signed: {'; '.join(faults)}"
        return Check(name=name, verdict=Verdict.FAILED, words=words)
    return Check(name=name, verdict=Verdict.PASSED, words=f"submission {unique_id} is complete")
