"""Checks of the header: what must be there, how often, and the values that are fixed in France.

Source: ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.tree import all_of, get, name_of
from xds_adapter.vocabulary.cda import CDA_TYPE_ID, CI_SIS, HL7_FRANCE
from xds_adapter.vocabulary.value_sets import CONFIDENTIALITY
from xds_adapter.xmlio import Element

_MANY = 10_000
_ROLE = "recordTarget/patientRole"
_CUSTODIAN = "custodian/assignedCustodian"
_ENCOUNTER = "componentOf/encompassingEncounter"

_CARDINALITIES: tuple[tuple[str, str, int, int], ...] = (
    ("", "realmCode", 1, 1),
    ("", "typeId", 1, 1),
    ("", "templateId", 1, _MANY),
    ("", "id", 1, 1),
    ("", "code", 1, 1),
    ("", "title", 1, 1),
    ("", "effectiveTime", 1, 1),
    ("", "confidentialityCode", 1, 1),
    ("", "languageCode", 1, 1),
    ("", "setId", 1, 1),
    ("", "versionNumber", 1, 1),
    ("", "recordTarget", 1, 1),
    (_ROLE, "id", 1, _MANY),
    (_ROLE, "patient", 1, 1),
    (f"{_ROLE}/patient", "name", 1, 1),
    (f"{_ROLE}/patient/name", "family", 1, _MANY),
    (f"{_ROLE}/patient", "administrativeGenderCode", 1, 1),
    (f"{_ROLE}/patient", "birthTime", 1, 1),
    ("", "author", 1, _MANY),
    ("author", "time", 1, 1),
    ("author", "assignedAuthor", 1, 1),
    ("author/assignedAuthor", "id", 1, _MANY),
    ("", "custodian", 1, 1),
    (_CUSTODIAN, "representedCustodianOrganization", 1, 1),
    (f"{_CUSTODIAN}/representedCustodianOrganization", "id", 1, 1),
    ("", "legalAuthenticator", 1, 1),
    ("legalAuthenticator", "time", 1, 1),
    ("legalAuthenticator", "signatureCode", 1, 1),
    ("legalAuthenticator", "assignedEntity", 1, 1),
    ("legalAuthenticator/assignedEntity", "id", 1, 1),
    ("participant", "time", 1, 1),
    ("inFulfillmentOf", "order", 1, 1),
    ("inFulfillmentOf/order", "id", 1, 1),
    ("", "documentationOf", 1, _MANY),
    ("documentationOf", "serviceEvent", 1, 1),
    ("", "relatedDocument", 0, 1),
    ("relatedDocument/parentDocument", "id", 1, 1),
    ("", "componentOf", 1, 1),
    (_ENCOUNTER, "effectiveTime", 1, 1),
    (_ENCOUNTER, "location", 1, 1),
    (f"{_ENCOUNTER}/location", "healthCareFacility", 1, 1),
    (f"{_ENCOUNTER}/location/healthCareFacility", "code", 1, 1),
    ("", "component", 1, 1),
)
"""Parent, child, least and most: what is counted in every parent that there is."""


def _parents(root: Element, path: str) -> list[Element]:
    return all_of(root, path) if path else [root]


def cardinalities(root: Element) -> Iterator[Flaw]:
    """Count what a header must have (CDA-010, CDA-011)."""
    for path, child, least, most in _CARDINALITIES:
        for parent in _parents(root, path):
            equals = all_of(parent, child)
            if len(equals) < least:
                yield found("CDA-010", parent, element=f"{name_of(parent)}/{child}")
            elif len(equals) > most:
                yield found("CDA-011", equals[most], element=child, count=len(equals), most=most)


def fixed_values(root: Element) -> Iterator[Flaw]:
    """Check what has the same value in every French document (CDA-012 to CDA-016, CDA-019)."""
    for node in all_of(root, "typeId"):
        if (get(node, "root"), get(node, "extension")) != CDA_TYPE_ID:
            yield found("CDA-012", node, root=CDA_TYPE_ID[0], extension=CDA_TYPE_ID[1])
    for node in all_of(root, "realmCode"):
        if get(node, "code") != "FR":
            yield found("CDA-013", node, code=get(node, "code"))
    templates = {get(node, "root") for node in all_of(root, "templateId")}
    for template, name in ((HL7_FRANCE, "HL7 France"), (CI_SIS, "CI-SIS")):
        if templates and template not in templates:
            yield found("CDA-014", root, root=template, name=name)
    for node in all_of(root, "versionNumber"):
        value = get(node, "value")
        if not (value.isascii() and value.isdigit() and int(value[:18])):
            yield found("CDA-015", node, value=value)
    for node in all_of(root, "confidentialityCode"):
        if CONFIDENTIALITY.find(get(node, "code")) is None:
            yield found("CDA-016", node, code=get(node, "code"))
    for node in all_of(root, "relatedDocument"):
        if get(node, "typeCode") != "RPLC":
            yield found("CDA-019", node, code=get(node, "typeCode"))


def main_act(root: Element) -> Iterator[Flaw]:
    """Check the first documentationOf, which feeds XDS (CDA-017), and all performers (CDA-018)."""
    events = all_of(root, "documentationOf/serviceEvent")
    for event in events[:1]:
        for element in ("effectiveTime", "performer"):
            if not all_of(event, element):
                yield found("CDA-017", event, element=element)
    for event in events:
        for performer in all_of(event, "performer"):
            for element in ("representedOrganization", "representedOrganization/standardIndustryClassCode"):
                if not all_of(performer, f"assignedEntity/{element}"):
                    yield found("CDA-018", performer, element=element)
                    break
