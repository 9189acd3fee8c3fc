"""Which document a file replaces, by its own words and by what the caller wants."""

from __future__ import annotations

import pytest

from xds_adapter.client.replacement import assign, replaced_entries
from xds_adapter.errors import ConfigError

Said = list[tuple[str, str | None]]


@pytest.mark.parametrize(
    ("said", "wanted", "expected"),
    [
        ([("a", None)], [], [None]),
        ([("a", "1")], [], ["1"]),
        ([("a", "1")], ["1"], ["1"]),
        ([("a", None)], ["1"], ["1"]),
        ([("a", "1"), ("b", "2")], ["2", "1"], ["1", "2"]),
        ([("a", "1"), ("b", None)], ["2", "1"], ["1", "2"]),
        ([("a", "1"), ("b", None)], ["1"], ["1", None]),
        ([("a", None), ("b", None)], ["1", "2"], ["1", "2"]),
        ([("a", "1"), ("b", None)], ["none"], [None, None]),
    ],
)
def test_each_file_gets_the_document_that_it_replaces(
    said: Said, wanted: list[str], expected: list[str | None]
) -> None:
    assert expected == assign(said, wanted)


@pytest.mark.parametrize(
    ("said", "wanted", "words"),
    [
        ([("a.xml", "1")], ["2"], r"a\.xml replaces 1 \(relatedDocument\), not 2 as --replace says"),
        ([("a.xml", "1"), ("b.xml", "2")], ["1"], r"b\.xml replaces 2 \(relatedDocument\), not 1 as"),
        ([("a.xml", None), ("b.xml", None)], ["1"], "--replace 1: it is not clear which file is meant"),
        ([("a.xml", None)], ["1", "2"], "--replace 1, 2: it is not clear"),
        ([("a.xml", None)], ["none", "2"], "--replace none cannot stand beside another"),
    ],
)
def test_what_does_not_fit_is_refused(said: Said, wanted: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        assign(said, wanted)


def test_without_replacements_no_registry_is_asked() -> None:
    assert {} == replaced_entries([], None)  # type: ignore[arg-type] # nothing is asked of the consumer
