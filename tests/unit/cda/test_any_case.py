"""Whatever a case looks like, it is built or refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.description import describe
from xds_adapter.cda.document import read_document
from xds_adapter.cda.metadata import document_entry
from xds_adapter.cda.validate import validate
from xds_adapter.errors import CaseInvalid

EXAMPLES = {kind.name: example(kind.name) for kind in KINDS}
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(
        ["2026", "1.2.3", "N", "CT", "PT", "{unique_id}", "http://a", "tel:1", "\ud800", "2026-01-06T10:00Z"]
    ),
    st.text(max_size=8),
)
_VALUES = st.recursive(_LEAVES, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=8), inner)))


def _places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, member in members:
        yield (*path, step)
        yield from _places(member, (*path, step))


_PLACES = [(kind, path) for kind, case in EXAMPLES.items() for path in _places(case)]


def _with(part: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copied = part.copy()
    copied[path[0]] = _with(part[path[0]], path[1:], value)
    return copied


@settings(max_examples=250, deadline=None)
@given(place=st.sampled_from(_PLACES), value=_VALUES)
def test_a_case_is_built_or_refused(place: tuple[str, tuple[Any, ...]], value: object) -> None:
    """One member replaced by anything: findings have paths; what is built passes our rules and has an entry."""
    kind, path = place
    refused: tuple[str, ...] = ()
    document = b""
    try:
        document = build(kind, _with(EXAMPLES[kind], path, value))
    except CaseInvalid as error:
        refused = error.findings
    assert bool(document) != bool(refused)
    assert all(finding.startswith("$") and finding.isprintable() for finding in refused)
    if document:
        # Any 15 digits are an INS to the builder; the control key is a matter of the validator.
        assert [finding for finding in validate(document) if finding.rule != "CDA-023"] == []
        assert document_entry(describe(read_document(document))).entry.unique_id
