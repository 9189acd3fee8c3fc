"""What each stored query returns; a new query is a new row of `_RUN`.

Objects are yielded as they are read. What a query must know of them for its next step, their entryUUIDs, is all that it
keeps.

Source: IHE ITI TF-2 3.18.4.1.2.3.7 and 3.51.4.1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from xds_adapter.model import StoredQuery
from xds_adapter.storage import StoredObject
from xds_adapter.storage.registry import RegistryTable
from xds_adapter.vocabulary import stored_queries as names
from xds_adapter.vocabulary.ebrim import AssociationType, DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus

Run = Callable[[RegistryTable, StoredQuery], Iterator[StoredObject]]

_TYPE = "$XDSDocumentEntryType"
_LEVEL = "$MetadataLevel"
_ENTRY_IDS = ("$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId")


def run_query(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    """Run a stored query that `rules.check_query` found correct."""
    return _RUN[query.query_id](registry, query)


def _find_documents(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    return _entries(registry, query)


def _entries(
    registry: RegistryTable, query: StoredQuery, within: Iterable[str] | None = None
) -> Iterator[StoredObject]:
    """Stable entries, unless the query names the types that it wants (TF-2 3.18.4.1.2.3.6.2)."""
    object_type = None if _TYPE in query.parameters else DocumentEntryType.STABLE
    return registry.find("DocumentEntry", query, within=within, object_type=object_type)


def _find_submission_sets(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    return registry.find("SubmissionSet", query)


def _find_folders(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    return registry.find("Folder", query)


def _get_all(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    """Everything of a patient, and the associations with one of these objects at an end."""
    seen: set[str] = set()
    yield from _noted(registry.find("SubmissionSet", query), seen)
    yield from _noted(_entries(registry, query), seen)
    yield from _noted(registry.find("Folder", query), seen)
    yield from _associations(registry, query, either=seen)


def _get_documents(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    return registry.find("DocumentEntry", query)


def _get_folders(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    return registry.find("Folder", query, status=_folder_status(query))


def _get_associations(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    return _associations(registry, query, either=_values(query, "$uuid"))


def _get_documents_and_associations(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    seen: set[str] = set()
    yield from _noted(registry.find("DocumentEntry", query), seen)
    yield from _associations(registry, query, either=seen)


def _get_submission_sets(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    """The sets that hold the given objects, and the memberships that say so."""
    held = list(_has_member(_associations(registry, query, targets=_values(query, "$uuid"))))
    sets: set[str] = set()
    yield from _noted(registry.find("SubmissionSet", within={a.source_object for a in held}), sets)
    yield from (association for association in held if association.source_object in sets)


def _get_submission_set_and_contents(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    """The set, its entries that pass the filters, its folders, and the associations between what is returned."""
    objects: set[str] = set()
    yield from _noted(registry.find("SubmissionSet", query), objects)
    held = list(_has_member(_associations(registry, query, sources=set(objects))))
    targets = {association.target_object for association in held}
    yield from _noted(_entries(registry, query, targets), objects)
    folders = registry.find("Folder", query, within=targets, status=_folder_status(query))
    yield from _noted(folders, objects)
    inner = [a for a in registry.find("Association", within=targets) if {a.source_object, a.target_object} <= objects]
    objects |= {association.entry_uuid for association in inner}
    yield from (association for association in held if association.target_object in objects)
    yield from inner


def _get_folder_and_contents(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    """The folder, its entries that pass the filters, and the memberships between them."""
    folders: set[str] = set()
    yield from _noted(registry.find("Folder", query, status=_folder_status(query)), folders)
    held = list(_has_member(_associations(registry, query, sources=folders)))
    entries: set[str] = set()
    yield from _noted(_entries(registry, query, {association.target_object for association in held}), entries)
    yield from (association for association in held if association.target_object in entries)


def _get_folders_for_document(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    entries = {stored.entry_uuid for stored in registry.find("DocumentEntry", query)}
    held = _has_member(_associations(registry, query, targets=entries))
    sources = {association.source_object for association in held}
    return registry.find("Folder", query, within=sources, status=_folder_status(query))


def _get_related_documents(registry: RegistryTable, query: StoredQuery) -> Iterator[StoredObject]:
    """The associations of the given types at the entry, and all entries that they touch."""
    types = set(_values(query, "$AssociationTypes"))
    start = {stored.entry_uuid for stored in registry.find("DocumentEntry", _only(query, *_ENTRY_IDS, _LEVEL))}
    found = [a for a in _associations(registry, query, either=start) if a.association_type in types]
    ends = {end for association in found for end in (association.source_object, association.target_object)}
    entries: set[str] = set()
    # The ids that the query starts from do not narrow down what is at the other end.
    yield from _noted(_entries(registry, _only(query, _TYPE, _LEVEL), ends), entries)
    yield from (a for a in found if {a.source_object, a.target_object} <= entries)


def _only(query: StoredQuery, *wanted: str) -> StoredQuery:
    """The query with some of its parameters."""
    kept = {name: slots for name, slots in query.parameters.items() if name in wanted}
    return replace(query, parameters=kept)


def _associations(
    registry: RegistryTable,
    query: StoredQuery,
    *,
    sources: Iterable[str] = (),
    targets: Iterable[str] = (),
    either: Iterable[str] = (),
) -> Iterator[StoredObject]:
    """Associations at some objects: without status asked for, the Approved ones unless versions are understood."""
    for found in registry.associations(query, sources=sources, targets=targets, either=either):
        asked = "$XDSAssociationStatus" in query.parameters or query.knows_versions
        if asked or found.status == AvailabilityStatus.APPROVED:
            yield found


def _folder_status(query: StoredQuery) -> str | None:
    """A consumer that does not understand versions knows no Deprecated folder."""
    return None if query.knows_versions else AvailabilityStatus.APPROVED


def _has_member(associations: Iterable[StoredObject]) -> Iterator[StoredObject]:
    return (a for a in associations if a.association_type == AssociationType.HAS_MEMBER)


def _noted(objects: Iterable[StoredObject], seen: set[str]) -> Iterator[StoredObject]:
    for stored in objects:
        seen.add(stored.entry_uuid)
        yield stored


def _values(query: StoredQuery, name: str) -> list[str]:
    return [value for slot in query.parameters.get(name, ()) for value in slot.values]


_RUN: dict[str, Run] = {
    names.FIND_DOCUMENTS.query_id: _find_documents,
    names.FIND_DOCUMENTS_BY_REFERENCE_ID.query_id: _find_documents,
    names.FIND_SUBMISSION_SETS.query_id: _find_submission_sets,
    names.FIND_FOLDERS.query_id: _find_folders,
    names.GET_ALL.query_id: _get_all,
    names.GET_DOCUMENTS.query_id: _get_documents,
    names.GET_FOLDERS.query_id: _get_folders,
    names.GET_ASSOCIATIONS.query_id: _get_associations,
    names.GET_DOCUMENTS_AND_ASSOCIATIONS.query_id: _get_documents_and_associations,
    names.GET_SUBMISSION_SETS.query_id: _get_submission_sets,
    names.GET_SUBMISSION_SET_AND_CONTENTS.query_id: _get_submission_set_and_contents,
    names.GET_FOLDER_AND_CONTENTS.query_id: _get_folder_and_contents,
    names.GET_FOLDERS_FOR_DOCUMENT.query_id: _get_folders_for_document,
    names.GET_RELATED_DOCUMENTS.query_id: _get_related_documents,
    names.FIND_DOCUMENTS_FOR_MULTIPLE_PATIENTS.query_id: _find_documents,
    names.FIND_FOLDERS_FOR_MULTIPLE_PATIENTS.query_id: _find_folders,
    names.FIND_DOCUMENTS_BY_REFERENCE_ID_FOR_MULTIPLE_PATIENTS.query_id: _find_documents,
}
