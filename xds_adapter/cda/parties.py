"""Patients, persons and organisations of a CDA header in the text forms of XDS.

Source: ANS guide to the transmission of CDA R2 documents, page "mapping"; IHE ITI TF-3 Table 4.2.3.1.7-2.
"""

from __future__ import annotations

import re

from xds_adapter.cda.header import InstanceId, Organization, Participation, Patient
from xds_adapter.cda.moments import dtm_of_ts
from xds_adapter.datatypes import CX, XCN, XON
from xds_adapter.model import Author
from xds_adapter.vocabulary.cda import INS_ROOTS, PROFESSIONAL_ROOT, STRUCTURE_ROOT

_DELIMITERS = re.compile(r"[\^&~|\\\s]+")
# HL7 v2 has no "UN": unknown is U there.
_SEX = {"UN": "U"}
_NAME_TYPES = {"BR": "L", "CL": "D", "": "U"}


def plain(text: str) -> str:
    """Take the delimiters of HL7 v2 out of a text that becomes a component."""
    return _DELIMITERS.sub(" ", text).strip()


def _ins(patient: Patient) -> InstanceId | None:
    return next((ii for ii in patient.identifiers if ii.root in INS_ROOTS and ii.extension), None)


def _local(patient: Patient) -> InstanceId | None:
    return next((ii for ii in patient.identifiers if ii.root not in INS_ROOTS and ii.extension), None)


def patient_id(patient: Patient | None) -> tuple[CX, str] | None:
    """Return patientId and its place: the INS with type NH, or the local number when there is no INS."""
    if patient is None:
        return None
    if ins := _ins(patient):
        return CX.of(ins.extension, ins.root, "NH"), ins.path
    local = _local(patient)
    return (CX.of(local.extension, local.root, "PI"), local.path) if local else None


def source_patient_id(patient: Patient | None) -> tuple[CX, str] | None:
    """Return sourcePatientId and its place: the local number, or the INS when there is none."""
    if patient is None:
        return None
    found = _local(patient) or _ins(patient)
    return (CX.of(found.extension, found.root, "PI"), found.path) if found else None


def source_patient_info(patient: Patient | None) -> tuple[tuple[str, ...], str] | None:
    """Return the values of sourcePatientInfo: one PID-5 a name, PID-7 and PID-8."""
    if patient is None:
        return None
    values = [
        f"PID-5|{plain(name.family)}^{plain(name.given)}^^^^^{_NAME_TYPES.get(name.use, 'U')}" for name in patient.names
    ]
    if birth := dtm_of_ts(patient.birth_time):
        values.append(f"PID-7|{birth.text[:8]}")
    if sex := patient.administrative_gender_code:
        values.append(f"PID-8|{plain(_SEX.get(sex, sex))}")
    return (tuple(values), f"{patient.path}/patient") if values else None


def person(participation: Participation) -> XCN | None:
    """Return a person as XCN, or an authoring device with its software as name.

    The id type is IDNPS for a national professional id, EI for an internal one (it contains a slash).
    """
    identifier = next((ii for ii in participation.identifiers if ii.extension), None)
    family, given, name_type = "", "", "D"
    if participation.name:
        family, given = plain(participation.name.family), plain(participation.name.given)
    elif participation.device:
        family, given, name_type = plain(participation.device[0]), plain(participation.device[1]), "U"
    if not identifier and not family:
        return None
    national = identifier is not None and identifier.root == PROFESSIONAL_ROOT and "/" not in identifier.extension
    return XCN.of(
        id_number=plain(identifier.extension) if identifier else "",
        family=family,
        given=given,
        authority=identifier.root if identifier else "",
        name_type=name_type,
        id_type="" if identifier is None else "IDNPS" if national else "EI",
    )


def institution(organization: Organization) -> XON | None:
    """Return an organisation as XON, or None when it has no name."""
    if not organization.name:
        return None
    identifier = next((ii for ii in organization.identifiers if ii.extension), None)
    if identifier is None:
        return XON.of(plain(organization.name))
    return XON.of(
        plain(organization.name),
        id_number=plain(identifier.extension),
        authority=identifier.root,
        id_type="IDNST" if identifier.root == STRUCTURE_ROOT else "",
    )


def author(participation: Participation) -> Author:
    """Return one author: person, institution, specialty and role."""
    organization = participation.organization
    xon = institution(organization) if organization else None
    code, function = participation.code, participation.function_code
    specialty = "^".join(plain(part) for part in (code.code, code.display, code.system)) if code else ""
    return Author(
        person=person(participation),
        institutions=(xon.text,) if xon else (),
        specialties=(specialty,) if specialty else (),
        roles=(function.display,) if function and function.display else (),
    )
