"""The few things with two implementations, as protocols."""

from __future__ import annotations

from typing import Protocol

from xds_adapter.model import Outcome, QueryResult, StoredQuery, Submission


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
