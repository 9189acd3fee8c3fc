"""The few things with two implementations, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from xds_adapter.model import (
    DocumentContent,
    DocumentEntry,
    Outcome,
    QueryResult,
    RegistryError,
    StoredQuery,
    Submission,
)


class RegistryPort(Protocol):
    """A Document Registry that lies elsewhere, as a repository sees it.

    Source: IHE ITI TF-2 3.42 and 3.18.
    """

    def register(self, submission: Submission) -> Outcome:
        """Register by ITI-42.

        Raises:
            TransportFailed: Nothing is known of the outcome, unless its `sent` is False.
            RemoteFault: The peer answered, but not with a registry response.
        """
        ...

    def query(self, query: StoredQuery) -> QueryResult:
        """Ask by ITI-18.

        Raises:
            TransportFailed: No answer.
            RemoteFault: The peer answered, but not with a query response.
        """
        ...


class DocumentAssembly(Protocol):
    """What makes the documents of on-demand entries.

    Source: IHE ITI TF-1 10.2.7 (On-Demand Documents); ITI TF-2 3.43.4.1.3.
    """

    def assemble(self, entry: DocumentEntry, new_document_unique_id: str) -> AbstractContextManager[DocumentContent]:
        """Make the document of an entry as it is now; its bytes are there until the context is left.

        Args:
            entry: The on-demand entry.
            new_document_unique_id: What the document will be known by, unless its bytes are those of an earlier one.

        Raises:
            AssemblyFailed: There is no document now.
            StorageUnavailable: The bytes cannot be kept.
        """
        ...


class DocumentCheck(Protocol):
    """What judges the content of submitted documents.

    Source: IHE ITI TF-2 3.41.4.1.3; ITI TF-3 Table 4.2.4.1-2 (InvalidDocumentContent).
    """

    def check(self, entry: DocumentEntry, content: DocumentContent) -> Sequence[RegistryError]:
        """Judge a document before anything of its submission is stored.

        It may take seconds, and several threads may ask at the same time.

        Args:
            entry: What its source says of it.
            content: Its bytes; they are read in pieces.

        Returns:
            What is wrong: an error refuses the submission, a warning goes with the answer. Nothing for a document of
            which this check knows no rules.
        """
        ...
