"""What we write is valid by the official schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from lxml import etree

from tests.factories import (
    ENTRY_UUID,
    make_association,
    make_document_entry,
    make_folder,
    make_submission,
    make_submission_set,
)
from tests.messages import element
from tests.shared import shared_path
from xds_adapter.datatypes import Coded
from xds_adapter.ebxml import (
    encode_leaf,
    encode_object_ref,
    encode_outcome,
    encode_query,
    encode_query_response,
    encode_submission,
    insert_status,
)
from xds_adapter.model import Outcome, ParameterSlot, RegistryError, RegistryObject, Slot, StoredQuery
from xds_adapter.vocabulary.status import AvailabilityStatus, ResponseStatus, Severity
from xds_adapter.vocabulary.stored_queries import FIND_DOCUMENTS
from xds_adapter.xmlio import parse

pytestmark = pytest.mark.shared

REGISTERED = {"entry_uuid": ENTRY_UUID, "logical_id": ENTRY_UUID, "version": "1", "home_community_id": "urn:oid:1.2.3"}
OBJECTS: list[RegistryObject] = [
    make_document_entry(**REGISTERED),
    make_submission_set(**REGISTERED),
    make_folder(**REGISTERED),
    make_association(**REGISTERED, documentation=Coded("42", "1.2", "Correction")),
]
ERRORS = (
    RegistryError(code="XDSRegistryError", code_context="x", location="y"),
    RegistryError(code="XDSExtraMetadataNotSaved", code_context="x", severity=Severity.WARNING),
)
OUTCOMES = [Outcome(ResponseStatus.SUCCESS), Outcome(ResponseStatus.PARTIAL_SUCCESS, ERRORS), Outcome.of(ERRORS)]


def _leaf(registry_object: RegistryObject) -> str:
    return insert_status(encode_leaf(registry_object), AvailabilityStatus.APPROVED)


Faults = Callable[[str, etree._Element], list[str]]


@pytest.fixture(scope="module")
def faults() -> Faults:
    """Validates an element by a schema file and returns what is wrong with it."""
    schemas: dict[str, etree.XMLSchema] = {}

    def validate(name: str, message: etree._Element) -> list[str]:
        if name not in schemas:
            schemas[name] = etree.XMLSchema(etree.parse(str(shared_path("data", "xds", "schema", name))))
        # A document of its own: a validator looks at the root only.
        schemas[name].validate(parse(etree.tostring(message)))
        return [str(error.message) for error in cast("Any", schemas[name].error_log)]

    return validate


@pytest.mark.parametrize(
    "submission",
    [
        make_submission(),
        make_submission(folders=(make_folder(),), request_slots=(Slot("urn:example:a", ("1",)),)),
        make_submission(document_entries=(make_document_entry(extra_slots=(Slot("urn:example:a", ("1", "2")),)),)),
        make_submission(associations=OBJECTS[3:]),
    ],
    ids=["plain", "folder and request slot", "extra slot", "documented association"],
)
def test_a_submission_is_valid(faults: Faults, submission: object) -> None:
    assert [] == faults("lcm.xsd", parse(encode_submission(submission).encode()))  # type: ignore[arg-type]


@pytest.mark.parametrize("registry_object", OBJECTS, ids=lambda o: type(o).__name__)
def test_a_stored_object_with_its_status_is_valid(faults: Faults, registry_object: RegistryObject) -> None:
    assert [] == faults("rim.xsd", element(_leaf(registry_object)))


@pytest.mark.parametrize("home", [None, "urn:oid:1.2.3"])
def test_a_query_is_valid(faults: Faults, home: str | None) -> None:
    parameters = {
        "$XDSDocumentEntryPatientId": (ParameterSlot(("1^^^&1.2&ISO",)),),
        "$XDSDocumentEntryStatus": (ParameterSlot(tuple(AvailabilityStatus), listed=True),),
    }
    query = StoredQuery(query_id=FIND_DOCUMENTS.query_id, parameters=parameters, home_community_id=home)
    assert [] == faults("query.xsd", parse(encode_query(query).encode()))


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda o: f"{o.status.word} {len(o.errors)}")
@pytest.mark.parametrize(
    "objects",
    [[], [_leaf(o) for o in OBJECTS], [encode_object_ref(ENTRY_UUID)]],
    ids=["nothing", "objects", "references"],
)
def test_a_query_response_is_valid(faults: Faults, outcome: Outcome, objects: list[str]) -> None:
    assert [] == faults("query.xsd", parse("".join(encode_query_response(outcome, objects)).encode()))


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda o: f"{o.status.word} {len(o.errors)}")
def test_a_registry_response_is_valid(faults: Faults, outcome: Outcome) -> None:
    assert [] == faults("rs.xsd", parse(encode_outcome(outcome).encode()))


def test_the_validator_sees_a_wrong_order(faults: Faults) -> None:
    leaf = element(_leaf(make_folder()))
    leaf.append(leaf[0])
    assert faults("rim.xsd", leaf)
