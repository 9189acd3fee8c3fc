"""Acts and sections of the telemedicine documents.

Source: ANS CI-SIS, volets TLM-DA and TLM-CR 2022.01.
"""

from __future__ import annotations

from xds_adapter.cda.parsing.anamnesis import anamnesis
from xds_adapter.cda.parsing.parties import performer
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import (
    beside_entries,
    once,
    open_section,
    subsections,
    unknown_section,
    words_only,
)
from xds_adapter.cda.parsing.times import period
from xds_adapter.cda.parsing.values import code, identifier
from xds_adapter.cda.tree import first
from xds_adapter.vocabulary.section_templates import ANAMNESIS, HABITUS, OCCUPATIONAL_RISKS
from xds_adapter.xmlio import Element


def telemedicine_acts(reader: Reader) -> Case:
    """Return the acts of the header."""
    reader.all(reader.root, "documentationOf")
    return present(
        service_events=[
            present(
                identifier=identifier(reader, event),
                code=code(reader, first(event, "code")),
                effective_time=period(reader, first(event, "effectiveTime")),
                performer=performer(reader, event),
            )
            for event in reader.all(reader.root, "documentationOf/serviceEvent")
        ]
    )


def risk_factors(reader: Reader, section: Element) -> Case:
    """Return what is known of the patient: anamnesis, way of life, risks of the work."""
    open_section(reader, section, "Anamnèse et facteurs de risques")
    found: Case = {}
    for template, part in once(reader, subsections(section)):
        if template == ANAMNESIS:
            found["anamnesis"] = anamnesis(reader, part)
        elif template == HABITUS:
            found["habitus"] = words_only(reader, part, "Mode de vie")
        elif template == OCCUPATIONAL_RISKS:
            found["occupational_risks"] = words_only(reader, part, "Risques professionnels")
        else:
            unknown_section(reader, part)
    beside_entries(reader, section, found)
    return present(**found)
