"""Vital signs and pregnancies, back to their members of a telemedicine request.

Source: ANS CI-SIS, sections FR-Signes-vitaux (1.2.250.1.213.1.1.2.75) and FR-Historique-des-grossesses
(1.2.250.1.213.1.1.2.77).
"""

from __future__ import annotations

from xds_adapter.cda.parsing.narrative import closing_words, own_words
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import beside_entries, entries, open_entry, open_section
from xds_adapter.cda.parsing.times import period, start
from xds_adapter.cda.parsing.values import code, quantity
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import SNOMED_CT
from xds_adapter.xmlio import Element


def vital_signs(reader: Reader, section: Element) -> Case:
    """Return the measures; those of a second group stay unseen."""
    open_section(reader, section, "Signes vitaux")
    found: Case = {}
    for organizer in entries(section, "organizer")[:1]:
        open_entry(reader, organizer)
        reader.constant(organizer, "code", "85353-1")
        reader.all(organizer, "component")
        found = present(
            effective_time=start(reader, first(organizer, "effectiveTime")),
            observations=[_vital_sign(reader, one) for one in all_of(organizer, "component/observation")],
        )
    found |= present(comment=reader.anchored("vital-signs-comment") or closing_words(first(section, "text")))
    beside_entries(reader, section, found)
    return found


def _vital_sign(reader: Reader, observation: Element) -> Case:
    open_entry(reader, observation)
    reader.linked(observation)
    return present(
        code=code(reader, first(observation, "code")),
        **(quantity(reader, first(observation, "value")) or {}),
        effective_time=start(reader, first(observation, "effectiveTime")),
    )


def pregnancies(reader: Reader, section: Element) -> Case:
    """Return the observations on their own, and those of each earlier pregnancy."""
    open_section(reader, section, "Grossesses")
    found = present(
        observations=[_observation(reader, one) for one in entries(section, "observation")],
        history=[_pregnancy(reader, organizer) for organizer in entries(section, "organizer")],
        comment=reader.anchored("pregnancies-comment") or closing_words(first(section, "text")),
    )
    beside_entries(reader, section, found)
    return found


def _pregnancy(reader: Reader, organizer: Element) -> Case:
    open_entry(reader, organizer)
    reader.constant(organizer, "code", "118185001", system=SNOMED_CT)
    reader.all(organizer, "component")
    return present(
        effective_time=period(reader, first(organizer, "effectiveTime")),
        observations=[_observation(reader, one) for one in all_of(organizer, "component/observation")],
    )


def _observation(reader: Reader, observation: Element) -> Case:
    open_entry(reader, observation)
    words = reader.linked(observation, labelled=False)
    value = first(observation, "value")
    return present(
        code=code(reader, first(observation, "code")),
        value=words if value is None else _value(reader, value, words),
        effective_time=start(reader, first(observation, "effectiveTime")),
    )


def _value(reader: Reader, value: Element, words: str) -> str:
    """Return what is observed, as words; another type than ST is written as words, and noted."""
    said = own_words(value)
    if said.strip():
        reader.see(value)
        return words if words.split() == said.split() else said
    said = " ".join(part for part in (get(value, "value"), get(value, "unit"), get(value, "displayName")) if part)
    if said:
        reader.lost(value, f"the case form holds words here; {said!r} is written as words")
    return said
