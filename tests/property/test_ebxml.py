"""Whatever is written is read back as it was, without any finding."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.strategies import (
    associations,
    document_entries,
    filled_texts,
    folders,
    outcomes,
    stored_queries,
    submission_sets,
    submissions,
)
from xds_adapter.ebxml import (
    decode_objects,
    decode_outcome,
    decode_query,
    decode_query_response,
    decode_submission,
    encode_leaf,
    encode_object_ref,
    encode_outcome,
    encode_query,
    encode_query_response,
    encode_submission,
    insert_status,
)
from xds_adapter.model import Outcome, QueryResult, RegistryObject, StoredQuery, Submission
from xds_adapter.vocabulary.namespaces import RIM
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.xmlio import parse


@given(
    st.one_of(document_entries, submission_sets, folders, associations), st.uuids(), st.sampled_from(AvailabilityStatus)
)
def test_a_stored_object_is_read_back_with_its_status(
    registry_object: RegistryObject, entry_uuid: object, status: AvailabilityStatus
) -> None:
    stored = replace(registry_object, entry_uuid=f"urn:uuid:{entry_uuid}")
    leaf = insert_status(encode_leaf(stored), status)
    objects = parse(f'<rim:RegistryObjectList xmlns:rim="{RIM}">{leaf}</rim:RegistryObjectList>'.encode())
    assert ([replace(stored, availability_status=status)], []) == decode_objects(objects)


# A submission holds hundreds of attributes: fewer of them cover as much.
fewer = settings(max_examples=25)


@fewer
@given(submissions)
def test_a_submission_is_read_back(submission: Submission) -> None:
    assert (submission, []) == decode_submission(parse(encode_submission(submission).encode()))


@given(stored_queries)
def test_a_query_is_read_back(query: StoredQuery) -> None:
    assert (query, []) == decode_query(parse(encode_query(query).encode()))


@given(outcomes)
def test_a_response_is_read_back(outcome: Outcome) -> None:
    assert outcome == decode_outcome(parse(encode_outcome(outcome).encode()))


@fewer
@given(outcomes, submissions, st.lists(filled_texts, max_size=3))
def test_a_query_response_is_read_back(outcome: Outcome, submission: Submission, references: list[str]) -> None:
    objects = [encode_leaf(o) for o in submission.objects()] + [encode_object_ref(text) for text in references]
    result = decode_query_response(parse("".join(encode_query_response(outcome, objects)).encode()))
    expected = QueryResult(
        outcome=outcome,
        document_entries=tuple(replace(o, availability_status=None) for o in submission.document_entries),
        submission_sets=tuple(
            replace(o, availability_status=None) for o in (submission.submission_set,) if o is not None
        ),
        folders=tuple(replace(o, availability_status=None) for o in submission.folders),
        associations=tuple(replace(o, availability_status=None) for o in submission.associations),
        object_refs=tuple(references),
    )
    assert expected == result
