"""Transactions are told apart by their actions."""

from __future__ import annotations

from xds_adapter.vocabulary.namespaces import RIM, qname
from xds_adapter.vocabulary.transactions import TRANSACTIONS


def test_every_number_action_and_operation_stands_once() -> None:
    for values in (
        [t.number for t in TRANSACTIONS],
        [t.operation for t in TRANSACTIONS],
        [action for t in TRANSACTIONS for action in (t.request_action, t.response_action)],
    ):
        assert len(set(values)) == len(values)


def test_an_answer_is_named_after_its_request() -> None:
    expected = [f"{t.request_action}Response" for t in TRANSACTIONS]
    # ITI TF-2 3.61.5 leaves a word out.
    expected = [action.replace("OnDemandDocumentEntryResponse", "OnDemandDocumentResponse") for action in expected]
    assert expected == [t.response_action for t in TRANSACTIONS]


def test_an_operation_belongs_to_its_actor() -> None:
    assert [] == [t.number for t in TRANSACTIONS if not t.operation.startswith(f"{t.actor}_")]


def test_transactions_that_carry_documents_need_mtom() -> None:
    assert ["ITI-41", "ITI-43"] == [t.number for t in TRANSACTIONS if t.mtom]


def test_a_qualified_name_is_in_clark_notation() -> None:
    assert f"{{{RIM}}}Slot" == qname(RIM, "Slot")
