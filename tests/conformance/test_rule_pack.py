"""The official pack finds here what it finds elsewhere: same layers, severities and places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import agreement
from tests.mutated import mutations
from tests.shared import shared_path
from xds_adapter.schematron import RulePack

pytest.importorskip("saxonche", reason="needs the extra schematron")

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def _documents(folder: Path, into: Path) -> list[tuple[str, Path]]:
    """All published documents, and twelve of them with one thing broken."""
    published = sorted([*folder.glob("samples/*.xml"), *folder.glob("examples/*.xml")])
    found = [(path.name, path) for path in published]
    for number, (name, content) in enumerate(mutations(published, 12, seed=3)):
        found.append((name, into / f"{number}.xml"))
        found[-1][1].write_bytes(content)
    return found


def test_the_official_pack_agrees_with_another_validator(tmp_path: Path) -> None:
    folder, validator = shared_path("data", "cda"), shared_path("conformance", "validate_cda.py")
    documents = _documents(folder, tmp_path)
    process = agreement.start(validator, [path for _, path in documents])
    with RulePack(folder) as pack:
        ours = [agreement.ours(pack.check(path)) for _, path in documents]
    theirs = [agreement.theirs(report) for report in agreement.reports(process)]
    assert len(documents) == len(theirs)
    assert dict(zip(documents, theirs, strict=True)) == dict(zip(documents, ours, strict=True))
    # The comparison would say nothing if these documents broke no rules.
    assert {"xsd", "header", "model", "body", "ihe"} <= {layer for found in ours for layer, _, _ in found}
