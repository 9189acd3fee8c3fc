"""What a header says, as labelled facts: the patient, who did what and when, and everything else.

Source: HL7 CDA R2 section 4.2; ANS CI-SIS, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.cda.view.links import without_bidi
from xds_adapter.cda.view.moments import moment, years_between
from xds_adapter.cda.view.people import (
    Line,
    address,
    contacts,
    display,
    identifier,
    joined,
    organization,
    party,
    person_name,
)
from xds_adapter.cda.view.words import Words
from xds_adapter.vocabulary.cda import (
    IMAGING_REQUEST_CODE,
    INS_ROOTS,
    INS_TEST_ROOTS,
    QUALIFIER_MODALITY,
    TELEMEDICINE_REQUEST_CODE,
)
from xds_adapter.xmlio import Element

_Row = tuple[str, Sequence["Line | None"]]


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its values."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientView:
    """The patient, as the banner shows one.

    Attributes:
        name: The name in use.
        facts: What identifies the patient: birth name, birth, sex, numbers.
        more: What does not: place of birth, address, contacts.
    """

    name: str
    facts: tuple[Fact, ...]
    more: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside the title; `tone` is ``plain``, ``notice`` or ``alarm``."""

    text: str
    tone: str = "plain"


def _facts(rows: Iterable[_Row]) -> tuple[Fact, ...]:
    """Make facts of rows that have values; rows of one label become one fact."""
    grouped: dict[str, dict[Line, None]] = {}
    for label, lines in rows:
        for line in lines:
            if line is not None and line.text:
                grouped.setdefault(label, {})[line] = None
    return tuple(Fact(label, tuple(lines)) for label, lines in grouped.items())


def patient(root: Element, words: Words) -> PatientView:
    """Read the patient."""
    role = first(root, "recordTarget/patientRole")
    person = first(role, "patient") if role is not None else None
    if role is None or person is None:
        return PatientView(name=words("unknown_patient"), facts=(), more=())
    used, birth_name = _names(all_of(person, "name"))
    facts = _facts(
        (
            (words("birth_name"), [Line(birth_name)]),
            (words("born"), [_birth(root, person, words)]),
            (words("sex"), [_sex(person, words)]),
            *_patient_numbers(role, words),
        )
    )
    place = address(first(person, "birthplace/place/addr"))
    more = _facts(
        (
            (words("birthplace"), [Line(place)]),
            (words("address"), [Line(address(element)) for element in all_of(role, "addr")]),
            (words("telecom"), [Line(contacts(all_of(role, "telecom")))]),
        )
    )
    return PatientView(name=used or birth_name or words("unknown_patient"), facts=facts, more=more)


def _names(names: list[Element]) -> tuple[str, str]:
    """Return the name in use and the name at birth, which French documents write into one element."""
    used = _name_of_use(names, "CL") or _name_of_use(names, "")
    birth_name = _name_of_use(names, "BR")
    if not used:
        return birth_name or joined(names), ""
    return used, birth_name


def _name_of_use(names: list[Element], use: str) -> str:
    for name in names:
        family = joined(part for part in all_of(name, "family") if get(part, "qualifier") == use)
        if family:
            given = joined(part for part in all_of(name, "given") if get(part, "qualifier") == use)
            all_given = joined(part for part in all_of(name, "given") if not get(part, "qualifier"))
            return f"{family} {(all_given or given) if use == 'BR' else (given or all_given)}".strip()
    return ""


def _birth(root: Element, person: Element, words: Words) -> Line | None:
    ts = _value(person, "birthTime")
    if not ts:
        return None
    years = years_between(ts, _value(root, "effectiveTime"))
    return Line(without_bidi(moment(ts, words)), "" if years is None else words("age", years=years))


def _sex(person: Element, words: Words) -> Line | None:
    code = first(person, "administrativeGenderCode")
    if code is None:
        return None
    return Line(words.known(f"sex_{get(code, 'code')}") or display(code))


def _patient_numbers(role: Element, words: Words) -> Iterator[_Row]:
    for element in all_of(role, "id"):
        root, number = get(element, "root"), identifier(element)
        if root in INS_ROOTS:
            yield words("ins_test" if root in INS_TEST_ROOTS else "ins"), [Line(number)]
        elif get(element, "extension"):
            yield words("local_id"), [Line(number, without_bidi(get(element, "assigningAuthorityName")))]


def _value(element: Element, path: str, attribute: str = "value") -> str:
    found = first(element, path)
    return get(found, attribute) if found is not None else ""


def _timed(line: Line | None, ts: str, words: Words) -> Line | None:
    """Add the moment of a participation to its small print."""
    if line is None or not ts:
        return line
    when = words("on", moment=without_bidi(moment(ts, words)))
    return Line(line.text, f"{line.note} – {when}" if line.note else when)


def _is_request(root: Element) -> bool:
    return _value(root, "code", "code") in {IMAGING_REQUEST_CODE, TELEMEDICINE_REQUEST_CODE}


def _is_order(event: Element) -> bool:
    """Tell whether an act stands for the request itself: its id is the order number."""
    return _value(event, "code", "code") == IMAGING_REQUEST_CODE


def _assigned(parent: Element, path: str = "assignedEntity") -> Line | None:
    return party(first(parent, path), person="assignedPerson", organization_path="representedOrganization")


def _associated(parent: Element) -> Line | None:
    return party(first(parent, "associatedEntity"), person="associatedPerson", organization_path="scopingOrganization")


def summary(root: Element, words: Words) -> tuple[Fact, ...]:
    """Return who, what and when."""
    events = all_of(root, "documentationOf/serviceEvent")
    acts = [event for event in events if not _is_order(event)]
    accessions = all_of(root, "inFulfillmentOf/order/ps3-20:accessionNumber")
    orders = [element for event in events if _is_order(event) for element in all_of(event, "id")]
    orders += all_of(root, "inFulfillmentOf/order/id")
    rows: tuple[_Row, ...] = (
        (words("requested_act" if _is_request(root) else "exam"), [_act(event, words) for event in acts]),
        *_merged(_people(root, events, words)),
        (words("accession"), [Line(identifier(element)) for element in accessions]),
        (words("order"), [Line(identifier(element)) for element in orders]),
    )
    return _facts(rows)


def _people(root: Element, events: list[Element], words: Words) -> Iterator[_Row]:
    """Yield who did what; the performer in a request is who asks."""
    is_request = _is_request(root)
    if not is_request:
        yield words("performer"), [_assigned(performer) for event in events for performer in all_of(event, "performer")]
        yield words("prescriber"), [_associated(element) for element in _participants(root, "REF")]
    for label, path, entity in (
        ("prescriber" if is_request else "author", "author", "assignedAuthor"),
        ("legal_authenticator", "legalAuthenticator", "assignedEntity"),
    ):
        elements = all_of(root, path)
        yield (
            words(label),
            [_timed(_assigned(element, entity), _value(element, "time"), words) for element in elements],
        )


def _merged(rows: Iterable[_Row]) -> Iterator[_Row]:
    """Name a person once who did several things: the labels are joined, and what was said last stays."""
    merged: dict[tuple[str, ...], tuple[list[str], list[Line]]] = {}
    for label, found in rows:
        lines = [line for line in found if line is not None]
        names = tuple(dict.fromkeys(line.text for line in lines))
        if names:
            labels, _ = merged.get(names, ([], lines))
            merged[names] = ([*labels, label], lines)
    for labels, lines in merged.values():
        yield " · ".join(labels), lines


def _act(event: Element, words: Words) -> Line:
    """Write an act: its name, and when it took place and with which modality in small print."""
    code = first(event, "code")
    modality = ""
    for translation in all_of(event, "code/translation"):
        if _value(translation, "qualifier/name", "code") == QUALIFIER_MODALITY:
            modality = display(translation)
    when = _value(event, "effectiveTime/low") or _value(event, "effectiveTime")
    parts = (modality, without_bidi(moment(when, words)) if when else "")
    name = display(code) or parts[1]
    return Line(name, " – ".join(part for part in parts if part and part != name))


def _participants(root: Element, type_code: str) -> list[Element]:
    return [element for element in all_of(root, "participant") if get(element, "typeCode") == type_code]


def details(root: Element, words: Words) -> tuple[Fact, ...]:
    """Return everything else that a header says of the document."""
    rows: tuple[_Row, ...] = (
        *_parties(root, words),
        *_encounter(root, words),
        (words("custodian"), [_custodian(root)]),
        (words("consent"), [Line(display(code)) for code in all_of(root, "authorization/consent/code")]),
        *_about_document(root, words),
    )
    return _facts(rows)


def _parties(root: Element, words: Words) -> Iterator[_Row]:
    for element in all_of(root, "dataEnterer"):
        yield words("scribe"), [_assigned(element)]
    for element in all_of(root, "informant"):
        related = first(element, "relatedEntity")
        name = person_name(first(related, "relatedPerson/name")) if related is not None else ""
        note = display(first(related, "code")) if related is not None else ""
        yield words("informant"), [Line(name, note) if related is not None else _assigned(element)]
    for element in all_of(root, "informationRecipient"):
        recipient = first(element, "intendedRecipient")
        line = party(recipient, person="informationRecipient", organization_path="receivedOrganization")
        yield words("recipient"), [line]
    for element in all_of(root, "authenticator"):
        yield words("authenticator"), [_timed(_assigned(element), _value(element, "time"), words)]
    shown = set() if _is_request(root) else {"REF"}  # the summary names who asked for the examination
    for element in all_of(root, "participant"):
        if get(element, "typeCode") in shown:
            continue
        yield _participant_label(element, words), [_associated(element)]


def _participant_label(element: Element, words: Words) -> str:
    """Name a participation by its function, or by its type."""
    function = display(first(element, "functionCode"))
    return function or words.known(f"participant_{get(element, 'typeCode')}") or words("participant")


def _encounter(root: Element, words: Words) -> Iterator[_Row]:
    encounter = first(root, "componentOf/encompassingEncounter")
    if encounter is None:
        return
    start = _value(encounter, "effectiveTime/low") or _value(encounter, "effectiveTime")
    kind = display(first(encounter, "code"))
    when = words("on", moment=without_bidi(moment(start, words))) if start else ""
    yield words("encounter"), [Line(kind or when, when if kind else "")]
    place = first(encounter, "location/healthCareFacility/location")
    name = organization(place)
    kind_of_place = display(first(encounter, "location/healthCareFacility/code"))
    where = address(first(place, "addr")) if place is not None else ""
    yield words("facility"), [Line(name or kind_of_place, where)]


def _custodian(root: Element) -> Line | None:
    found = first(root, "custodian/assignedCustodian/representedCustodianOrganization")
    return Line(organization(found), address(first(found, "addr"))) if found is not None else None


_RELATED = {"RPLC": "replaces", "APND": "appends", "XFRM": "transforms"}


def _about_document(root: Element, words: Words) -> Iterator[_Row]:
    confidentiality = first(root, "confidentialityCode")
    if confidentiality is not None:
        yield words("confidentiality"), [Line(confidentiality_text(confidentiality, words))]
    yield words("document_id"), [_full_id(first(root, "id"))]
    yield words("set_id"), [_full_id(first(root, "setId"))]
    yield words("version"), [Line(without_bidi(_value(root, "versionNumber")))]
    for related in all_of(root, "relatedDocument"):
        label = _RELATED.get(get(related, "typeCode"), "related")
        yield words(label), [_full_id(element) for element in all_of(related, "parentDocument/id")]
    yield words("language"), [Line(without_bidi(_value(root, "languageCode", "code")))]


def _full_id(element: Element | None) -> Line | None:
    """Write an II in full: root and extension."""
    if element is None:
        return None
    parts = (get(element, "root"), get(element, "extension"))
    return Line(without_bidi("^".join(part for part in parts if part)))


def confidentiality_text(element: Element, words: Words) -> str:
    """Name a confidentiality code in the reader's language, or as the document does."""
    return words.known(f"confidentiality_{get(element, 'code')}") or display(element)


def marks(root: Element, words: Words, *, urgent: bool, addendum: bool) -> Iterator[Mark]:
    """Yield what a reader must know before reading."""
    if urgent:
        yield Mark(words("mark_urgent"), "alarm")
    confidentiality = first(root, "confidentialityCode")
    if confidentiality is not None and get(confidentiality, "code") not in {"N", ""}:
        level = confidentiality_text(confidentiality, words)
        yield Mark(words("mark_confidentiality", level=level), "alarm")
    if addendum:
        yield Mark(words("mark_addendum"), "notice")
    if any(get(related, "typeCode") == "RPLC" for related in all_of(root, "relatedDocument")):
        yield Mark(words("mark_replaces"), "notice")
    number = without_bidi(_value(root, "versionNumber"))
    if number and number != "1":
        yield Mark(words("mark_version", number=number))
