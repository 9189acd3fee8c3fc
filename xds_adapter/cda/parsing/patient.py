"""The patient back to ``record_target``.

Source: ANS CI-SIS, volet Structuration minimale, recordTarget.
"""

from __future__ import annotations

from xds_adapter.cda.parsing.narrative import own_words
from xds_adapter.cda.parsing.parties import address, guardian, joined, telecoms
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.times import moment
from xds_adapter.cda.parsing.values import code
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import INS_ROOTS
from xds_adapter.xmlio import Element

_NAMES = {
    ("prefix", ""): "prefix",
    ("suffix", ""): "suffix",
    ("family", "BR"): "birth_family",
    ("given", ""): "birth_given",
    ("given", "BR"): "first_birth_given",
    ("family", "CL"): "used_family",
    ("given", "CL"): "used_given",
}


def record_target(reader: Reader, element: Element | None) -> Case:
    """Return the patient; a second one stays unseen."""
    role = None if element is None else reader.first(element, "patientRole")
    if role is None:
        return {}
    reader.see(element)
    patient = reader.first(role, "patient")
    members = present(**_identifiers(reader, role), addr=address(reader, role), telecom=telecoms(reader, role))
    return members if patient is None else members | _traits(reader, patient)


def _identifiers(reader: Reader, role: Element) -> Case:
    found: Case = {}
    for element in all_of(role, "id"):
        root, extension = get(element, "root"), element.get("extension", "")
        name = "ins" if root in INS_ROOTS else "ipp"
        if root and extension.strip() and name not in found:
            reader.see(element)
            found[name] = {"root": root, "extension": extension}
    return found


def _traits(reader: Reader, patient: Element) -> Case:
    return present(
        name=_name(reader, patient),
        administrative_gender_code=code(reader, first(patient, "administrativeGenderCode")),
        birth_time=moment(reader, first(patient, "birthTime")),
        birthplace=_birthplace(reader, patient),
        guardians=[guardian(reader, element) for element in all_of(patient, "guardian")],
    )


def _name(reader: Reader, patient: Element) -> Case:
    parts: dict[str, list[Element]] = {}
    for element in reader.all(patient, "name"):
        for part in element:
            kind = part.tag.rpartition("}")[2]
            qualifier = get(part, "qualifier")
            if kind == "family" and not qualifier:
                qualifier = "BR"
                reader.assumed(part, "a family name without qualifier is taken as the birth name")
            name = _NAMES.get((kind, qualifier))
            words = own_words(part)
            if name is None or not words.strip():
                continue
            parts.setdefault(name, []).append(part)
    return {name: joined(reader, found) for name, found in parts.items()}


def _birthplace(reader: Reader, patient: Element) -> Case | None:
    for path in ("birthplace", "birthplace/place", "birthplace/place/addr"):
        reader.first(patient, path)
    place = first(patient, "birthplace/place/addr")
    if place is None:
        return None
    return present(**{name: reader.words(place, name) for name in ("county", "city", "country")}) or None
