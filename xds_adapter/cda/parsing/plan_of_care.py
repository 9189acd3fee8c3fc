"""The order and the exams asked for, back to ``order``, ``service_events`` and ``sections.plan_of_care``.

Source: ANS CI-SIS, section FR-Plan-de-soins-IMG-DA (1.2.250.1.213.1.1.2.158.3), entry
FR-Demande-d-examen-ou-de-suivi-IMG-DA (1.2.250.1.213.1.1.3.27.3).
"""

from __future__ import annotations

from xds_adapter.cda.parsing.clinical import open_observation
from xds_adapter.cda.parsing.entries import comment, site
from xds_adapter.cda.parsing.parties import performer
from xds_adapter.cda.parsing.reader import Case, Reader, present, worded
from xds_adapter.cda.parsing.sections import beside_entries, entries, open_entry, open_section
from xds_adapter.cda.parsing.times import period, start
from xds_adapter.cda.parsing.values import boolean, code, identifier, is_coded, with_code
from xds_adapter.cda.tree import all_of, first
from xds_adapter.vocabulary.cda import IMAGING_REQUEST_CODE, LOINC, TA_ASIP
from xds_adapter.xmlio import Element


def requested_acts(reader: Reader) -> Case:
    """Return the order, which is the act that asks for the exams, and the further acts of the header."""
    events = all_of(reader.root, "documentationOf/serviceEvent")
    orders = with_code(events, LOINC, IMAGING_REQUEST_CODE)[:1] or events[:1]
    return present(
        order=_order(reader, orders[0]) if orders else None,
        service_events=[_act(reader, event) for event in events if event not in orders],
    )


def _order(reader: Reader, event: Element) -> Case:
    reader.see(event)
    reader.constant(event, "code", IMAGING_REQUEST_CODE)
    return present(
        order_placer_number=identifier(reader, event),
        effective_time=period(reader, first(event, "effectiveTime")),
        performer=performer(reader, event),
    )


def _act(reader: Reader, event: Element) -> Case:
    reader.see(event)
    return present(
        identifier=identifier(reader, event),
        code=code(reader, first(event, "code")),
        effective_time=period(reader, first(event, "effectiveTime")),
        performer=performer(reader, event),
    )


def plan_of_care(reader: Reader, section: Element) -> list[Case]:
    """Return the exams asked for."""
    open_section(reader, section, "Examens demandés")
    exams = [_exam(reader, observation) for observation in entries(section, "observation")]
    beside_entries(reader, section, exams)
    return exams


def _exam(reader: Reader, observation: Element) -> Case:
    open_entry(reader, observation, "active")
    reader.linked(observation)
    modality = first(observation, "code")
    return present(
        modality=code(reader, modality),
        contrast_injection=None if modality is None else _contrast(reader, modality),
        effective_time=start(reader, first(observation, "effectiveTime")),
        priority=_priority(reader, observation),
        target_sites=[site(reader, element) for element in all_of(observation, "targetSiteCode")],
        performer=performer(reader, observation),
        comment=comment(reader, observation),
        **_related(reader, observation),
    )


def _contrast(reader: Reader, modality: Element) -> Case | None:
    reader.first(modality, "qualifier")
    return code(reader, first(modality, "qualifier/value"))


def _priority(reader: Reader, observation: Element) -> Case | None:
    element = first(observation, "priorityCode")
    if element is None:
        return None
    justification = reader.linked(element, "originalText")
    return present(code=code(reader, element), justification=justification) or None


def _related(reader: Reader, observation: Element) -> Case:
    found: Case = {}
    for related in all_of(observation, "entryRelationship/observation"):
        element = first(related, "code")
        if element is None:
            continue
        value = first(related, "value")
        if is_coded(element, TA_ASIP, "GEN-297") and "call_back" not in found:
            found["call_back"] = boolean(reader, value)
            reader.linked(related)
        elif is_coded(element, TA_ASIP, "GEN-296") and "associated_event" not in found:
            found["associated_event"] = worded(reader, related, reader.linked(related))
        elif is_coded(element, TA_ASIP, "MED-1133") and "studied_function" not in found:
            found["studied_function"] = code(reader, value)
            reader.linked(related)
        else:
            continue
        open_observation(reader, related)
    return found
