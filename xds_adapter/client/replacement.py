"""Replace a document: which registered entry the RPLC association of a submission points to, and whether it may.

A document names the one that it replaces by its uniqueId; the association needs the entryUUID, which only the
registry knows. What the registry would refuse is refused here, with words, before anything is sent.

Source: IHE ITI TF-3 4.2.2.2.3 (RPLC); IHE ITI TF-2 3.42.4.1.3.5; ANS guide to the transmission of CDA R2 documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xds_adapter.client.consumer import DocumentConsumer
from xds_adapter.errors import ConfigError
from xds_adapter.model import DocumentEntry, Outcome, RegistryError
from xds_adapter.model.outcome import SubmissionRefused
from xds_adapter.vocabulary.ebrim import AssociationType
from xds_adapter.vocabulary.error_codes import XdsErrorCode
from xds_adapter.vocabulary.status import AvailabilityStatus

NOTHING = "none"
"""In place of a uniqueId: the document is a first version here, whatever it says of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One document that is to take the place of another.

    Attributes:
        entry: The new document.
        replaced: uniqueId of the old one.
    """

    entry: DocumentEntry
    replaced: str


def assign(said: Sequence[tuple[str, str | None]], wanted: Sequence[str]) -> list[str | None]:
    """Say for each document which one it replaces.

    Args:
        said: Name of each document, with the uniqueId that it replaces by its own words (relatedDocument) or None.
        wanted: uniqueIds that the caller wants replaced: each goes to the document that names it, the others in
            order to the documents that name none; or `NOTHING` alone.

    Returns:
        In the order of `said`: a uniqueId, or None for a first version.

    Raises:
        ConfigError: A document names another one than the caller, with both values; or it is not clear which
            document is meant.
    """
    olds = [old for _, old in said]
    if not wanted:
        return olds
    if NOTHING in wanted:
        if len(wanted) > 1:
            raise ConfigError(f"--replace {NOTHING} cannot stand beside another --replace")
        return [None] * len(said)
    unnamed = [unique_id for unique_id in wanted if unique_id not in olds]
    other = [f"{name} replaces {old} (relatedDocument)" for name, old in said if old and old not in wanted]
    if other:
        raise ConfigError(f"{'; '.join(other)}, not {', '.join(unnamed or wanted)} as --replace says")
    if unnamed and len(unnamed) != olds.count(None):
        raise ConfigError(
            f"--replace {', '.join(unnamed)}: it is not clear which file is meant; give one --replace for each"
        )
    rest = iter(unnamed)
    return [old or next(rest, None) for old in olds]


def replaced_entries(replacements: Sequence[Replacement], registry: DocumentConsumer) -> dict[str, DocumentEntry]:
    """Look the old entries up and check that they may be replaced.

    Args:
        replacements: The new documents with the uniqueIds of the old ones.
        registry: Where the old ones are registered.

    Returns:
        uniqueId of each new document to the entry of the one that it replaces.

    Raises:
        SubmissionRefused: An old document is unknown, was replaced before, or is of another patient, or a new one is
            registered already; all reasons. Nothing was sent.
        RemoteRefusal, TransportFailed, RemoteFault: The registry could not be asked.

    Source: IHE ITI TF-2 3.42.4.1.3.5.
    """
    if not replacements:
        return {}
    asked = {unique_id for one in replacements for unique_id in (one.replaced, one.entry.unique_id or "")}
    known = {str(entry.unique_id): entry for entry in _latest(registry.get_documents(sorted(asked)))}
    errors = [error for one in replacements for error in _faults(one, known, registry)]
    if errors:
        raise SubmissionRefused(Outcome.of(errors))
    return {str(one.entry.unique_id): known[one.replaced] for one in replacements}


def _latest(entries: Iterable[DocumentEntry]) -> Iterator[DocumentEntry]:
    """Order entries so that the approved one of several with one uniqueId comes last, and counts."""
    return iter(sorted(entries, key=lambda entry: entry.availability_status == AvailabilityStatus.APPROVED))


def _faults(
    one: Replacement, known: Mapping[str, DocumentEntry], registry: DocumentConsumer
) -> Iterator[RegistryError]:
    new, old = str(one.entry.unique_id), known.get(one.replaced)
    if new in known:
        yield _error(
            XdsErrorCode.DUPLICATE_UNIQUE_ID_IN_REGISTRY, new, f"{new} is registered already; nothing is left to do"
        )
    elif old is None:
        words = (
            f"{one.replaced}, which it replaces, is not in the registry; --replace {NOTHING} submits it all the same"
        )
        yield _error(XdsErrorCode.UNRESOLVED_REFERENCE, new, words)
    elif old.availability_status != AvailabilityStatus.APPROVED:
        by = _successor(old, registry)
        words = (
            f"{one.replaced} was replaced by {by} before; correct that one"
            if by
            else f"{one.replaced} is no longer valid"
        )
        yield _error(XdsErrorCode.REGISTRY_DEPRECATED_DOCUMENT, new, words)
    elif old.patient_id and one.entry.patient_id and old.patient_id.key != one.entry.patient_id.key:
        words = f"{one.replaced} is of the patient {old.patient_id}, this document of {one.entry.patient_id}"
        yield _error(XdsErrorCode.PATIENT_ID_DOES_NOT_MATCH, new, words)


def _error(code: XdsErrorCode, unique_id: str, words: str) -> RegistryError:
    return RegistryError(code=code, code_context=words, location=f"document {unique_id}", object_id=unique_id)


def _successor(old: DocumentEntry, registry: DocumentConsumer) -> str:
    """The uniqueId of the document that replaced another; empty when the registry tells of none."""
    related = registry.get_related_documents(str(old.entry_uuid), (AssociationType.RPLC, AssociationType.XFRM_RPLC))
    sources = {link.source_object for link in related.associations if link.target_object == old.entry_uuid}
    return next((str(entry.unique_id) for entry in related.document_entries if entry.entry_uuid in sources), "")
