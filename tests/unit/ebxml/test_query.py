"""Stored queries and their answers, both directions."""

from __future__ import annotations

import pytest

from tests.factories import ENTRY_UUID, make_association, make_document_entry, make_folder, make_submission_set
from tests.messages import NAMESPACES, element, find, slot
from xds_adapter.ebxml import (
    decode_query,
    decode_query_response,
    encode_leaf,
    encode_object_ref,
    encode_query,
    encode_query_response,
)
from xds_adapter.errors import MalformedMessage, RemoteFault
from xds_adapter.model import (
    Outcome,
    ParameterSlot,
    QueryResult,
    RegistryError,
    RegistryObject,
    ReturnType,
    StoredQuery,
)
from xds_adapter.vocabulary.status import ResponseStatus

QUERY_ID = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
NAME = "$XDSDocumentEntryPatientId"
SUCCESS = Outcome(ResponseStatus.SUCCESS)


def _request(*slots: str, option: str = '<query:ResponseOption returnType="LeafClass"/>', attributes: str = "") -> str:
    adhoc_query = f'<rim:AdhocQuery id="{QUERY_ID}"{attributes}>{"".join(slots)}</rim:AdhocQuery>'
    return f"<query:AdhocQueryRequest>{option}{adhoc_query}</query:AdhocQueryRequest>"


def _decoded(*values: str) -> tuple[tuple[ParameterSlot, ...], list[tuple[str, str, str]]]:
    """The parameter `NAME` with these values, and rule, attribute and value of the findings."""
    query, errors = decode_query(element(_request(slot(NAME, *values))))
    return query.parameters.get(NAME, ()), [(e.rule, e.attribute, e.value) for e in errors]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["'a'"], ParameterSlot(("a",))),
        (["''"], ParameterSlot(("",))),
        (["'Children''s Hospital'"], ParameterSlot(("Children's Hospital",))),
        (["''''"], ParameterSlot(("'",))),
        (["' a '"], ParameterSlot((" a ",))),
        (["'a(b),c'"], ParameterSlot(("a(b),c",))),
        (["2"], ParameterSlot(("2",))),
        (["('a')"], ParameterSlot(("a",), listed=True)),
        (["('a','b')"], ParameterSlot(("a", "b"), listed=True)),
        (["( 'a' ,\n 'b' )"], ParameterSlot(("a", "b"), listed=True)),
        (["(1, 2)"], ParameterSlot(("1", "2"), listed=True)),
        (["('a')", "('b')"], ParameterSlot(("a", "b"), listed=True)),
        (["'a'", "'b'"], ParameterSlot(("a", "b"))),
        (["\n  'a'\n"], ParameterSlot(("a",))),
    ],
)
def test_a_parameter_is_a_text_a_number_or_a_list(values: list[str], expected: ParameterSlot) -> None:
    assert ((expected,), []) == _decoded(*values)


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "'a",
        "a'",
        "'a'b'",
        "'a''",
        "('a'",
        "'a')",
        "()",
        "('a',)",
        "('a' 'b')",
        "('a',b)",
        "'a' or 'b'",
        "1.5",
        "-1",
    ],
)
def test_a_value_of_another_form_is_refused(value: str) -> None:
    assert ((), [("SQ-004", NAME, value)]) == _decoded(value)


def test_a_value_that_is_refused_does_not_hide_the_others() -> None:
    assert ((ParameterSlot(("a",)),), [("SQ-004", NAME, "b")]) == _decoded("b", "'a'")


def test_a_parameter_without_values_is_absent() -> None:
    assert ((), []) == _decoded()


def test_slots_of_one_name_are_kept_apart() -> None:
    query, _ = decode_query(element(_request(slot(NAME, "('a')"), slot("$other", "1"), slot(NAME, "('b')"))))
    expected = {
        NAME: (ParameterSlot(("a",), listed=True), ParameterSlot(("b",), listed=True)),
        "$other": (ParameterSlot(("1",)),),
    }
    assert expected == query.parameters


def test_query_id_home_and_return_type_are_read() -> None:
    option = '<query:ResponseOption returnType="ObjectRef"/>'
    query, errors = decode_query(element(_request(option=option, attributes=' home="urn:oid:1.2.3"')))
    expected = StoredQuery(query_id=QUERY_ID, return_type=ReturnType.OBJECT_REF, home_community_id="urn:oid:1.2.3")
    assert (expected, []) == (query, errors)


@pytest.mark.parametrize(
    "xml",
    [
        _request(option=""),
        "<query:AdhocQueryRequest><query:ResponseOption/></query:AdhocQueryRequest>",
        _request().replace("AdhocQueryRequest", "AdhocQueryResponse"),
    ],
    ids=["no option", "no query", "another element"],
)
def test_another_message_is_malformed(xml: str) -> None:
    with pytest.raises(MalformedMessage, match="needs query:AdhocQueryRequest"):
        decode_query(element(xml))


def _encoded(parameter: ParameterSlot) -> list[str | None]:
    request = element(encode_query(StoredQuery(query_id=QUERY_ID, parameters={NAME: (parameter,)})))
    return [value.text for value in request.findall(".//rim:Value", NAMESPACES)]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (ParameterSlot(("a",)), ["'a'"]),
        (ParameterSlot(("Children's",)), ["'Children''s'"]),
        (ParameterSlot(("a",), listed=True), ["('a')"]),
        (ParameterSlot(("a", "b"), listed=True), ["('a')", "('b')"]),
    ],
)
def test_texts_are_quoted_and_each_item_of_a_list_has_its_own_value(
    parameter: ParameterSlot, expected: list[str]
) -> None:
    assert expected == _encoded(parameter)


@pytest.mark.parametrize(("home", "expected"), [(None, None), ("urn:oid:1.2.3", "urn:oid:1.2.3")])
def test_home_is_written_when_given(home: str | None, expected: str | None) -> None:
    request = element(encode_query(StoredQuery(query_id=QUERY_ID, home_community_id=home)))
    assert expected == find(request, "rim:AdhocQuery").get("home")


def test_the_return_type_stands_in_the_response_option() -> None:
    request = element(encode_query(StoredQuery(query_id=QUERY_ID, return_type=ReturnType.OBJECT_REF)))
    expected = {"returnComposedObjects": "true", "returnType": "ObjectRef"}
    assert expected == dict(find(request, "query:ResponseOption").items())


def _answer(outcome: Outcome, *objects: str) -> QueryResult:
    return decode_query_response(element("".join(encode_query_response(outcome, objects))))


def test_an_answer_is_sorted_by_kind() -> None:
    objects: list[RegistryObject] = [make_association(), make_folder(), make_submission_set(), make_document_entry()]
    expected = QueryResult(
        outcome=SUCCESS,
        document_entries=(make_document_entry(),),
        submission_sets=(make_submission_set(),),
        folders=(make_folder(),),
        associations=(make_association(),),
    )
    assert expected == _answer(SUCCESS, *map(encode_leaf, objects))


def test_references_are_read() -> None:
    assert QueryResult(outcome=SUCCESS, object_refs=(ENTRY_UUID,)) == _answer(SUCCESS, encode_object_ref(ENTRY_UUID))


def test_errors_come_with_the_answer() -> None:
    outcome = Outcome.of([RegistryError(code="XDSRegistryError", code_context="x")])
    assert QueryResult(outcome=outcome) == _answer(outcome)


def test_an_answer_may_lack_the_list() -> None:
    answer = element(f'<query:AdhocQueryResponse status="{ResponseStatus.SUCCESS}"/>')
    assert QueryResult(outcome=SUCCESS) == decode_query_response(answer)


def test_another_answer_is_a_fault_of_the_peer() -> None:
    answer = element(f'<rs:RegistryResponse status="{ResponseStatus.SUCCESS}"/>')
    with pytest.raises(RemoteFault, match="no query:AdhocQueryResponse"):
        decode_query_response(answer)
