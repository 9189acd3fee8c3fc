"""Labels of objects: a child of the object, or its sibling that points at it.

One tells SubmissionSets from Folders, another says that an object has limited metadata.

Source: IHE ITI TF-3 4.2.1.2, 4.2.3.2.29.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from lxml import etree

from xds_adapter.vocabulary.ebrim import FOLDER_NODE, SUBMISSION_SET_NODE
from xds_adapter.vocabulary.namespaces import RIM, qname

_CLASSIFICATION = qname(RIM, "Classification")
_NODES = (SUBMISSION_SET_NODE, FOLDER_NODE)
_NONE: frozenset[str] = frozenset()


class Labels:
    """The labels of all objects of one list."""

    def __init__(self, objects: etree._Element) -> None:
        self._siblings: dict[str, set[str]] = {}
        for element in objects.iterchildren(_CLASSIFICATION):
            nodes = self._siblings.setdefault(element.get("classifiedObject", ""), set())
            nodes.add(element.get("classificationNode", ""))

    def node(self, package: etree._Element) -> str | None:
        """Return SUBMISSION_SET_NODE, FOLDER_NODE or None."""
        # From the end: that is where senders put it, behind everything that describes the package.
        for child in reversed(package):
            if child.tag == _CLASSIFICATION and (node := child.get("classificationNode")) in _NODES:
                return node
        beside = self.beside(package.get("id", ""))
        return next((node for node in _NODES if node in beside), None)

    def beside(self, object_id: str) -> AbstractSet[str]:
        """The classification nodes of the siblings that point at an object."""
        return self._siblings.get(object_id, _NONE)
