"""The header of a CDA document as values.

    document (XML, any size)  --read_header-->  Header

Reading stops where the body starts. The reader is tolerant: whatever is missing is None or empty, because a
header is also read to say what it lacks. Every part knows the path it came from.

Source: HL7 CDA R2 section 4.2; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.cda.tree import Node, read_tree
from xds_adapter.errors import CdaInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceId:
    """An II: `extension` is empty when the root alone identifies."""

    root: str
    extension: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A coded element with its translations.

    Attributes:
        qualifiers: Codes of its qualifier names, e.g. ``121139`` for a modality.
    """

    code: str
    system: str = ""
    display: str = ""
    qualifiers: tuple[str, ...] = ()
    translations: tuple[Concept, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A name; `use` is the qualifier of the family name: ``BR`` birth, ``CL`` in use, or empty."""

    family: str = ""
    given: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organisation."""

    identifiers: tuple[InstanceId, ...] = ()
    name: str = ""
    standard_industry_class_code: Concept | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """A person or device that takes part: author, authenticator or performer.

    Attributes:
        device: ``softwareName`` and ``manufacturerModelName`` of an authoring device, or None.
    """

    time: str = ""
    function_code: Concept | None = None
    identifiers: tuple[InstanceId, ...] = ()
    code: Concept | None = None
    name: PersonName | None = None
    device: tuple[str, str] | None = None
    organization: Organization | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The patient."""

    identifiers: tuple[InstanceId, ...] = ()
    names: tuple[PersonName, ...] = ()
    administrative_gender_code: str = ""
    birth_time: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that the document fulfils."""

    identifiers: tuple[InstanceId, ...] = ()
    accession_number: InstanceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEvent:
    """A documented act; `low` and `high` are HL7 TS."""

    identifiers: tuple[InstanceId, ...] = ()
    code: Concept | None = None
    low: str = ""
    high: str = ""
    performers: tuple[Participation, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Everything of a header that XDS and a reader of the document need."""

    template_ids: tuple[InstanceId, ...] = ()
    document_id: InstanceId | None = None
    code: Concept | None = None
    title: str = ""
    effective_time: str = ""
    confidentiality_code: Concept | None = None
    language_code: str = ""
    set_id: InstanceId | None = None
    version_number: str = ""
    patient: Patient | None = None
    authors: tuple[Participation, ...] = ()
    custodian: Organization | None = None
    legal_authenticator: Participation | None = None
    orders: tuple[Order, ...] = ()
    service_events: tuple[ServiceEvent, ...] = ()
    replaced_document: InstanceId | None = None
    encounter_code: Concept | None = None
    facility_code: Concept | None = None


def _instance_id(node: Node | None) -> InstanceId | None:
    if node is None or not node.get("root"):
        return None
    return InstanceId(root=node.get("root"), extension=node.get("extension"), path=node.xpath)


def _instance_ids(node: Node, path: str = "id") -> tuple[InstanceId, ...]:
    found = (_instance_id(child) for child in node.all(path))
    return tuple(identifier for identifier in found if identifier)


def _concept(node: Node | None) -> Concept | None:
    """Read a coded element; None when it has neither a code nor a translation."""
    if node is None:
        return None
    translations = tuple(found for child in node.all("translation") if (found := _concept(child)))
    if not node.get("code") and not translations:
        return None
    original = node.first("originalText")
    return Concept(
        code=node.get("code"),
        system=node.get("codeSystem"),
        display=node.get("displayName") or (original.text if original else ""),
        qualifiers=tuple(name.get("code") for name in node.all("qualifier/name")),
        translations=translations,
        path=node.xpath,
    )


def _text(node: Node, path: str) -> str:
    found = node.first(path)
    return found.text if found else ""


def _value(node: Node, path: str, attribute: str = "value") -> str:
    found = node.first(path)
    return found.get(attribute) if found else ""


def _joined(nodes: Iterable[Node]) -> str:
    return " ".join(node.text for node in nodes if node.text)


def _person(node: Node | None) -> PersonName | None:
    if node is None:
        return None
    # A name may also be written as plain text.
    family = _joined(node.all("family")) or node.text
    return PersonName(family=family, given=_joined(node.all("given"))) if family else None


def _organization(node: Node | None) -> Organization | None:
    if node is None:
        return None
    return Organization(
        identifiers=_instance_ids(node),
        name=_text(node, "name"),
        standard_industry_class_code=_concept(node.first("standardIndustryClassCode")),
        path=node.xpath,
    )


def _participation(node: Node, entity: str) -> Participation:
    role = node.first(entity)
    if role is None:
        return Participation(time=_value(node, "time"), path=node.xpath)
    device = role.first("assignedAuthoringDevice")
    return Participation(
        time=_value(node, "time"),
        function_code=_concept(node.first("functionCode")),
        identifiers=_instance_ids(role),
        code=_concept(role.first("code")),
        name=_person(role.first("assignedPerson/name")),
        device=(_text(device, "softwareName"), _text(device, "manufacturerModelName")) if device else None,
        organization=_organization(role.first("representedOrganization")),
        path=role.xpath,
    )


def _patient_names(name: Node) -> Iterable[PersonName]:
    """Split a French patient name into the birth name and the name in use."""
    for use in dict.fromkeys(family.get("qualifier") for family in name.all("family")):
        family = _joined(part for part in name.all("family") if part.get("qualifier") == use)
        given = _joined(part for part in name.all("given") if part.get("qualifier") == use)
        if not given and use != "CL":
            given = _joined(part for part in name.all("given") if not part.get("qualifier"))
        yield PersonName(family=family, given=given, use=use)


def _patient(role: Node | None) -> Patient | None:
    if role is None:
        return None
    return Patient(
        identifiers=_instance_ids(role),
        names=tuple(part for name in role.all("patient/name") for part in _patient_names(name)),
        administrative_gender_code=_value(role, "patient/administrativeGenderCode", "code"),
        birth_time=_value(role, "patient/birthTime"),
        path=role.xpath,
    )


def _service_event(node: Node) -> ServiceEvent:
    return ServiceEvent(
        identifiers=_instance_ids(node),
        code=_concept(node.first("code")),
        low=_value(node, "effectiveTime/low") or _value(node, "effectiveTime"),
        high=_value(node, "effectiveTime/high"),
        performers=tuple(_participation(child, "assignedEntity") for child in node.all("performer")),
        path=node.xpath,
    )


def _order(node: Node) -> Order:
    return Order(identifiers=_instance_ids(node), accession_number=_instance_id(node.first("ps3-20:accessionNumber")))


def header_of(root: Node) -> Header:
    """Read the header out of a document's nodes.

    Raises:
        CdaInvalid: The root element is not ClinicalDocument.
    """
    if root.name != "ClinicalDocument":
        raise CdaInvalid((f"/: the root element is {root.name}, not ClinicalDocument of urn:hl7-org:v3",))
    authenticator = root.first("legalAuthenticator")
    encounter = "componentOf/encompassingEncounter"
    return Header(
        template_ids=_instance_ids(root, "templateId"),
        document_id=_instance_id(root.first("id")),
        code=_concept(root.first("code")),
        title=_text(root, "title"),
        effective_time=_value(root, "effectiveTime"),
        confidentiality_code=_concept(root.first("confidentialityCode")),
        language_code=_value(root, "languageCode", "code"),
        set_id=_instance_id(root.first("setId")),
        version_number=_value(root, "versionNumber"),
        patient=_patient(root.first("recordTarget/patientRole")),
        authors=tuple(_participation(node, "assignedAuthor") for node in root.all("author")),
        custodian=_organization(root.first("custodian/assignedCustodian/representedCustodianOrganization")),
        legal_authenticator=_participation(authenticator, "assignedEntity") if authenticator else None,
        orders=tuple(_order(node) for node in root.all("inFulfillmentOf/order")),
        service_events=tuple(_service_event(node) for node in root.all("documentationOf/serviceEvent")),
        replaced_document=_instance_id(_replaced(root)),
        encounter_code=_concept(root.first(f"{encounter}/code")),
        facility_code=_concept(root.first(f"{encounter}/location/healthCareFacility/code")),
    )


def _replaced(root: Node) -> Node | None:
    related = (node for node in root.all("relatedDocument") if node.get("typeCode") == "RPLC")
    return next((node.first("parentDocument/id") for node in related), None)


def read_header(chunks: Iterable[bytes]) -> Header:
    """Read the header of a CDA document, without touching its body.

    Args:
        chunks: The document in pieces of any size; a UTF-8 byte order mark is accepted. Pieces after the header
            are not asked for.

    Raises:
        MalformedMessage: The header is not well-formed XML or holds a DTD.
        CdaInvalid: The root element is not ClinicalDocument.
    """
    return header_of(read_tree(chunks, header_only=True))
