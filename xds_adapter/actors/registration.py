"""How a repository has its documents registered: in this process, or elsewhere (`remote_registration`).

Source: IHE ITI TF-2 3.41.4.1.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.actors.registry import DocumentRegistry
from xds_adapter.model import Outcome, QueryResult, RegistryError, RegistryObject, StoredQuery, Submission
from xds_adapter.model.change import changed
from xds_adapter.storage import BoundDocument, StoredObject


class Registration(Protocol):
    """How a repository has its documents registered."""

    def register(
        self, submission: Submission, form: Iterable[RegistryError], documents: Sequence[BoundDocument]
    ) -> Outcome:
        """Register a submission and bind its documents, both or neither.

        Args:
            submission: With hash, size and repositoryUniqueId filled in.
            form: Findings so far; any error among them refuses the submission.
            documents: Staged documents.
        """
        ...

    def query(self, query: StoredQuery) -> QueryResult:
        """Ask the registry.

        Raises:
            TransportFailed: A registry elsewhere did not answer.
            RemoteFault: It answered, but not with a query response.
        """
        ...


class LocalRegistration:
    """Registers in this process: metadata and bindings in one database transaction."""

    def __init__(self, registry: DocumentRegistry, leaf: LeafCodec) -> None:
        self._registry = registry
        self._leaf = leaf

    def register(
        self, submission: Submission, form: Iterable[RegistryError], documents: Sequence[BoundDocument]
    ) -> Outcome:
        """See `Registration`."""
        return self._registry.register(submission, form, documents=documents)

    def query(self, query: StoredQuery) -> QueryResult:
        """See `Registration`."""
        outcome, found = self._registry.query(query, (), self._decoded)
        return QueryResult.of(outcome, found or ())

    def _decoded(self, stored: Iterable[StoredObject]) -> list[RegistryObject]:
        return [changed(self._leaf.decode(one.leaf), availability_status=one.status) for one in stored]
