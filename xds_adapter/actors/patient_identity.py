"""The patient identity feed of a Document Registry: new patients, and merges that rewrite what is registered.

A merge is one transaction: the pair is recorded and every object of the subsumed patient is written anew under the
surviving identifier, so that whatever is answered afterwards shows that one only. Nothing of it can be undone.

Source: IHE ITI TF-2 3.8.4 and 3.44.4.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xds_adapter.actors.leaf import LeafCodec
from xds_adapter.datatypes import CX, HD
from xds_adapter.model import Association, IdentityMessage, Refusal
from xds_adapter.rules import AffinityDomain, FeedDomain, FeedPlan, ResolvedChange
from xds_adapter.storage import Database, Transaction, row_of
from xds_adapter.storage.patients import OWNED, KeptAnswer
from xds_adapter.vocabulary.identity_feed import FeedEvent

LOG = logging.getLogger("xds_adapter.actors")

_BATCH = 200
"""So many objects are in memory at once while a patient is rewritten."""

Refusals = Sequence[Refusal]


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What came of a message.

    Attributes:
        text: The acknowledgement.
        accepted: It was taken, now or when it came first.
        repeated: It came before and had no further effect.
    """

    text: str
    accepted: bool
    repeated: bool = False


class PatientIdentityFeed:
    """Takes the messages of a Patient Identity Source.

    Args:
        database: The registry's.
        leaf: Reads and writes the stored form of an object.
        domain: Gives the domain whose assigning authorities count; all do when neither it nor `assigning_authority`
            names one.
        assigning_authority: The authority that an identifier without OID belongs to when it has no namespace either, or
            the namespace of this one. None: the one authority of the domain, if it has one.
        unknown_patients: Patients that nobody has announced are as good as known.
    """

    def __init__(
        self,
        database: Database,
        leaf: LeafCodec,
        *,
        domain: Callable[[], AffinityDomain] = AffinityDomain,
        assigning_authority: HD | None = None,
        unknown_patients: bool = False,
    ) -> None:
        self._database = database
        self._leaf = leaf
        self._domain = domain
        self._assigning_authority = assigning_authority
        self._unknown_patients = unknown_patients

    def receive(self, message: IdentityMessage, answer: Callable[[Refusals], str]) -> FeedAnswer:
        """Act on one message, on all of it or on nothing; a repeat gets the first answer and has no further effect.

        What was refused is judged again, for what it lacked may have come meanwhile.

        Args:
            message: The message.
            answer: Writes the acknowledgement; it is kept with the message.

        Raises:
            StorageUnavailable: Nothing was written, the sender may retry.

        Source: IHE ITI TF-2 3.8.4.1.4, 3.8.4.2.4, 3.44.4.1.4, 3.44.4.2.4.
        """
        ours = FeedDomain.of(self._domain().assigning_authorities, self._assigning_authority)
        changes = [ours.resolve(change) for change in message.changes]

        def act(transaction: Transaction) -> tuple[FeedAnswer, Refusals]:
            former = transaction.patients.answer_to(message.message_key, message.content_hash)
            if former is not None and former.accepted:
                return FeedAnswer(former.text, accepted=True, repeated=True), ()
            plan = self._plan(transaction, changes)
            # A merge that came before its patients had no effect, so it may be right when it is sent again.
            if former is not None and plan.refusals:
                return FeedAnswer(former.text, accepted=False, repeated=True), plan.refusals
            if not plan.refusals:
                self._carry_out(transaction, plan)
            made = FeedAnswer(answer(plan.refusals), accepted=not plan.refusals)
            kept = KeptAnswer(made.text, made.accepted)
            transaction.patients.keep_answer(message.message_key, message.content_hash, kept)
            return made, plan.refusals

        merges = any(change.event is FeedEvent.MERGE for change in changes)
        patients = {key for change in changes for key in change.patients.values()}
        made, refusals = self._database.write(act, scope=None if merges else {message.message_key, *patients})
        if refusals:
            causes = ", ".join(sorted({refusal.cause for refusal in refusals}))
            LOG.info("a message of the patient identity feed is refused: %s", causes)
        return made

    def _plan(self, transaction: Transaction, changes: Sequence[ResolvedChange]) -> FeedPlan:
        wanted = {key for change in changes for ids in (change.patients, change.subsumed) for key in ids.values()}
        plan = FeedPlan(transaction.registry.standing(wanted), unknown_patients=self._unknown_patients)
        for position, change in enumerate(changes, 1):
            plan.add(position, change)
        return plan

    def _carry_out(self, transaction: Transaction, plan: FeedPlan) -> None:
        transaction.registry.add_patients(plan.new)
        for subsumed, surviving in plan.merges:
            transaction.patients.merge(subsumed, surviving)
            for kind in OWNED:
                self._rewrite(transaction, kind, subsumed, surviving)

    def _rewrite(self, transaction: Transaction, kind: str, subsumed: str, surviving: str) -> None:
        """Write the objects of a patient anew under another identifier, a batch at a time."""
        while batch := transaction.patients.owned(kind, subsumed, _BATCH):
            for stored in batch:
                found = self._leaf.decode(stored.leaf)
                if isinstance(found, Association):
                    raise TypeError("an association belongs to no patient")
                moved = replace(found, patient_id=CX(surviving), availability_status=stored.status)
                transaction.registry.replace(row_of(moved, self._leaf.encode(moved)))
