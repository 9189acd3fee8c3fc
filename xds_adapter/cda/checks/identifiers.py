"""Checks of identifiers: their form, and who may be identified by what.

Source: ANS CI-SIS, volet Structuration minimale; HL7 v3 data types R1, II.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.checks.walk import Survey
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.tree import all_of, get
from xds_adapter.vocabulary.cda import INS_ROOTS, PATIENT_HOST_ROOT, STRUCTURE_ROOT
from xds_adapter.xmlio import Element

_INS = re.compile(r"[0-9]{6}[0-9AB][0-9]{8}", re.ASCII)
_ROLE = "recordTarget/patientRole"
# The two parts of Corsica count as numbers in the control key.
_CORSICA = (("2A", "19"), ("2B", "18"))
_TRAITS = (
    ("the birth name (family, qualifier BR)", "name/family", "BR"),
    ("the first birth name (given, qualifier BR)", "name/given", "BR"),
    ("the list of birth first names (given without qualifier)", "name/given", ""),
    ("the birth date (birthTime)", "birthTime", None),
    ("the sex (administrativeGenderCode)", "administrativeGenderCode", None),
    ("the place of birth (birthplace/place/addr/county)", "birthplace/place/addr/county", None),
)


def patient(root: Element) -> Iterator[Flaw]:
    """Check how the patient is identified and named (CDA-022, CDA-023, CDA-025)."""
    for node in all_of(root, f"{_ROLE}/id"):
        if get(node, "root") in INS_ROOTS and (fault := ins_fault(get(node, "extension"))):
            yield found("CDA-023", node, fault=fault)
    if any(get(node, "root") in INS_ROOTS for node in all_of(root, f"{_ROLE}/id")):
        for person in all_of(root, f"{_ROLE}/patient"):
            yield from _traits(person)
    for part in (*all_of(root, f"{_ROLE}/patient/name/family"), *all_of(root, f"{_ROLE}/patient/name/given")):
        qualifier = part.get("qualifier")
        if qualifier is not None and qualifier not in ("BR", "CL"):
            yield found("CDA-025", part, qualifier=qualifier)


def _traits(person: Element) -> Iterator[Flaw]:
    for trait, path, qualifier in _TRAITS:
        if not any(qualifier is None or get(node, "qualifier") == qualifier for node in all_of(person, path)):
            yield found("CDA-022", person, trait=trait)


def ins_fault(number: str) -> str | None:
    """Say what is wrong with an INS, or None: 13 characters and a key of two digits.

    Source: INSEE, the key of the NIR is 97 minus the number modulo 97.
    """
    if not _INS.fullmatch(number):
        return "is not 13 characters and a key of 2 digits"
    body, key = number[:13], int(number[13:])
    for letters, digits in _CORSICA:
        if body[5:7] == letters:
            body = body[:5] + digits + body[7:]
    if not body.isdigit():
        return "holds a letter where no department has one"
    expected = 97 - int(body) % 97
    return None if key == expected else f"has the key {key:02}, its digits give {expected:02}; check the number"


def custodian(root: Element) -> Iterator[Flaw]:
    """Check that the custodian is a structure or a host (CDA-024)."""
    allowed = (STRUCTURE_ROOT, PATIENT_HOST_ROOT)
    for node in all_of(root, "custodian/assignedCustodian/representedCustodianOrganization/id"):
        if get(node, "root") not in allowed:
            yield found("CDA-024", node, root=get(node, "root"), allowed=" or ".join(allowed))


def unique_acts(survey: Survey) -> Iterator[Flaw]:
    """Check that a UUID names one act only (CDA-054)."""
    seen: dict[str, Element] = {}
    for node in survey.ids:
        value = get(node, "root").upper()
        if is_uuid(value):
            if value in seen:
                yield found("CDA-054", node, root=value, line=seen[value])
            seen.setdefault(value, node)
