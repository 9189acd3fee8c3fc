"""Tell SubmissionSets from Folders: the label is a child of the RegistryPackage, or its sibling.

Source: IHE ITI TF-3 4.2.1.2.
"""

from __future__ import annotations

from lxml import etree

from xds_adapter.vocabulary.ebrim import FOLDER_NODE, SUBMISSION_SET_NODE
from xds_adapter.vocabulary.namespaces import RIM, qname

_CLASSIFICATION = qname(RIM, "Classification")
_NODES = frozenset({SUBMISSION_SET_NODE, FOLDER_NODE})


class PackageLabels:
    """The labels of all RegistryPackages of one list."""

    def __init__(self, objects: etree._Element) -> None:
        self._siblings = {
            element.get("classifiedObject", ""): node
            for element in objects.iterchildren(_CLASSIFICATION)
            if (node := element.get("classificationNode", "")) in _NODES
        }

    def node(self, package: etree._Element) -> str | None:
        """Return SUBMISSION_SET_NODE, FOLDER_NODE or None."""
        # From the end: that is where senders put it, behind everything that describes the package.
        for child in reversed(package):
            if child.tag == _CLASSIFICATION and (node := child.get("classificationNode")) in _NODES:
                return node
        return self._siblings.get(package.get("id", ""))
