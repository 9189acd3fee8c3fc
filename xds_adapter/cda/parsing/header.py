"""The header back to the members that every kind of case has.

Source: ANS CI-SIS, volet Structuration minimale; HL7 CDA R2 section 4.2.
"""

from __future__ import annotations

from xds_adapter.cda.parsing.parties import (
    address,
    author,
    encounter_participant,
    entity,
    informant,
    organization,
    participant,
    professional,
    recipient,
)
from xds_adapter.cda.parsing.patient import record_target
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.times import moment, period
from xds_adapter.cda.parsing.values import code, document_id, identifier
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.xmlio import Element

_SAME_IN_EVERY_DOCUMENT = ("realmCode", "typeId", "templateId")
LANGUAGE = "fr-FR"


def header(reader: Reader) -> Case:
    """Return the common members of the header; what depends on the kind is read elsewhere."""
    root = reader.root
    for path in _SAME_IN_EVERY_DOCUMENT:
        reader.all(root, path)
    _language(reader)
    return present(
        unique_id=document_id(reader, first(root, "id")),
        set_id=document_id(reader, first(root, "setId")),
        version_number=_version_number(reader, root),
        title=reader.words(root, "title"),
        effective_time=moment(reader, first(root, "effectiveTime"), instant=True),
        confidentiality_code=code(reader, first(root, "confidentialityCode")),
        related_document=_related_document(reader),
        record_target=record_target(reader, first(root, "recordTarget")),
        authors=[author(reader, element) for element in all_of(root, "author")],
        data_enterer=_one(reader, "dataEnterer"),
        informants=[informant(reader, element) for element in all_of(root, "informant")],
        custodian=_custodian(reader),
        information_recipients=[recipient(reader, element) for element in all_of(root, "informationRecipient")],
        legal_authenticator=_one(reader, "legalAuthenticator"),
        authenticators=[entity(reader, element) for element in all_of(root, "authenticator")],
        participants=[participant(reader, element) for element in all_of(root, "participant")],
        authorizations=[found for one in all_of(root, "authorization") if (found := _authorization(reader, one))],
        encompassing_encounter=_encounter(reader),
    )


def _language(reader: Reader) -> None:
    element = reader.first(reader.root, "languageCode")
    if element is not None and (language := get(element, "code")) != LANGUAGE:
        reader.lost(element, f"a document built from a case says {LANGUAGE}, not {language!r}")


def _version_number(reader: Reader, parent: Element) -> int | None:
    element = reader.first(parent, "versionNumber")
    if element is None:
        return None
    value = get(element, "value")
    if not (value.isascii() and value.isdigit()):
        reader.lost(element, f"{value!r} is no version number")
        return None
    return int(value)


def _related_document(reader: Reader) -> Case | None:
    element = first(reader.root, "relatedDocument")
    if element is None:
        return None
    if (type_code := get(element, "typeCode")) != "RPLC":
        reader.lost(element, f"the case form knows a replaced version (RPLC) only, not {type_code!r}")
        reader.see_all(element)
        return None
    reader.see(element)
    parent = reader.first(element, "parentDocument")
    if parent is None:
        return None
    version = _version_number(reader, parent)
    return present(unique_id=document_id(reader, first(parent, "id")), version_number=version) or None


def _custodian(reader: Reader) -> Case | None:
    for path in ("custodian", "custodian/assignedCustodian"):
        reader.first(reader.root, path)
    return organization(reader, first(reader.root, "custodian/assignedCustodian/representedCustodianOrganization"))


def _one(reader: Reader, path: str) -> Case | None:
    element = first(reader.root, path)
    return None if element is None else entity(reader, element)


def _authorization(reader: Reader, element: Element) -> Case:
    reader.see(element)
    consent = reader.first(element, "consent")
    if consent is None:
        return {}
    reader.constant(consent, "statusCode", "completed", system="")
    return present(identifier=identifier(reader, consent), code=code(reader, first(consent, "code")))


def _encounter(reader: Reader) -> Case | None:
    reader.first(reader.root, "componentOf")
    element = reader.first(reader.root, "componentOf/encompassingEncounter")
    if element is None:
        return None
    return present(
        identifier=identifier(reader, element),
        code=code(reader, first(element, "code")),
        effective_time=period(reader, first(element, "effectiveTime")),
        responsible_party=_responsible_party(reader, element),
        encounter_participants=[encounter_participant(reader, one) for one in all_of(element, "encounterParticipant")],
        health_care_facility=_facility(reader, element),
    )


def _responsible_party(reader: Reader, encounter: Element) -> Case | None:
    element = reader.first(encounter, "responsibleParty")
    return None if element is None else professional(reader, first(element, "assignedEntity")) or None


def _facility(reader: Reader, encounter: Element) -> Case | None:
    reader.first(encounter, "location")
    facility = reader.first(encounter, "location/healthCareFacility")
    if facility is None:
        return None
    place = reader.first(facility, "location")
    members = present(identifier=identifier(reader, facility), code=code(reader, first(facility, "code")))
    if place is not None:
        members |= present(name=reader.words(place, "name"), addr=address(reader, place))
    return members
