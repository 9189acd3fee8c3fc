"""Make submissions from files: CDA by its header, anything else by metadata given beside it.

Source: IHE ITI TF-2 3.41.4.1.2; ANS guide to the transmission of CDA R2 documents.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xds_adapter.cda.header import Header, read_header
from xds_adapter.cda.metadata import Derived, document_entry
from xds_adapter.cda.submission import SubmissionSettings, submission
from xds_adapter.model import DocumentEntry, Submission
from xds_adapter.soap import FileContent

__all__ = ["SubmissionSettings", "derive", "submission_from_cda", "submission_from_file"]


def derive(path: Path | str) -> tuple[Derived, FileContent]:
    """Derive the DocumentEntry of a CDA file, with size and hash.

    Raises:
        CdaInvalid: It is no CDA document, or lacks what XDS needs; all that is missing is named.
        MalformedMessage: The XML cannot be read.
    """
    content = FileContent(Path(path))
    header = read_header(content.chunks())
    return document_entry(header, sha1=content.sha1, size=content.size), content


def submission_from_cda(path: Path | str, settings: SubmissionSettings | None = None) -> Submission:
    """Make the submission of one CDA file; its metadata come from its header.

    Args:
        path: The document.
        settings: What the sender sets once.

    Raises:
        CdaInvalid: It is no CDA document, or lacks what XDS needs; all that is missing is named.
        MalformedMessage: The XML cannot be read.
    """
    derived, content = derive(path)
    return submission([derived], settings, contents=[content])


def submission_from_file(
    path: Path | str, entry: DocumentEntry, settings: SubmissionSettings | None = None
) -> Submission:
    """Make the submission of one file of any MIME type with metadata given by hand.

    Args:
        path: The document.
        entry: Its metadata; size and hash are taken from the file.
        settings: What the sender sets once.
    """
    content = FileContent(Path(path))
    complete = replace(entry, entry_uuid="Document01", hash=content.sha1, size=content.size)
    derived = Derived(entry=complete, sources={}, header=Header())
    return submission([derived], settings, contents=[content])
