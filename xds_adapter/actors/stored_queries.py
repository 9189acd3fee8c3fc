"""What each stored query returns; a new query is a new row of `_RUN`.

Source: IHE ITI TF-2 3.18.4.1.2.3.7.
"""

from __future__ import annotations

from collections.abc import Callable

from xds_adapter.model import StoredQuery
from xds_adapter.storage import StoredObject
from xds_adapter.storage.registry import RegistryTable
from xds_adapter.vocabulary import stored_queries as names

Run = Callable[[RegistryTable, StoredQuery], list[StoredObject]]


def run_query(registry: RegistryTable, query: StoredQuery) -> list[StoredObject]:
    """Run a stored query that `rules.check_query` found correct."""
    return _RUN[query.query_id](registry, query)


def _find_documents(registry: RegistryTable, query: StoredQuery) -> list[StoredObject]:
    return registry.document_entries(query)


def _find_submission_sets(registry: RegistryTable, query: StoredQuery) -> list[StoredObject]:
    return registry.submission_sets(query)


def _get_documents(registry: RegistryTable, query: StoredQuery) -> list[StoredObject]:
    return registry.document_entries(query, any_type=True)


def _get_associations(registry: RegistryTable, query: StoredQuery) -> list[StoredObject]:
    return registry.associations(either=_values(query, "$uuid"))


def _get_submission_set_and_contents(registry: RegistryTable, query: StoredQuery) -> list[StoredObject]:
    """The set, its entries that pass the filters, its folders, and the associations between what is returned."""
    sets = registry.submission_sets(query)
    held = registry.associations(sources=[s.entry_uuid for s in sets])
    targets = {association.target_object for association in held}
    entries = registry.document_entries(query, within=targets)
    folders = registry.objects("Folder", targets)
    objects = {o.entry_uuid for o in (*sets, *entries, *folders)}
    inner = [a for a in registry.objects("Association", targets) if {a.source_object, a.target_object} <= objects]
    objects |= {association.entry_uuid for association in inner}
    return [*sets, *entries, *folders, *(a for a in held if a.target_object in objects), *inner]


def _values(query: StoredQuery, name: str) -> list[str]:
    return [value for slot in query.parameters.get(name, ()) for value in slot.values]


_RUN: dict[str, Run] = {
    names.FIND_DOCUMENTS.query_id: _find_documents,
    names.FIND_SUBMISSION_SETS.query_id: _find_submission_sets,
    names.GET_DOCUMENTS.query_id: _get_documents,
    names.GET_ASSOCIATIONS.query_id: _get_associations,
    names.GET_SUBMISSION_SET_AND_CONTENTS.query_id: _get_submission_set_and_contents,
}
