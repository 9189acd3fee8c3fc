"""Exposure to radiation, back to ``radiation_exposure`` of an act.

Source: ANS CI-SIS, section FR-DICOM-Exposition-aux-radiations (1.2.250.1.213.1.1.2.215), entries ...3.165, ...3.150,
...3.154 and ...3.173.
"""

from __future__ import annotations

from xds_adapter.cda.parsing.clinical import open_observation
from xds_adapter.cda.parsing.entries import product, site
from xds_adapter.cda.parsing.narrative import free_words
from xds_adapter.cda.parsing.parties import person_name
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import beside_entries, entries, of_template, open_entry, open_section
from xds_adapter.cda.parsing.times import start
from xds_adapter.cda.parsing.values import code, identifier, quantity, with_code
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import DCM, SNOMED_CT
from xds_adapter.vocabulary.section_templates import DOSE_ENTRY
from xds_adapter.xmlio import Element

_PREGNANCY = "364320009"


def radiation_exposure(reader: Reader, section: Element) -> Case:
    """Return who authorised it, pregnancy, doses and the radiopharmaceutical."""
    open_section(reader, section, "Exposition aux rayonnements")
    observations = entries(section, "observation")
    products = entries(section, "substanceAdministration")
    found = present(
        description=free_words(first(section, "text")),
        authorized_by=_authorized_by(reader, section),
        pregnancy_status=_pregnancy(reader, observations),
        dose_quantities=[_dose(reader, one) for one in of_template(observations, DOSE_ENTRY)],
        radiopharmaceutical=product(reader, products[0]) if products else None,
    )
    for given in products[:1]:
        reader.constant(given, "code", "440252007", system=SNOMED_CT)
    beside_entries(reader, section, found)
    return found


def _authorized_by(reader: Reader, section: Element) -> Case | None:
    for procedure in entries(section, "procedure")[:1]:
        open_entry(reader, procedure)
        reader.linked(procedure)
        reader.constant(procedure, "code", "121290", system=DCM)
        coded = first(procedure, "code")
        if coded is not None:
            reader.linked(coded, "originalText")
        participant = reader.first(procedure, "participant")
        if participant is not None and get(participant, "typeCode") != "RESP":
            reader.lost(participant, f"a built document says RESP, not {get(participant, 'typeCode')!r}")
        role = reader.first(procedure, "participant/participantRole")
        if role is not None:
            reader.constant(role, "code", "113850", system=DCM)
            return present(identifier=identifier(reader, role), name=person_name(reader, first(role, "playingEntity")))
    return None


def _pregnancy(reader: Reader, observations: list[Element]) -> Case | None:
    for observation in with_code(observations, SNOMED_CT, _PREGNANCY)[:1]:
        open_observation(reader, observation)
        reader.linked(observation)
        return code(reader, first(observation, "value"))
    return None


def _dose(reader: Reader, observation: Element) -> Case:
    open_entry(reader, observation)
    reader.linked(observation)
    sites = all_of(observation, "targetSiteCode")
    return present(
        code=code(reader, first(observation, "code")),
        **(quantity(reader, first(observation, "value")) or {}),
        effective_time=start(reader, first(observation, "effectiveTime")),
        target_site=site(reader, sites[0]) if sites else None,
    )
