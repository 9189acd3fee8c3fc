"""What a message of the patient identity feed would do, and what speaks against it.

Source: IHE ITI TF-2 3.8.4.1.4, 3.8.4.2.4 and 3.44.4.2.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xds_adapter.datatypes import CX, HD, is_oid
from xds_adapter.datatypes.hd import ISO
from xds_adapter.model import IdentityChange, Refusal
from xds_adapter.vocabulary.identity_feed import FeedEvent, RefusalCause


@dataclass(frozen=True, slots=True)
class ResolvedChange:
    """A change in terms of the affinity domain.

    Attributes:
        patients: The patient's identifiers, by `CX.key`, each under the OID of its authority or under itself.
        subsumed: Those that end, each under the OID of its authority.
        several: What speaks against it already.
    """

    event: FeedEvent
    patients: dict[str, str]
    subsumed: dict[str, str]
    several: tuple[RefusalCause, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedDomain:
    """Which identifiers of a message are the affinity domain's.

    Attributes:
        own: The authority of identifiers that name none.
        oids: The authorities that count; empty: all.
    """

    own: HD | None = None
    oids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, oids: frozenset[str], own: HD | None) -> FeedDomain:
        """Join the configured authorities; the only one is that of identifiers that name none."""
        if own is not None:
            return cls(own, oids | {own.universal_id})
        return cls(HD(f"&{next(iter(oids))}&{ISO}") if len(oids) == 1 else None, oids)

    def resolve(self, change: IdentityChange) -> ResolvedChange:
        """Keep the identifiers of the domain; one that has no OID gets that of the configured authority."""
        patients, doubled = self._by_authority(change.patient_ids)
        subsumed, subsumed_doubled = self._by_authority(change.subsumed_ids)
        # A merge concerns the authorities of what it subsumes. Where no authority is configured, it is not known which
        # of the others may give a patient one identifier only.
        judged = set(subsumed) if change.event is FeedEvent.MERGE else self.oids
        several = [RefusalCause.SEVERAL_IDENTIFIERS] if doubled & judged else []
        several += [RefusalCause.SEVERAL_SUBSUMED] if subsumed_doubled else []
        if change.event is not FeedEvent.MERGE and not self.oids:
            keys = {key: key for cx in change.patient_ids if (key := self._key(cx)) is not None}
            return ResolvedChange(change.event, keys, {}, ())
        return ResolvedChange(change.event, patients, subsumed, tuple(several))

    def _by_authority(self, identifiers: Iterable[CX]) -> tuple[dict[str, str], set[str]]:
        found: dict[str, str] = {}
        doubled: set[str] = set()
        for identifier in identifiers:
            key = self._key(identifier)
            if key is not None:
                oid = CX(key).authority
                if found.setdefault(oid, key) != key:
                    doubled.add(oid)
        return found, doubled

    def _key(self, identifier: CX) -> str | None:
        """The identifier as the registry knows it; None when it belongs to another domain."""
        authority = identifier.assigning_authority
        oid = authority.universal_id
        if not oid:
            if self.own is None or authority.namespace not in ("", self.own.namespace):
                return None
            oid = self.own.universal_id
        elif authority.universal_id_type not in ("", ISO):
            return None
        if not identifier.id_number or not is_oid(oid) or (self.oids and oid not in self.oids):
            return None
        return CX.of(identifier.id_number, oid).key


@dataclass(slots=True)
class FeedPlan:
    """What a message would do to the patients, change after change, before anything is written.

    Attributes:
        standing: Patients ever known, by `CX.key`, each with what it was merged into.
        unknown_patients: Patients that nobody has announced are as good as known.
        new: Patients to be made known.
        merges: Pairs of subsumed and surviving identifier, in their order.
        refusals: Why nothing of it may be done.
    """

    standing: dict[str, str | None]
    unknown_patients: bool
    new: list[str] = field(default_factory=list)
    merges: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, position: int, change: ResolvedChange) -> None:
        """Judge one change after those before it."""
        causes = list(change.several)
        if change.event is FeedEvent.MERGE:
            causes += self._merge(change)
        else:
            merged = [key for key in change.patients.values() if self.standing.get(key) is not None]
            # A revision of a patient that is known under an old identifier changes nothing here.
            if merged and change.event is FeedEvent.ADD:
                causes.append(RefusalCause.ADDED_MERGED_BEFORE)
            for key in change.patients.values():
                self._know(key)
        self.refusals.extend(Refusal(cause, position) for cause in dict.fromkeys(causes))

    def _know(self, key: str) -> None:
        if key not in self.standing:
            self.standing[key] = None
            self.new.append(key)

    def _merge(self, change: ResolvedChange) -> list[RefusalCause]:
        if not change.subsumed:
            return [RefusalCause.SUBSUMED_OF_OTHER_DOMAIN]
        causes: list[RefusalCause] = []
        for authority, subsumed in change.subsumed.items():
            surviving = change.patients.get(authority)
            if surviving is None:
                causes.append(RefusalCause.SURVIVING_OF_OTHER_DOMAIN)
                continue
            found = self._faults(subsumed, surviving)
            causes += found
            if not found:
                self._know(subsumed)
                self._know(surviving)
                self.standing[subsumed] = surviving
                self.merges.append((subsumed, surviving))
        return causes

    def _faults(self, subsumed: str, surviving: str) -> list[RefusalCause]:
        if subsumed == surviving:
            return [RefusalCause.SAME_IDENTIFIER]
        causes = []
        if self.standing.get(subsumed) is not None:
            causes.append(RefusalCause.SUBSUMED_MERGED_BEFORE)
        if self.standing.get(surviving) is not None:
            causes.append(RefusalCause.SURVIVING_MERGED_BEFORE)
        if not self.unknown_patients:
            causes += [RefusalCause.SUBSUMED_UNKNOWN] if subsumed not in self.standing else []
            causes += [RefusalCause.SURVIVING_UNKNOWN] if surviving not in self.standing else []
        return causes
