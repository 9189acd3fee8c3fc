"""Make submissions from files: CDA by its header, anything else by metadata given beside it.

    file (+ metadata)  --prepare-->  PreparedDocument
    PreparedDocument.. --submission_of-->  Submission, with RPLC associations for what is replaced

Source: IHE ITI TF-2 3.41.4.1.2; ANS guide to the transmission of CDA R2 documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from xds_adapter.cda.description import read_description
from xds_adapter.cda.given import contradiction, joined
from xds_adapter.cda.header import Header
from xds_adapter.cda.metadata import Derived, document_entry, masked, masking_codes, unique_id
from xds_adapter.cda.submission import SubmissionSettings, submission
from xds_adapter.client.consumer import DocumentConsumer
from xds_adapter.client.replacement import Replacement, replaced_entries
from xds_adapter.datatypes import Coded
from xds_adapter.errors import CdaInvalid, ConfigError
from xds_adapter.model import DocumentEntry, Submission
from xds_adapter.soap import FileContent
from xds_adapter.vocabulary.cda import CDA_MIME_TYPE, MASKING, SELF_PRESENTING_MIME_TYPE

__all__ = [
    "PreparedDocument",
    "SubmissionSettings",
    "derive",
    "prepare",
    "submission_from_cda",
    "submission_from_file",
    "submission_of",
]

_PROBE = 4096
_XML_TYPES = (CDA_MIME_TYPE, "application/xml", SELF_PRESENTING_MIME_TYPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDocument:
    """A file with its metadata, ready for a submission.

    Attributes:
        replaces: uniqueId of the document that it says it replaces (relatedDocument), or None.
        masking_chosen: The caller said from whom it is hidden; otherwise it is hidden like the one that it replaces.
    """

    derived: Derived
    content: FileContent
    replaces: str | None
    masking_chosen: bool = False

    @property
    def unique_id(self) -> str:
        """Its uniqueId; empty when nothing says it."""
        return self.derived.entry.unique_id or ""

    @property
    def is_cda(self) -> bool:
        """True when its metadata come from its own header."""
        return self.derived.header.document_id is not None


def derive(path: Path | str) -> tuple[Derived, FileContent]:
    """Derive the DocumentEntry of a CDA file, with size and hash.

    Raises:
        CdaInvalid: It is no CDA document, or lacks what XDS needs; all that is missing is named.
        MalformedMessage: The XML cannot be read.
    """
    prepared = prepare(path)
    return prepared.derived, prepared.content


def prepare(
    path: Path | str, *, entry: DocumentEntry | None = None, masking: Sequence[str] | None = None
) -> PreparedDocument:
    """Read a file and make its metadata.

    Args:
        path: The document.
        entry: Metadata given by hand: all there are for a document that is no CDA; for CDA, what is added to its
            header.
        masking: From whom the DMP hides the document, e.g. ``MASQUE_PS``; it stands in the metadata only. None: as
            `entry` says, or like the document that it replaces; empty: it is not hidden.

    Raises:
        CdaInvalid: Without `entry` it is no CDA document, or it lacks what XDS needs; or what was given contradicts
            the document, with both values.
        MalformedMessage: The XML cannot be read.
        ConfigError: There is no such masking code.
    """
    content = FileContent(Path(path))
    codes = masking_codes(masking or ())
    given = {} if entry is None else _stated(entry)
    old = None
    if entry is not None and not _is_cda(content, entry):
        derived = _by_hand(content, entry, given, codes)
    else:
        description = read_description(content.chunks)
        header = description.header
        derived = document_entry(description, sha1=content.sha1, size=content.size, masking=codes, overrides=given)
        old = unique_id(header.replaced_document) if header.replaced_document else None
    chosen = masking is not None or bool(_masks(derived.entry))
    return PreparedDocument(derived=derived, content=content, replaces=old, masking_chosen=chosen)


def _masks(entry: DocumentEntry) -> tuple[Coded, ...]:
    return tuple(code for code in entry.confidentiality_codes if code.scheme == MASKING)


def _stated(entry: DocumentEntry) -> dict[str, object]:
    """What an entry says, by field; its symbolic id is ours to choose."""
    empty = DocumentEntry()
    names = (field.name for field in fields(entry) if field.name != "entry_uuid")
    return {name: getattr(entry, name) for name in names if getattr(entry, name) != getattr(empty, name)}


def _is_cda(content: FileContent, entry: DocumentEntry) -> bool:
    """Tell by its start whether a file with metadata of its own is CDA; other XML is a document like any other."""
    mime_type = (entry.mime_type or CDA_MIME_TYPE).lower()
    if mime_type not in _XML_TYPES:
        return False
    beginning = next(content.chunks(), b"")
    # A self-presenting document begins with its stylesheet.
    return b"ClinicalDocument" in (beginning if mime_type == SELF_PRESENTING_MIME_TYPE else beginning[:_PROBE])


def _by_hand(
    content: FileContent, entry: DocumentEntry, given: Mapping[str, object], masking: tuple[Coded, ...]
) -> Derived:
    """The entry of a document of which nothing but its bytes is known."""
    counted: dict[str, object] = {"hash": content.sha1, "size": content.size}
    clashes = [(name, joined(name, counted[name], given[name])[1]) for name in counted if name in given]
    faults = tuple(contradiction(name, clash, "its bytes") for name, clash in clashes if clash)
    if faults:
        raise CdaInvalid(faults)
    confidentiality = masked(entry.confidentiality_codes, masking)
    values: dict[str, Any] = {**given, **counted, "confidentiality_codes": confidentiality, "entry_uuid": "Document01"}
    return Derived(entry=DocumentEntry(**values), sources={}, header=Header())


def submission_of(
    documents: Sequence[PreparedDocument],
    settings: SubmissionSettings | None = None,
    *,
    replaces: Mapping[str, str] | None = None,
    registry: DocumentConsumer | None = None,
) -> Submission:
    """Make the submission of prepared documents of one patient; all of them are stored, or none.

    Args:
        documents: What `prepare` gave.
        settings: What the sender sets once.
        replaces: uniqueId of a new document to the uniqueId of the one that it replaces; None: as the documents say
            themselves (relatedDocument). An empty mapping: none replaces anything.
        registry: Where the entries of the old documents are looked up.

    Raises:
        CdaInvalid: The documents are of several patients.
        SubmissionRefused: An old document is unknown, was replaced before or is of another patient.
        ConfigError: A document replaces another and there is no registry to look that one up.
        RemoteRefusal, TransportFailed, RemoteFault: The registry could not be asked.
    """
    entries = {one.unique_id: one.derived.entry for one in documents}
    if replaces is None:
        replaces = {one.unique_id: one.replaces for one in documents if one.replaces}
    wanted = [Replacement(entry=entries[new], replaced=old) for new, old in replaces.items()]
    if wanted and registry is None:
        raise ConfigError(
            f"{wanted[0].entry.unique_id} replaces {wanted[0].replaced}: a registry must look that one up"
        )
    olds = replaced_entries(wanted, registry) if registry else {}
    derived = [_hidden_like(one, olds.get(one.unique_id)) for one in documents]
    links = {new: str(old.entry_uuid) for new, old in olds.items()}
    return submission(derived, settings, contents=[one.content for one in documents], replaces=links)


def _hidden_like(document: PreparedDocument, old: DocumentEntry | None) -> Derived:
    """Keep hidden what was hidden: a correction must not show the patient what was to be announced first."""
    if old is None or document.masking_chosen:
        return document.derived
    codes = masked(document.derived.entry.confidentiality_codes, _masks(old))
    return replace(document.derived, entry=replace(document.derived.entry, confidentiality_codes=codes))


def submission_from_cda(
    path: Path | str,
    settings: SubmissionSettings | None = None,
    *,
    masking: Sequence[str] | None = None,
    registry: DocumentConsumer | None = None,
) -> Submission:
    """Make the submission of one CDA file; its metadata come from its header.

    A document that says that it replaces another (relatedDocument) gets the RPLC association to that one's entry.

    Args:
        path: The document.
        settings: What the sender sets once.
        masking: From whom the DMP hides the document, as in `prepare`.
        registry: Where the entry of the old document is looked up; needed when there is one.

    Raises: As `prepare` and `submission_of`.
    """
    return submission_of([prepare(path, masking=masking)], settings, registry=registry)


def submission_from_file(
    path: Path | str,
    entry: DocumentEntry,
    settings: SubmissionSettings | None = None,
    *,
    masking: Sequence[str] | None = None,
    replaces: str | None = None,
    registry: DocumentConsumer | None = None,
) -> Submission:
    """Make the submission of one file of any MIME type with metadata given by hand.

    Args:
        path: The document.
        entry: Its metadata; size and hash are taken from the file. For CDA, what is added to its header.
        settings: What the sender sets once.
        masking: From whom the DMP hides the document, as in `prepare`.
        replaces: uniqueId of the document that it replaces.
        registry: Where the entry of that one is looked up.

    Raises: As `prepare` and `submission_of`.
    """
    document = prepare(path, entry=entry, masking=masking)
    olds = None if replaces is None else {document.unique_id: replaces}
    return submission_of([document], settings, replaces=olds, registry=registry)
