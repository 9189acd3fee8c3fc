"""The Document Registry: takes registrations and answers stored queries.

Source: IHE ITI TF-2 3.42 and 3.18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from xds_adapter.actors.identity import with_identities
from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.actors.lifecycle import apply_effects, effects_of
from xds_adapter.actors.stored_queries import run_query
from xds_adapter.datatypes import DTM
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
    check_registered,
    check_submission,
)
from xds_adapter.storage import BoundDocument, Database, Row, StoredObject, Transaction, row_of


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The answer to a stored query: an outcome and the objects in their stored form."""

    outcome: Outcome
    objects: Sequence[StoredObject] = ()
    return_type: str = ReturnType.LEAF_CLASS


class DocumentRegistry:
    """The Document Registry of one database.

    Args:
        database: Where objects are kept.
        leaf: Writes and reads the stored form of an object.
        domain: Gives what the affinity domain admits now; everything unless told.
        unknown_patients: Accept patients that no identity feed has announced.
    """

    def __init__(
        self,
        database: Database,
        leaf: LeafCodec,
        *,
        domain: Callable[[], AffinityDomain] = AffinityDomain,
        unknown_patients: bool = False,
    ) -> None:
        self._database = database
        self._leaf = leaf
        self._domain = domain
        self._unknown_patients = unknown_patients

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

    def query(self, query: StoredQuery, form: Iterable[RegistryError] = ()) -> QueryAnswer:
        """Answer a stored query.

        Args:
            query: The query.
            form: What the decoder found wrong with its parameters.

        Raises:
            StorageUnavailable: The database cannot be read.

        Source: IHE ITI TF-2 3.18.4.1.3.
        """
        errors = [*form, *check_query(query)]
        if errors:
            return QueryAnswer(Outcome.of(errors))
        with self._database.reading() as transaction:
            objects = run_query(transaction.registry, query)
        patients = {o.patient_id for o in objects if o.patient_id}
        if len(patients) > 1 and query.return_type == ReturnType.LEAF_CLASS:
            words = f"the result concerns {len(patients)} patients; ask for ObjectRef, then patient by patient"
            return QueryAnswer(Outcome.of([finding("SQ-006", words)]))
        return QueryAnswer(Outcome.of(()), objects, query.return_type)

    def add_patients(self, patient_ids: Iterable[str]) -> int:
        """Make patients known, by `CX.key`; returns how many were new.

        Raises:
            StorageUnavailable: Nothing was written.
        """
        wanted = tuple(patient_ids)
        return self._database.write(lambda transaction: transaction.registry.add_patients(wanted), scope=wanted)


def _scope(submission: Submission) -> set[str]:
    """The patients and uniqueIds of a submission: what is registered for them meanwhile decides about it."""
    owners = [*submission.members(), *([submission.submission_set] if submission.submission_set else [])]
    patients = {owner.patient_id.key for owner in owners if owner.patient_id is not None}
    return patients | {owner.unique_id for owner in owners if owner.unique_id}


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
