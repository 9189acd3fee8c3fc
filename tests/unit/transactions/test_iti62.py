"""ITI-62, both directions."""

from __future__ import annotations

import pytest

from tests.factories import ENTRY_UUID, SECOND_ENTRY_UUID
from tests.rule_cases import Case, found
from tests.unit.transactions.bodies import element, received
from xds_adapter.errors import MalformedMessage
from xds_adapter.transactions import iti62
from xds_adapter.vocabulary.ebrim import DELETE_ALL

REFERENCES = f'<rim:ObjectRefList><rim:ObjectRef id="{ENTRY_UUID}"/></rim:ObjectRefList>'
REQUEST = "RemoveObjectsRequest"


def request(inner: str, attributes: str = "") -> str:
    return f"<lcm:RemoveObjectsRequest{attributes}>{inner}</lcm:RemoveObjectsRequest>"


CASES = [
    Case(
        rule="RM-001",
        name="no reference",
        right=request(REFERENCES),
        wrong=request("<rim:ObjectRefList/>"),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="rim:ObjectRefList",
    ),
    Case(
        rule="RM-001",
        name="no list",
        right=request("<rs:RequestSlotList/>" + REFERENCES),
        wrong=request(""),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="rim:ObjectRefList",
    ),
    Case(
        rule="RM-001",
        name="a reference without id",
        right=request(REFERENCES),
        wrong=request(REFERENCES.replace("</rim", "<rim:ObjectRef/></rim")),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="rim:ObjectRef",
    ),
    Case(
        rule="RM-001",
        name="an object instead of a reference",
        right=request(REFERENCES.replace("</rim", "<!-- none --></rim")),
        wrong=request(REFERENCES.replace("</rim", '<rim:ExtrinsicObject id="x"/></rim')),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="ExtrinsicObject",
    ),
    Case(
        rule="RM-001",
        name="a query",
        right=request("<rim:AdhocQuery/>" + REFERENCES),
        wrong=request('<rim:AdhocQuery id="urn:example:query"/>' + REFERENCES),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="rim:AdhocQuery",
    ),
    Case(
        rule="RM-001",
        name="a query with slots",
        right=request("<rim:AdhocQuery/>" + REFERENCES),
        wrong=request("<rim:AdhocQuery><rim:Slot/></rim:AdhocQuery>" + REFERENCES),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="rim:AdhocQuery",
    ),
    Case(
        rule="RM-001",
        name="a part of the deletion",
        right=request(REFERENCES, f' deletionScope="{DELETE_ALL}"'),
        wrong=request(REFERENCES, ' deletionScope="urn:example:part"'),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="deletionScope",
        value="urn:example:part",
    ),
    Case(
        rule="RM-001",
        name="an object beside the list",
        right=request(REFERENCES),
        wrong=request('<rim:ExtrinsicObject id="x"/>' + REFERENCES),
        code="XDSRegistryError",
        object_id=REQUEST,
        attribute="ExtrinsicObject",
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=str)


@each_case
def test_what_the_rule_allows_has_no_finding(case: Case) -> None:
    assert ((ENTRY_UUID,), []) == iti62.decode_request(element(case.right))


@each_case
def test_one_broken_thing_yields_one_finding(case: Case) -> None:
    _, errors = iti62.decode_request(element(case.wrong))
    assert [case.finding] == found(errors)


@pytest.mark.parametrize("ids", [(ENTRY_UUID,), (SECOND_ENTRY_UUID, ENTRY_UUID), ('"<&>',)])
def test_a_request_is_read_as_it_was_written(ids: tuple[str, ...]) -> None:
    body = iti62.encode_request(ids)
    assert ((ids, []), ()) == (iti62.decode_request(received(body)), body.attachments)


def test_an_object_named_twice_is_one() -> None:
    body = iti62.encode_request([ENTRY_UUID, SECOND_ENTRY_UUID, f" {ENTRY_UUID}"])
    assert ((ENTRY_UUID, SECOND_ENTRY_UUID), []) == iti62.decode_request(received(body))


def test_another_request_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="needs lcm:RemoveObjectsRequest"):
        iti62.decode_request(element(REFERENCES))
