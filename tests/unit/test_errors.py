"""The exceptions: the tree in the docstring is the tree of the code, and each class carries what its handler needs."""

from __future__ import annotations

import inspect

import pytest

from xds_adapter import errors
from xds_adapter.errors import (
    CaseInvalid,
    CdaInvalid,
    ConnectionLost,
    MalformedMessage,
    MustUnderstand,
    RemoteFault,
    Timeout,
    TransportFailed,
    XdsAdapterError,
)
from xds_adapter.model import outcome

BRANCHES = ("├── ", "└── ")


def _drawn() -> dict[str, str]:
    """Each class of the tree in the docstring with the class it hangs on."""
    parents = {0: "Exception"}
    tree = {}
    for line in inspect.getdoc(errors).splitlines() if inspect.getdoc(errors) else ():  # type: ignore[union-attr]
        branch = next((b for b in BRANCHES if b in line), None)
        if branch is None and line.strip() != "XdsAdapterError":
            continue
        before, _, after = line.partition(branch) if branch else ("", "", line)
        depth = len(before.removeprefix("    ")) // 4 + 1 if branch else 0
        name = after.split()[0]
        tree[name] = parents[depth]
        parents[depth + 1] = name
    return tree


def _defined() -> dict[str, str]:
    """Each exception class that the two modules define with the class it derives from."""
    return {
        name: cls.__base__.__name__
        for module in (errors, outcome)
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Exception) and cls.__module__ == module.__name__ and cls.__base__ is not None
    }


def test_the_tree_in_the_docstring_is_complete_and_true() -> None:
    assert _defined() == _drawn()


@pytest.mark.parametrize("kind", [MalformedMessage, MustUnderstand])
def test_a_malformed_message_carries_its_reason_and_subcode(kind: type[MalformedMessage]) -> None:
    error = kind("no body", subcode="TooLarge")
    assert ("no body", "no body", "TooLarge") == (str(error), error.reason, error.subcode)


def test_a_malformed_message_needs_no_subcode() -> None:
    assert MalformedMessage("no body").subcode is None


def test_a_remote_fault_carries_its_reason_and_code() -> None:
    error = RemoteFault("busy", code="env:Receiver")
    assert ("busy", "busy", "env:Receiver") == (str(error), error.reason, error.code)
    assert RemoteFault("busy").code is None


@pytest.mark.parametrize("kind", [TransportFailed, Timeout, ConnectionLost])
def test_a_failed_transport_may_have_reached_the_peer_unless_it_says_no(kind: type[TransportFailed]) -> None:
    assert (True, False) == (kind("lost").sent, kind("lost", sent=False).sent)
    assert ("lost", "lost") == (str(kind("lost")), kind("lost").reason)


@pytest.mark.parametrize("kind", [CaseInvalid, CdaInvalid])
def test_all_findings_are_carried_and_shown_one_a_line(kind: type[CaseInvalid] | type[CdaInvalid]) -> None:
    error = kind(("$.patient: is missing", "$.order: is missing"))
    assert ("$.patient: is missing", "$.order: is missing") == error.findings
    assert "$.patient: is missing\n$.order: is missing" == str(error)


def test_every_class_is_caught_by_the_base_class() -> None:
    assert {True} == {issubclass(getattr(errors, n, XdsAdapterError), XdsAdapterError) for n in _drawn()}
