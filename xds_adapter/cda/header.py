"""The header of a CDA document as values.

    document (XML, any size)  --read_header-->  Header

Reading stops where the body starts. The reader is tolerant: whatever is missing is None or empty, because a
header is also read to say what it lacks. Every part knows the path it came from.

Source: HL7 CDA R2 section 4.2; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.cda.tree import all_of, first, get, name_of, read_tree, text_of, xpath_of
from xds_adapter.errors import CdaInvalid
from xds_adapter.xmlio import Element


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


def _text(node: Element, path: str) -> str:
    found = first(node, path)
    return text_of(found) if found is not None else ""


def _value(node: Element, path: str, attribute: str = "value") -> str:
    found = first(node, path)
    return get(found, attribute) if found is not None else ""


def _joined(nodes: Iterable[Element]) -> str:
    return " ".join(text_of(node) for node in nodes if text_of(node))


def _person(node: Element | None) -> PersonName | None:
    if node is None:
        return None
    # A name may also be written as plain text.
    family = _joined(all_of(node, "family")) or text_of(node)
    return PersonName(family=family, given=_joined(all_of(node, "given"))) if family else None


def _patient_names(name: Element) -> Iterable[PersonName]:
    """Split a French patient name into the birth name and the name in use."""
    for use in dict.fromkeys(get(family, "qualifier") for family in all_of(name, "family")):
        family = _joined(part for part in all_of(name, "family") if get(part, "qualifier") == use)
        given = _joined(part for part in all_of(name, "given") if get(part, "qualifier") == use)
        if not given and use != "CL":
            given = _joined(part for part in all_of(name, "given") if not get(part, "qualifier"))
        yield PersonName(family=family, given=given, use=use)


class _Reader:
    """Reads the parts of one header; it remembers where their parents stand."""

    def __init__(self) -> None:
        self._paths: dict[Element, str] = {}

    def path(self, node: Element) -> str:
        return xpath_of(node, self._paths)

    def instance_id(self, node: Element | None) -> InstanceId | None:
        if node is None or not get(node, "root"):
            return None
        return InstanceId(root=get(node, "root"), extension=get(node, "extension"), path=self.path(node))

    def instance_ids(self, node: Element, path: str = "id") -> tuple[InstanceId, ...]:
        found = (self.instance_id(child) for child in all_of(node, path))
        return tuple(identifier for identifier in found if identifier)

    def concept(self, node: Element | None) -> Concept | None:
        """Read a coded element; None when it has neither a code nor a translation."""
        if node is None:
            return None
        translations = tuple(found for child in all_of(node, "translation") if (found := self.concept(child)))
        if not get(node, "code") and not translations:
            return None
        original = first(node, "originalText")
        return Concept(
            code=get(node, "code"),
            system=get(node, "codeSystem"),
            display=get(node, "displayName") or (text_of(original) if original is not None else ""),
            qualifiers=tuple(get(name, "code") for name in all_of(node, "qualifier/name")),
            translations=translations,
            path=self.path(node),
        )

    def organization(self, node: Element | None) -> Organization | None:
        if node is None:
            return None
        return Organization(
            identifiers=self.instance_ids(node),
            name=_text(node, "name"),
            standard_industry_class_code=self.concept(first(node, "standardIndustryClassCode")),
            path=self.path(node),
        )

    def participation(self, node: Element, entity: str) -> Participation:
        role = first(node, entity)
        if role is None:
            return Participation(time=_value(node, "time"), path=self.path(node))
        device = first(role, "assignedAuthoringDevice")
        return Participation(
            time=_value(node, "time"),
            function_code=self.concept(first(node, "functionCode")),
            identifiers=self.instance_ids(role),
            code=self.concept(first(role, "code")),
            name=_person(first(role, "assignedPerson/name")),
            device=(_text(device, "softwareName"), _text(device, "manufacturerModelName"))
            if device is not None
            else None,
            organization=self.organization(first(role, "representedOrganization")),
            path=self.path(role),
        )

    def patient(self, role: Element | None) -> Patient | None:
        if role is None:
            return None
        return Patient(
            identifiers=self.instance_ids(role),
            names=tuple(part for name in all_of(role, "patient/name") for part in _patient_names(name)),
            administrative_gender_code=_value(role, "patient/administrativeGenderCode", "code"),
            birth_time=_value(role, "patient/birthTime"),
            path=self.path(role),
        )

    def service_event(self, node: Element) -> ServiceEvent:
        return ServiceEvent(
            identifiers=self.instance_ids(node),
            code=self.concept(first(node, "code")),
            low=_value(node, "effectiveTime/low") or _value(node, "effectiveTime"),
            high=_value(node, "effectiveTime/high"),
            performers=tuple(self.participation(child, "assignedEntity") for child in all_of(node, "performer")),
            path=self.path(node),
        )

    def order(self, node: Element) -> Order:
        return Order(
            identifiers=self.instance_ids(node),
            accession_number=self.instance_id(first(node, "ps3-20:accessionNumber")),
        )


def concept_of(element: Element) -> Concept | None:
    """Read a coded element anywhere in a document; None when it has neither a code nor a translation."""
    return _Reader().concept(element)


def header_of(root: Element) -> Header:
    """Read the header out of a document's nodes.

    Raises:
        CdaInvalid: The root element is not ClinicalDocument.
    """
    if name_of(root) != "ClinicalDocument":
        raise CdaInvalid((f"/: the root element is {name_of(root)}, not ClinicalDocument of urn:hl7-org:v3",))
    read = _Reader()
    authenticator = first(root, "legalAuthenticator")
    encounter = "componentOf/encompassingEncounter"
    return Header(
        template_ids=read.instance_ids(root, "templateId"),
        document_id=read.instance_id(first(root, "id")),
        code=read.concept(first(root, "code")),
        title=_text(root, "title"),
        effective_time=_value(root, "effectiveTime"),
        confidentiality_code=read.concept(first(root, "confidentialityCode")),
        language_code=_value(root, "languageCode", "code"),
        set_id=read.instance_id(first(root, "setId")),
        version_number=_value(root, "versionNumber"),
        patient=read.patient(first(root, "recordTarget/patientRole")),
        authors=tuple(read.participation(node, "assignedAuthor") for node in all_of(root, "author")),
        custodian=read.organization(first(root, "custodian/assignedCustodian/representedCustodianOrganization")),
        legal_authenticator=read.participation(authenticator, "assignedEntity") if authenticator is not None else None,
        orders=tuple(read.order(node) for node in all_of(root, "inFulfillmentOf/order")),
        service_events=tuple(read.service_event(node) for node in all_of(root, "documentationOf/serviceEvent")),
        replaced_document=read.instance_id(_replaced(root)),
        encounter_code=read.concept(first(root, f"{encounter}/code")),
        facility_code=read.concept(first(root, f"{encounter}/location/healthCareFacility/code")),
    )


def _replaced(root: Element) -> Element | None:
    related = (node for node in all_of(root, "relatedDocument") if get(node, "typeCode") == "RPLC")
    return next((first(node, "parentDocument/id") for node in related), None)


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
