"""The Document Registry's side of Metadata Update, and the Update Responder of Restricted Metadata Update.

Source: IHE ITI supplements XDS Metadata Update, 3.57, and Restricted Metadata Update, 3.92.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.actors.update_effects import UpdateEffects
from xds_adapter.actors.update_facts import update_facts
from xds_adapter.datatypes import DTM
from xds_adapter.model import Outcome, RegistryError, Submission
from xds_adapter.model.update import UpdateFacts, UpdatePlan
from xds_adapter.rules import MOST_FINDINGS, AffinityDomain, bounded, check_update, check_updated
from xds_adapter.storage import Database, Transaction


class MetadataUpdate:
    """Takes updates of what one database holds.

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

    def update(self, submission: Submission, form: Iterable[RegistryError] = ()) -> Outcome:
        """Carry out the operations of one submission (ITI-57), all of them or none.

        The operations may change documents' metadata, never the documents: what is bound to a uniqueId stays.

        Args:
            submission: Its operations are found by their triggers, see `xds_adapter.model.update`.
            form: What the decoder found.

        Returns:
            Success, or Failure with every finding.

        Raises:
            StorageUnavailable: The database cannot be reached; nothing was written, the caller may retry.

        Source: IHE ITI supplement XDS Metadata Update, 3.57.4.1.3.
        """
        return self._run(submission, form, restricted=False)

    def restricted_update(self, submission: Submission, form: Iterable[RegistryError] = ()) -> Outcome:
        """Take new versions of DocumentEntries (ITI-92), all of them or none.

        A new version takes over the status of the former one, and what identifies the document and its patient stays.

        Args:
            submission: With new versions of DocumentEntries only.
            form: What the decoder found.

        Returns:
            Success, or Failure with every finding.

        Raises:
            StorageUnavailable: The database cannot be reached; nothing was written, the caller may retry.

        Source: IHE ITI supplement Restricted Metadata Update, 3.92.4.1.3.
        """
        return self._run(submission, form, restricted=True)

    def _run(self, submission: Submission, form: Iterable[RegistryError], *, restricted: bool) -> Outcome:
        plan = UpdatePlan.of(submission)
        errors = check_update(submission, plan, self._domain(), form, restricted=restricted)
        now = DTM.now()

        def check(transaction: Transaction) -> tuple[UpdateFacts, list[RegistryError]]:
            facts = update_facts(transaction, self._leaf, submission, plan)
            found = check_updated(
                submission, plan, facts, unknown_patients=self._unknown_patients, restricted=restricted
            )
            return facts, [*errors, *found]

        def decide(transaction: Transaction) -> Outcome:
            facts, found = check(transaction)
            outcome = Outcome.of(bounded(found))
            if outcome.is_success:
                UpdateEffects(submission, plan, facts, now, keeps_status=restricted).write(transaction, self._leaf)
            return outcome

        if not any(error.is_error for error in errors):
            return self._database.write(decide)
        if len(errors) < MOST_FINDINGS:
            with self._database.reading() as transaction:
                errors = check(transaction)[1]
        return Outcome.of(bounded(errors))
