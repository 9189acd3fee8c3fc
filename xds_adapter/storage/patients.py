"""Merges of patients, and which messages of the identity feed were answered, within one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from xds_adapter.storage.registry import StoredObject
from xds_adapter.storage.tables import IDENTITY_MESSAGE, OBJECT_TABLES, PATIENT

OWNED = ("SubmissionSet", "DocumentEntry", "Folder")
"""The kinds of objects that belong to a patient."""

_KEPT = 10_000
_CLEARED_EVERY = 100


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a message was answered.

    Attributes:
        text: The acknowledgement.
        accepted: Whether it says so.
    """

    text: str
    accepted: bool


def _digest(message_key: str) -> str:
    return sha256(message_key.encode()).hexdigest()


class PatientTable:
    """What became of patients."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def merge(self, subsumed: str, surviving: str) -> None:
        """Record that a known patient, by `CX.key`, was merged into another."""
        where = PATIENT.c.patient_id == subsumed
        self._connection.execute(update(PATIENT).where(where).values(merged_into=surviving))

    def owned(self, kind: str, patient_id: str, limit: int) -> list[StoredObject]:
        """Some objects, at most `limit`, of one of the `OWNED` kinds that belong to a patient, by `CX.key`."""
        columns = OBJECT_TABLES[kind].c
        query = select(columns.entry_uuid, columns.status, columns.leaf).where(columns.patient_id == patient_id)
        rows = self._connection.execute(query.limit(limit)).mappings()
        return [StoredObject(kind=kind, patient_id=patient_id, **row) for row in rows]

    def answer_to(self, message_key: str, content_hash: str) -> KeptAnswer | None:
        """What this very message was answered before, or None."""
        columns = IDENTITY_MESSAGE.c
        query = select(columns.answer, columns.accepted).where(
            columns.message_key == _digest(message_key), columns.content_hash == content_hash
        )
        row = self._connection.execute(query).first()
        return None if row is None else KeptAnswer(row[0], row[1])

    def keep_answer(self, message_key: str, content_hash: str, answer: KeptAnswer) -> None:
        """Remember what a message was answered; about the last 10,000 are kept.

        Another message under the same key is forgotten: numbers of senders start anew.
        """
        columns = IDENTITY_MESSAGE.c
        digest = _digest(message_key)
        self._connection.execute(delete(IDENTITY_MESSAGE).where(columns.message_key == digest))
        row = {"message_key": digest, "content_hash": content_hash, "answer": answer.text, "accepted": answer.accepted}
        self._connection.execute(insert(IDENTITY_MESSAGE), row)
        last: int = self._connection.scalars(select(columns.row_id).where(columns.message_key == digest)).one()
        if last % _CLEARED_EVERY == 0:
            self._connection.execute(delete(IDENTITY_MESSAGE).where(columns.row_id <= last - _KEPT))
