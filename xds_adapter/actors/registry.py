"""The Document Registry: takes registrations and answers stored queries.

Source: IHE ITI TF-2 3.42 and 3.18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from xds_adapter.actors.identity import with_identities
from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.actors.lifecycle import apply_effects, effects_of
from xds_adapter.actors.single_patient import PatientsOfResult
from xds_adapter.actors.stored_queries import run_query
from xds_adapter.datatypes import DTM, is_uuid_urn
from xds_adapter.model import (
    DocumentEntry,
    Outcome,
    RegistryError,
    ReturnType,
    StoredQuery,
    Submission,
    finding,
)
from xds_adapter.rules import (
    MOST_FINDINGS,
    REGISTER,
    AffinityDomain,
    Profile,
    bounded,
    check_query,
    check_query_patients,
    check_registered,
    check_submission,
    patients_of,
)
from xds_adapter.storage import BoundDocument, Database, Row, StoredObject, Transaction, row_of

T = TypeVar("T")


class _ResultRefused(Exception):
    """A result must not be returned, which only reading it has shown."""

    def __init__(self, error: RegistryError) -> None:
        self.error = error


class DocumentRegistry:
    """The Document Registry of one database.

    Args:
        database: Where objects are kept.
        leaf: Writes and reads the stored form of an object.
        domain: Gives what the affinity domain admits now; everything unless told.
        unknown_patients: Accept patients that no identity feed has announced.
        max_query_results: More objects are no answer to a query.
        reject_queries: Refuse queries for patients that are not in force; otherwise they find nothing.
    """

    def __init__(
        self,
        database: Database,
        leaf: LeafCodec,
        *,
        domain: Callable[[], AffinityDomain] = AffinityDomain,
        unknown_patients: bool = False,
        max_query_results: int = 10_000,
        reject_queries: bool = False,
    ) -> None:
        self._database = database
        self._leaf = leaf
        self._domain = domain
        self._unknown_patients = unknown_patients
        self._max_query_results = max_query_results
        self._reject_queries = reject_queries

    def register(
        self,
        submission: Submission,
        form: Iterable[RegistryError] = (),
        *,
        documents: Sequence[BoundDocument] = (),
        profile: Profile = REGISTER,
    ) -> Outcome:
        """Record the metadata of one submission, all of it or none of it.

        A replacement (RPLC, XFRM_RPLC) deprecates the entry it replaces in the same transaction and takes its place in
        folders, see `xds_adapter.actors.lifecycle`.

        Args:
            submission: With repositoryUniqueId in each entry, hash and size in each stable one.
            form: What was found before: by the decoder, or by a repository.
            documents: Documents of a repository that shares this database; bound in the same transaction.
            profile: What the transaction asks of entries, `REGISTER_ON_DEMAND` for ITI-61.

        Returns:
            Success, or Failure with every finding; never PartialSuccess.

        Raises:
            StorageUnavailable: The database cannot be reached; nothing was written, the caller may retry.

        Source: IHE ITI TF-2 3.42.4.1.3 and 3.61.4.1.3; ITI TF-3 4.2.2.
        """
        errors = check_submission(submission, self._domain(), form, profile=profile)
        if any(error.is_error for error in errors):
            return self._refused(submission, errors)
        now = DTM.now()
        registered = with_identities(submission, now)
        rows = [row_of(o, self._leaf.encode(o)) for o in registered.objects()]

        def decide(transaction: Transaction) -> Outcome:
            found = [*errors, *self._check_state(transaction, submission)]
            found += _check_bound(transaction, documents, found)
            outcome = Outcome.of(bounded(found))
            if not outcome.is_success:
                return outcome
            effects = effects_of(transaction, registered)
            if effects.findings:
                return Outcome.of(bounded([*found, *effects.findings]))
            _record(transaction, registered, rows, documents)
            apply_effects(transaction, self._leaf, effects, now)
            return outcome

        return self._database.write(decide, scope=_scope(submission))

    def _refused(self, submission: Submission, errors: list[RegistryError]) -> Outcome:
        """Add what the state of the registry forbids, unless there are more faults already than an answer holds."""
        if len(errors) < MOST_FINDINGS:
            with self._database.reading() as transaction:
                errors += self._check_state(transaction, submission)
        return Outcome.of(bounded(errors))

    def _check_state(self, transaction: Transaction, submission: Submission) -> list[RegistryError]:
        facts = transaction.registry.facts(submission)
        return check_registered(submission, facts, unknown_patients=self._unknown_patients)

    def query(
        self,
        query: StoredQuery,
        form: Iterable[RegistryError],
        write: Callable[[Iterator[StoredObject]], T],
        *,
        multi_patient: bool = False,
    ) -> tuple[Outcome, T | None]:
        """Answer a stored query.

        Args:
            query: The query.
            form: What the decoder found wrong with its parameters.
            write: Takes the objects while they are read, and makes the answer of them; it is left by an exception when
                the result turns out to be one that must not be returned.
            multi_patient: The query came by ITI-51.

        Returns:
            The outcome and, with Success, what `write` made.

        Raises:
            StorageUnavailable: The database cannot be read.

        Source: IHE ITI TF-2 3.18.4.1.3 and 3.51.4.1.3.
        """
        errors = [*form, *check_query(query, multi_patient=multi_patient)]
        if errors:
            return Outcome.of(errors), None
        try:
            with self._database.reading() as transaction:
                errors = self._check_patients(transaction, query)
                if errors:
                    return Outcome.of(errors), None
                made = write(self._admitted(run_query(transaction.registry, query), query, multi_patient=multi_patient))
        except _ResultRefused as refused:
            return Outcome.of((refused.error,)), None
        return Outcome.of(()), made

    def _admitted(
        self, objects: Iterable[StoredObject], query: StoredQuery, *, multi_patient: bool
    ) -> Iterator[StoredObject]:
        """Pass objects on, unless there are too many or they are of several patients."""
        patients = PatientsOfResult(query)
        for number, stored in enumerate(objects, 1):
            if number > self._max_query_results:
                words = (
                    f"the result holds more than {self._max_query_results} objects; ask for a narrower one, or for"
                    " ObjectRef and then for the objects by GetDocuments"
                )
                raise _ResultRefused(finding("SQ-007", words))
            patients.add(stored)
            yield stored
        if not multi_patient and query.return_type == ReturnType.LEAF_CLASS and patients.are_several:
            words = "the result concerns several patients; ask for ObjectRef, then patient by patient"
            raise _ResultRefused(finding("SQ-006", words))

    def _check_patients(self, transaction: Transaction, query: StoredQuery) -> list[RegistryError]:
        if not self._reject_queries:
            return []
        standing = transaction.registry.standing({patient_id.key for _, patient_id in patients_of(query)})
        return list(check_query_patients(query, standing, unknown_patients=self._unknown_patients))

    def add_patients(self, patient_ids: Iterable[str]) -> int:
        """Make patients known, by `CX.key`; returns how many were new.

        Raises:
            StorageUnavailable: Nothing was written.
        """
        wanted = tuple(patient_ids)
        return self._database.write(lambda transaction: transaction.registry.add_patients(wanted), scope=wanted)


def _scope(submission: Submission) -> set[str]:
    """Patients, uniqueIds and entryUUIDs of a submission: what is registered for them meanwhile decides about it."""
    owners = [*submission.members(), *([submission.submission_set] if submission.submission_set else [])]
    patients = {owner.patient_id.key for owner in owners if owner.patient_id is not None}
    # No constraint of the database keeps objects of several kinds from having one entryUUID.
    uuids = {o.entry_uuid for o in submission.objects() if o.entry_uuid and is_uuid_urn(o.entry_uuid)}
    return patients | uuids | {owner.unique_id for owner in owners if owner.unique_id}


def _check_bound(
    transaction: Transaction, documents: Sequence[BoundDocument], found: Sequence[RegistryError]
) -> list[RegistryError]:
    """A uniqueId whose bytes are kept already must come with the same bytes, whatever the metadata say."""
    errors = []
    reported = {error.object_id for error in found if error.rule == "REG-003"}
    for document in documents:
        name = f"{DocumentEntry.__name__} {document.document_unique_id}"
        bound = transaction.documents.bound_content(document.document_unique_id)
        if bound is not None and bound != document.staged.content_id and name not in reported:
            words, value = "is stored already with other content", document.document_unique_id
            errors.append(finding("REG-003", words, object_id=name, attribute="uniqueId", value=value))
    return errors


def _record(
    transaction: Transaction, submission: Submission, rows: list[Row], documents: Sequence[BoundDocument]
) -> None:
    transaction.registry.insert(rows)
    if documents and submission.submission_set is not None:
        transaction.documents.add(documents, submission.submission_set.unique_id or "")
