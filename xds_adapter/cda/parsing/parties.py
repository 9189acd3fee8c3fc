"""Persons and organisations of a header or an entry back to their members.

Source: ANS CI-SIS, volet Structuration minimale; HL7 CDA R2 section 4.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable

from xds_adapter.cda.parsing.narrative import own_words
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.times import moment, period
from xds_adapter.cda.parsing.values import identifier, member_code
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.value_sets import VALUE_SETS
from xds_adapter.xmlio import Element

CIVILITY = "JDV_J245_Civilite"
PERSON_TITLE = "JDV_J246_Titre"

_ADDRESS_PARTS = {
    "unit_id": "unitID",
    "additional_locator": "additionalLocator",
    "house_number": "houseNumber",
    "street_name_type": "streetNameType",
    "street_name": "streetName",
    "post_box": "postBox",
    "precinct": "precinct",
    "postal_code": "postalCode",
    "city": "city",
    "county": "county",
    "state": "state",
    "country": "country",
}
_NAME_PARTS = ("prefix", "given", "family", "suffix")


def address(reader: Reader, parent: Element) -> Case | None:
    """Return the first address of a party, or None when it has none."""
    element = reader.first(parent, "addr")
    if element is None:
        return None
    lines = [own_words(line) for line in reader.all(element, "streetAddressLine")]
    parts = {name: reader.words(element, path) for name, path in _ADDRESS_PARTS.items()}
    if lines and any(parts.values()):
        reader.repaired(element, "an address is in lines or in parts; its parts are put behind its lines")
        lines, parts = [*lines, *filter(None, parts.values())], {}
    found = present(street_address_lines=[line for line in lines if line.strip()], **parts)
    return present(use=get(element, "use")) | found if found else None


def telecoms(reader: Reader, parent: Element) -> list[Case]:
    """Return the telecommunication addresses of a party; a built document gives each of them once."""
    found: dict[str, Case] = {}
    for one in reader.all(parent, "telecom"):
        value = get(one, "value")
        if value in found:
            reader.repaired(one, f"{value} is given twice; the first is taken")
        elif value:
            found[value] = present(value=value, use=get(one, "use"))
    return list(found.values())


def joined(reader: Reader, elements: Iterable[Element]) -> str:
    """Return the words of elements that a case holds as one; a second one is noted."""
    found = [one for one in elements if own_words(one).strip()]
    reader.see(*found)
    for one in found if len(found) > 1 else ():
        reader.repaired(one, f"the case form holds one value here; {len(found)} are put behind each other")
    return " ".join(own_words(one) for one in found)


def person_name(reader: Reader, parent: Element | None) -> Case | None:
    """Return the name of a person element, e.g. ``assignedPerson``."""
    element = None if parent is None else reader.first(parent, "name")
    reader.see(parent)
    if element is None:
        return None
    parts = {part: joined(reader, all_of(element, part)) for part in _NAME_PARTS}
    if not parts["family"] and (element.text or "").strip():
        parts["family"] = " ".join((element.text or "").split())
        reader.assumed(element, f"the name {parts['family']!r} is not divided; it is taken as family name")
    for part, name in (("prefix", CIVILITY), ("suffix", PERSON_TITLE)):
        _mend_title(reader, element, parts, part, name)
    return present(**parts) or None


def _mend_title(reader: Reader, element: Element, parts: dict[str, str], part: str, name: str) -> None:
    """Leave out a civility or title that is not in its value set; ``Dr`` before a name is the title DR."""
    said = parts[part]
    if not said or VALUE_SETS[name].find(said) is not None:
        return
    parts[part] = ""
    title = said.strip(" .").upper()
    if part == "prefix" and not parts["suffix"] and VALUE_SETS[PERSON_TITLE].find(title) is not None:
        parts["suffix"] = title
        reader.repaired(element, f"{said!r} stands before the name; it is the title {title}")
    else:
        reader.lost(
            element, f"{said!r} is not a code of {VALUE_SETS[name].name} ({VALUE_SETS[name].words}); it is left out"
        )


def organization(reader: Reader, element: Element | None) -> Case | None:
    """Return an organisation."""
    if element is None:
        return None
    reader.see(element)
    return present(
        identifier=identifier(reader, element),
        name=joined(reader, all_of(element, "name")),
        telecom=telecoms(reader, element),
        addr=address(reader, element),
        standard_industry_class_code=member_code(
            reader, first(element, "standardIndustryClassCode"), "JDV_J04_XdsPracticeSettingCode"
        ),
    )


def professional(
    reader: Reader, role: Element | None, *, person: str = "assignedPerson", place: str = "representedOrganization"
) -> Case:
    """Return a professional: an ``assignedEntity`` or what has its form.

    Args:
        reader: The document.
        role: The element that holds id, code, addr, telecom; None gives an empty member.
        person: Name of its child that holds the name.
        place: Name of its child that is the organisation.
    """
    if role is None:
        return {}
    reader.see(role)
    return present(
        identifier=identifier(reader, role),
        code=member_code(reader, first(role, "code"), "JDV_J01_XdsAuthorSpecialty"),
        addr=address(reader, role),
        telecom=telecoms(reader, role),
        name=person_name(reader, first(role, person)),
        represented_organization=organization(reader, first(role, place)),
    )


def author(reader: Reader, element: Element) -> Case:
    """Return an author of the document, of a section or of an entry: a person or a system."""
    reader.see(element)
    role = first(element, "assignedAuthor")
    return present(
        time=moment(reader, first(element, "time"), instant=True),
        function_code=member_code(reader, first(element, "functionCode"), "JDV_J47_FunctionCode"),
        authoring_device=None if role is None else _device(reader, role),
        **professional(reader, role),
    )


def _device(reader: Reader, role: Element) -> Case | None:
    device = reader.first(role, "assignedAuthoringDevice")
    if device is None:
        return None
    return present(
        manufacturer_model_name=reader.words(device, "manufacturerModelName"),
        software_name=reader.words(device, "softwareName"),
    )


def entity(reader: Reader, element: Element) -> Case:
    """Return who acts at a time: who answers for a document, attests it or typed it in."""
    reader.see(element)
    reader.constant(element, "signatureCode", "S", system="")
    return present(
        time=moment(reader, first(element, "time"), instant=True),
        **professional(reader, first(element, "assignedEntity")),
    )


def recipient(reader: Reader, element: Element) -> Case:
    """Return a recipient."""
    reader.see(element)
    role = first(element, "intendedRecipient")
    return professional(reader, role, person="informationRecipient", place="receivedOrganization")


def participant(reader: Reader, element: Element) -> Case:
    """Return a further participant of the header."""
    reader.see(element)
    role = first(element, "associatedEntity")
    members = professional(reader, role, person="associatedPerson", place="scopingOrganization")
    scoping = members.pop("represented_organization", None)
    return present(
        type_code=get(element, "typeCode"),
        function_code=member_code(reader, first(element, "functionCode"), "JDV_J47_FunctionCode"),
        **_when(reader, element),
        class_code="" if role is None else get(role, "classCode"),
        **members,
        scoping_organization=scoping,
    )


def _when(reader: Reader, element: Element) -> Case:
    """Return the time of a participation, or its period."""
    time = first(element, "time")
    if time is not None and len(time):
        return present(period=period(reader, time))
    return present(time=moment(reader, time, instant=True))


def encounter_participant(reader: Reader, element: Element) -> Case:
    """Return a further professional of the encounter."""
    reader.see(element)
    return present(
        type_code=get(element, "typeCode"),
        period=period(reader, first(element, "time")),
        **professional(reader, first(element, "assignedEntity")),
    )


def informant(reader: Reader, element: Element) -> Case:
    """Return who gave information: someone of the patient's, or a professional."""
    reader.see(element)
    related = reader.first(element, "relatedEntity")
    if related is None:
        return present(assigned_entity=professional(reader, first(element, "assignedEntity")))
    return {
        "related_entity": present(
            class_code=get(related, "classCode"),
            code=member_code(reader, first(related, "code"), "JDV_J11_RelationPatient"),
            addr=address(reader, related),
            telecom=telecoms(reader, related),
            name=person_name(reader, first(related, "relatedPerson")),
        )
    }


def guardian(reader: Reader, element: Element) -> Case:
    """Return who represents the patient."""
    reader.see(element)
    return present(
        addr=address(reader, element),
        telecom=telecoms(reader, element),
        name=person_name(reader, first(element, "guardianPerson")),
        organization=organization(reader, first(element, "guardianOrganization")),
    )


def performer(reader: Reader, parent: Element) -> Case | None:
    """Return the first performer of an act or entry; one without a name stays unseen, for a case needs the name."""
    element = first(parent, "performer")
    if element is None or first(element, "assignedEntity/assignedPerson") is None:
        return None
    reader.see(element)
    return professional(reader, first(element, "assignedEntity")) or None
