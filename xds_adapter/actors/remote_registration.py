"""Register at another registry, and never guess what came of it.

Bytes are committed as pending before ITI-42 is sent. Success binds them, Failure drops them. When the answer does not
come, they stay pending: the client hears XDSRegistryNotAvailable, and `settle` asks the registry by ITI-18
GetDocuments, at intervals and after a restart, until it knows.

Source: IHE ITI TF-2 3.41.4.1.3; see docs/decisions for the choice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from xds_adapter.errors import RemoteFault, StorageUnavailable, TransportFailed
from xds_adapter.model import Outcome, ParameterSlot, QueryResult, RegistryError, StoredQuery, Submission, finding
from xds_adapter.ports import RegistryPort
from xds_adapter.rules import AffinityDomain, bounded, check_submission
from xds_adapter.storage import BoundDocument, Database, PendingDocument
from xds_adapter.vocabulary.stored_queries import GET_DOCUMENTS

LOG = logging.getLogger("xds_adapter.actors")

_NOT_PROCESSED = frozenset(
    {
        "Sender",
        "MustUnderstand",
        "VersionMismatch",
        # Subcodes of Sender.
        "ActionNotSupported",
        "DestinationUnreachable",
        "InvalidAddressingHeader",
        "MessageAddressingHeaderRequired",
        "OnlyAnonymousAddressSupported",
    }
)
"""SOAP fault codes by which a peer says that it did not act on the message.

Source: SOAP 1.2 part 1, section 5.4.6; WS-Addressing 1.0 SOAP Binding section 6.4.
"""


class RemoteRegistration:
    """Registers by ITI-42.

    Args:
        registry: The other registry.
        database: The repository's own.
        repository_unique_id: What tells our entries from others.
        domain: Gives what is admitted now, for the findings that can be given without the registry.
        grace_s: For so many seconds after its connection broke, or after a restart, a registration may still be on its
            way; an entry that is not found before is no proof that there will be none.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        registry: RegistryPort,
        database: Database,
        repository_unique_id: str,
        *,
        domain: Callable[[], AffinityDomain] = AffinityDomain,
        grace_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._database = database
        self._repository_unique_id = repository_unique_id
        self._domain = domain
        self._grace_s = grace_s
        self._clock = clock
        self._started = clock()
        self._in_flight: Counter[str] = Counter()
        self._unknown_since: dict[int, float] = {}
        self._guard = threading.Lock()

    def register(
        self, submission: Submission, form: Iterable[RegistryError], documents: Sequence[BoundDocument]
    ) -> Outcome:
        """See `Registration`.

        Raises:
            StorageUnavailable: The repository's own database cannot serve.
        """
        errors = list(form)
        if any(error.is_error for error in errors):
            return Outcome.of(bounded(check_submission(submission, self._domain(), errors)))
        if self._unsettled(documents):
            return _not_available("an earlier submission of the same document is not settled yet")
        submission_id = (submission.submission_set and submission.submission_set.unique_id) or ""
        with self._sending(submission_id):
            row_ids = self._database.write(
                lambda transaction: transaction.documents.add_pending(documents, submission_id),
                scope=[document.document_unique_id for document in documents],
            )
            return self._send(submission, row_ids, errors)

    def query(self, query: StoredQuery) -> QueryResult:
        """See `Registration`."""
        return self._registry.query(query)

    @contextmanager
    def _sending(self, submission_id: str) -> Iterator[None]:
        """Keep `settle` from judging what is still being sent."""
        with self._guard:
            self._in_flight[submission_id] += 1
        try:
            yield
        finally:
            with self._guard:
                self._in_flight[submission_id] -= 1
                if not self._in_flight[submission_id]:
                    del self._in_flight[submission_id]

    def _send(self, submission: Submission, row_ids: list[int], errors: list[RegistryError]) -> Outcome:
        try:
            outcome = self._registry.register(submission)
        except TransportFailed as error:
            if not error.sent:
                self._drop(row_ids)
                return _not_available("the registry cannot be reached; nothing was stored")
            self._leave_open(row_ids)
            return _not_available("the registry did not answer; the outcome will be settled when it does")
        except RemoteFault as error:
            if error.code in _NOT_PROCESSED:
                self._drop(row_ids)
                return _not_available(f"the registry did not process the message: {error.reason}")
            self._leave_open(row_ids)
            return _not_available("the registry answered without a result; the outcome will be settled")
        try:
            if outcome.is_success:
                self._bind(row_ids)
            else:
                self._drop(row_ids)
        except StorageUnavailable as error:
            # The registry has decided and the bytes are safe and retrievable as they are: `settle` will note it.
            LOG.warning("the registry's decision cannot be noted now: %s", error)
            self._leave_open(row_ids)
        return Outcome(outcome.status, (*errors, *outcome.errors))

    def _leave_open(self, row_ids: list[int]) -> None:
        now = self._clock()
        with self._guard:
            self._unknown_since.update(dict.fromkeys(row_ids, now))

    def _may_arrive(self, pending: PendingDocument) -> bool:
        """Tell whether the registration may still be on its way; what an earlier process left counts from our start."""
        with self._guard:
            since = self._unknown_since.get(pending.row_id, self._started)
        return self._clock() - since < self._grace_s

    def _close(self, row_id: int) -> None:
        with self._guard:
            self._unknown_since.pop(row_id, None)

    def _bind(self, row_ids: list[int]) -> None:
        self._database.write(lambda transaction: transaction.documents.bind_pending(row_ids))

    def _drop(self, row_ids: list[int]) -> None:
        orphans = self._database.write(lambda transaction: transaction.documents.drop_pending(row_ids))
        self._database.collect(orphans)

    def _unsettled(self, documents: Sequence[BoundDocument]) -> bool:
        """Tell whether one of these documents has an open outcome that cannot be settled now."""
        wanted = {document.document_unique_id for document in documents}
        if not any(pending.document_unique_id in wanted for pending in self._open()):
            return False
        self.settle()
        return any(pending.document_unique_id in wanted for pending in self._open())

    def _open(self) -> list[PendingDocument]:
        with self._database.reading() as transaction:
            pending = transaction.documents.pending()
        # Read before asking who is sending: what was sent meanwhile is judged next time.
        with self._guard:
            return [p for p in pending if p.submission_id not in self._in_flight]

    def settle(self) -> int:
        """Ask the registry about every open outcome.

        Returns:
            How many remain open.

        Raises:
            StorageUnavailable: The repository's own database cannot serve.
        """
        pending, settled = self._open(), 0
        for document in pending:
            try:
                registered = self._is_registered(document)
            except TransportFailed:
                # The others would wait for the same registry, one after the other.
                return len(pending) - settled
            except RemoteFault:
                continue
            if registered:
                self._bind([document.row_id])
            elif self._may_arrive(document):
                continue
            else:
                self._drop([document.row_id])
            self._close(document.row_id)
            settled += 1
        return len(pending) - settled

    def _is_registered(self, pending: PendingDocument) -> bool:
        slot = ParameterSlot((pending.document_unique_id,), listed=True)
        query = StoredQuery(query_id=GET_DOCUMENTS.query_id, parameters={"$XDSDocumentEntryUniqueId": (slot,)})
        result = self._registry.query(query)
        if not result.outcome.is_success:
            raise RemoteFault("the registry does not answer GetDocuments")
        return any(
            entry.repository_unique_id == self._repository_unique_id
            and entry.unique_id == pending.document_unique_id
            and (entry.hash or "").lower() == pending.sha1
            for entry in result.document_entries
        )


def _not_available(words: str) -> Outcome:
    return Outcome.of([finding("REPO-006", words)])
