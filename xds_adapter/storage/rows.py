"""Registry objects as rows: the columns that queries select by, and the leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from xds_adapter.datatypes import CX, DTM, Coded
from xds_adapter.model import Association, Author, DocumentEntry, Folder, RegistryObject, SubmissionSet
from xds_adapter.storage.tables import SEPARATOR
from xds_adapter.vocabulary.status import AvailabilityStatus


@dataclass(frozen=True, slots=True)
class Row:
    """One row to insert: the kind of its object and its columns."""

    kind: str
    columns: dict[str, Any]


def _key(value: CX | Coded | None) -> str | None:
    return None if value is None else value.key


def _padded(value: DTM | None) -> str | None:
    return None if value is None else value.padded


def joined(values: Iterable[str]) -> str | None:
    """Join the values of a multi-valued attribute so that each stands between separators; None for none."""
    text = SEPARATOR.join(values)
    return f"{SEPARATOR}{text}{SEPARATOR}" if text else None


def _persons(authors: tuple[Author, ...]) -> str | None:
    return joined(author.person.text for author in authors if author.person is not None)


def _series(owner: DocumentEntry | Folder) -> dict[str, Any]:
    """Which version of which logical object this is; a first version without logicalID is its own series."""
    version = owner.version or "1"
    return {"logical_id": owner.logical_id or owner.entry_uuid, "version": int(version) if version.isdigit() else 1}


def _document_entry(entry: DocumentEntry) -> dict[str, Any]:
    return {
        **_series(entry),
        "unique_id": entry.unique_id,
        "patient_id": _key(entry.patient_id),
        "object_type": entry.object_type,
        "creation_time": _padded(entry.creation_time),
        "service_start_time": _padded(entry.service_start_time),
        "service_stop_time": _padded(entry.service_stop_time),
        "class_code": _key(entry.class_code),
        "type_code": _key(entry.type_code),
        "format_code": _key(entry.format_code),
        "practice_setting_code": _key(entry.practice_setting_code),
        "healthcare_facility_type_code": _key(entry.healthcare_facility_type_code),
        "confidentiality_code": joined(code.key for code in entry.confidentiality_codes),
        "event_code_list": joined(code.key for code in entry.event_code_list),
        "author_person": _persons(entry.authors),
        "reference_id_list": joined(reference.text for reference in entry.reference_id_list),
        "repository_unique_id": entry.repository_unique_id,
        "hash": None if entry.hash is None else entry.hash.lower(),
        "size": entry.size,
    }


def _submission_set(submission_set: SubmissionSet) -> dict[str, Any]:
    return {
        "unique_id": submission_set.unique_id,
        "patient_id": _key(submission_set.patient_id),
        "submission_time": _padded(submission_set.submission_time),
        "source_id": submission_set.source_id,
        "content_type_code": _key(submission_set.content_type_code),
        "author_person": _persons(submission_set.authors),
    }


def _folder(folder: Folder) -> dict[str, Any]:
    return {
        **_series(folder),
        "unique_id": folder.unique_id,
        "patient_id": _key(folder.patient_id),
        "last_update_time": _padded(folder.last_update_time),
        "code_list": joined(code.key for code in folder.code_list),
    }


def _association(association: Association) -> dict[str, Any]:
    return {
        "association_type": association.association_type,
        "source_object": association.source_object,
        "target_object": association.target_object,
    }


_COLUMNS: dict[type, Callable[[Any], dict[str, Any]]] = {
    DocumentEntry: _document_entry,
    SubmissionSet: _submission_set,
    Folder: _folder,
    Association: _association,
}


def row_of(registry_object: RegistryObject, leaf: str) -> Row:
    """Make the row of a checked object.

    Args:
        registry_object: With entryUUID and everything that its kind requires.
        leaf: Its stored form.
    """
    kind = type(registry_object)
    columns = _COLUMNS[kind](registry_object)
    status = registry_object.availability_status or AvailabilityStatus.APPROVED
    columns.update(entry_uuid=registry_object.entry_uuid, status=status, leaf=leaf)
    return Row(kind.__name__, columns)
