"""The table of stored queries is consistent in itself."""

from __future__ import annotations

import pytest

from xds_adapter.datatypes import is_uuid_urn
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS, STORED_QUERIES, StoredQueryForm

each_query = pytest.mark.parametrize("query", STORED_QUERIES.values(), ids=lambda query: query.name)


@each_query
def test_a_query_is_found_by_its_uuid_urn(query: StoredQueryForm) -> None:
    assert is_uuid_urn(query.query_id)
    assert query is STORED_QUERIES[query.query_id]


@each_query
def test_parameter_names_begin_with_a_dollar_sign_and_stand_once(query: StoredQueryForm) -> None:
    names = [parameter.name for parameter in query.parameters]
    assert [] == [name for name in names if not name.startswith("$")]
    assert len(set(names)) == len(names)


@each_query
def test_alternatives_are_optional_parameters_of_the_query(query: StoredQueryForm) -> None:
    assert set(query.one_of) <= {parameter.name for parameter in query.parameters if not parameter.required}


@each_query
def test_something_must_be_asked_for(query: StoredQueryForm) -> None:
    assert query.one_of or any(parameter.required for parameter in query.parameters)


def test_a_parameter_is_found_by_its_name() -> None:
    parameter = FIND_DOCUMENTS.parameter("$XDSDocumentEntryPatientId")
    assert parameter is FIND_DOCUMENTS.parameters[0]
    assert FIND_DOCUMENTS.parameter("$patientId") is None
