"""Checks of the header: what must be there, how often, and the values that are fixed in France.

Source: ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import CDA_TYPE_ID, CI_SIS, HL7_FRANCE, LEVEL_1
from xds_adapter.xmlio import Element


def fixed_values(root: Element) -> Iterator[Flaw]:
    """Check what has the same value in every French document (CDA-012 to CDA-014, CDA-019, CDA-027, CDA-063)."""
    for node in all_of(root, "typeId"):
        if (get(node, "root"), get(node, "extension")) != CDA_TYPE_ID:
            yield found("CDA-012", node, root=CDA_TYPE_ID[0], extension=CDA_TYPE_ID[1])
    for node in all_of(root, "realmCode"):
        if get(node, "code") != "FR":
            yield found("CDA-013", node, code=get(node, "code"))
    yield from _document_templates(root)
    authors = all_of(root, "author")
    if authors and all(author.get("nullFlavor") is not None for author in authors):
        yield found("CDA-010", root, element="ClinicalDocument/author without nullFlavor")
    for node in all_of(root, "versionNumber"):
        if get(node, "value").strip("0") == "" != get(node, "value"):
            yield found("CDA-027", node)
    for node in all_of(root, "relatedDocument"):
        if get(node, "typeCode") != "RPLC":
            yield found("CDA-019", node, code=get(node, "typeCode"))


def _document_templates(root: Element) -> Iterator[Flaw]:
    """Check the templates of the document: those of France, and one or all of its model."""
    templates = [get(node, "root") for node in all_of(root, "templateId")]
    for template, name in ((HL7_FRANCE, "HL7 France"), (CI_SIS, "CI-SIS")):
        if template not in templates:
            yield found("CDA-014", root, root=template, name=name)
    if not set(templates) - {HL7_FRANCE, CI_SIS}:
        yield found("CDA-014", root, root=LEVEL_1, name="CI-SIS level 1, or that of a model")
    level_1 = (HL7_FRANCE, CI_SIS, LEVEL_1)
    if first(root, "component/nonXMLBody") is not None and sorted(templates) != sorted(level_1):
        yield found("CDA-063", root, expected=", ".join(level_1))


def main_act(root: Element) -> Iterator[Flaw]:
    """Check the first documentationOf, which feeds XDS (CDA-017)."""
    for documentation in all_of(root, "documentationOf")[:1]:
        for element in ("effectiveTime", "performer"):
            if len(all_of(documentation, f"serviceEvent/{element}")) != 1:
                yield found("CDA-017", documentation, element=element)
