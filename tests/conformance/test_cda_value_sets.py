"""The value-set tables agree with the published ones."""

from __future__ import annotations

import pytest

from tests.cda_cases import SHARED
from xds_adapter import xmlio
from xds_adapter.vocabulary.value_sets import VALUE_SETS, ValueSet

PUBLISHED = SHARED / "data" / "cda" / "jeuxDeValeurs"
TABLES = [value_set for value_set in VALUE_SETS.values() if value_set.oid]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published value sets are not in ../shared"),
]


@pytest.mark.parametrize("value_set", TABLES, ids=lambda table: str(table.name))
def test_a_table_holds_the_published_codes(value_set: ValueSet) -> None:
    """Same OID, same codes of the same code systems, nothing more and nothing less."""
    root = xmlio.parse((PUBLISHED / f"{value_set.name}.xml").read_bytes())
    (published,) = (node for node in root.iter("{urn:ihe:iti:svs:2008}ValueSet"))
    concepts = {(node.get("code"), node.get("codeSystem")) for node in root.iter("{urn:ihe:iti:svs:2008}Concept")}
    assert published.get("id") == value_set.oid
    assert {(member.code, member.system) for member in value_set.members} == concepts
