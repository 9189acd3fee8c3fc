"""A RegistryPackage is labelled inside or beside itself."""

from __future__ import annotations

import pytest

from tests.messages import element, find
from xds_adapter.ebxml.package import Labels
from xds_adapter.vocabulary.ebrim import FOLDER_NODE, SUBMISSION_SET_NODE

OTHER = '<rim:Classification classifiedObject="p" classificationScheme="urn:uuid:other"/>'


def _label(node: str) -> str:
    return f'<rim:Classification classifiedObject="p" classificationNode="{node}"/>'


@pytest.mark.parametrize("node", [SUBMISSION_SET_NODE, FOLDER_NODE], ids=["SubmissionSet", "Folder"])
@pytest.mark.parametrize("inside", [True, False], ids=["inside", "beside"])
def test_the_label_counts_inside_and_beside(node: str, inside: bool) -> None:
    within, beside = (OTHER + _label(node), "") if inside else (OTHER, OTHER + _label(node))
    package = f'<rim:RegistryPackage id="p">{within}</rim:RegistryPackage>'
    objects = element(f"<rim:RegistryObjectList>{beside}{package}</rim:RegistryObjectList>")
    assert node == Labels(objects).node(find(objects, "rim:RegistryPackage"))


@pytest.mark.parametrize("beside", ["", OTHER, _label("urn:uuid:other"), _label(FOLDER_NODE).replace('"p"', '"q"')])
def test_without_a_label_it_is_neither(beside: str) -> None:
    objects = element(f'<rim:RegistryObjectList>{beside}<rim:RegistryPackage id="p"/></rim:RegistryObjectList>')
    assert Labels(objects).node(find(objects, "rim:RegistryPackage")) is None
