"""What is known of a patient, in words or coded, back to ``sections.anamnesis`` of a telemedicine request.

Source: ANS CI-SIS, section FR-Anamnese (1.2.250.1.213.1.1.2.69) with its sub-sections; entries
FR-Liste-des-problemes, FR-Probleme, FR-Acte, FR-Antecedents-familiaux, FR-Allergie-ou-intolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xds_adapter.cda.parsing.entries import comment, site
from xds_adapter.cda.parsing.reader import Case, Reader, present, worded
from xds_adapter.cda.parsing.sections import (
    beside_entries,
    entries,
    left_out,
    once,
    open_entry,
    open_section,
    subsections,
    unknown_section,
    words_only,
)
from xds_adapter.cda.parsing.times import period, start
from xds_adapter.cda.parsing.values import code, is_coded
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import ACT_CODE
from xds_adapter.vocabulary.section_templates import (
    ACTIVE_PROBLEMS,
    ALLERGIES,
    FAMILY_HISTORY,
    MEDICAL_HISTORY,
    SURGICAL_HISTORY,
)
from xds_adapter.xmlio import Element


def anamnesis(reader: Reader, section: Element) -> Case:
    """Return the anamnesis: its coded parts when there are any, its words otherwise."""
    parts = subsections(section)
    if not parts:
        return present(narrative=words_only(reader, section, "Anamnèse"))
    open_section(reader, section, "Anamnèse")
    found: Case = {}
    for template, part in once(reader, parts):
        if template in _PARTS:
            name, title, parse = _PARTS[template]
            open_section(reader, part, title)
            found[name] = parse(reader, part)
            beside_entries(reader, part, found[name])
            if not found[name]:
                left_out(reader, part)
        else:
            unknown_section(reader, part)
    beside_entries(reader, section, found)
    return present(**found)


def _problems(reader: Reader, section: Element) -> list[Case]:
    return [
        _problem(reader, act, observation)
        for act in entries(section, "act")
        for observation in all_of(act, "entryRelationship/observation")
    ]


def _problem(reader: Reader, act: Element, observation: Element) -> Case:
    open_entry(reader, observation)
    value = first(observation, "value")
    found = present(
        text=worded(reader, observation, reader.linked(observation)),
        code=code(reader, value),
        type=code(reader, first(observation, "code")),
        effective_time=period(reader, first(observation, "effectiveTime")),
        severity=_severity(reader, observation),
        comment=comment(reader, observation),
    )
    _concern(reader, act, found)
    return found


def _concern(reader: Reader, act: Element, found: Case) -> None:
    """Mark the act around a problem, which says again how long it lasts; what it says otherwise stays unseen."""
    open_entry(reader, act, "completed" if "high" in found.get("effective_time", {}) else "active")
    coded = first(act, "code")
    if coded is not None and not get(coded, "code"):
        reader.see(coded)
    time = first(act, "effectiveTime")
    if time is None:
        return
    ends = [[get(one, "value") for one in all_of(element, "low") + all_of(element, "high")] for element in _times(act)]
    if all(values == ends[0] for values in ends):
        period(reader, time)


def _times(act: Element) -> list[Element]:
    return [*all_of(act, "effectiveTime"), *all_of(act, "entryRelationship/observation/effectiveTime")]


def _severity(reader: Reader, observation: Element) -> Case | None:
    for related in all_of(observation, "entryRelationship/observation"):
        element = first(related, "code")
        if element is not None and is_coded(element, ACT_CODE, "SEV"):
            open_entry(reader, related)
            reader.see(element)
            reader.linked(related)
            return code(reader, first(related, "value"))
    return None


def _surgeries(reader: Reader, section: Element) -> list[Case]:
    return [_surgery(reader, procedure) for procedure in entries(section, "procedure")]


def _surgery(reader: Reader, procedure: Element) -> Case:
    open_entry(reader, procedure)
    sites = all_of(procedure, "targetSiteCode")
    return present(
        text=worded(reader, procedure, reader.linked(procedure)),
        code=code(reader, first(procedure, "code")),
        effective_time=start(reader, first(procedure, "effectiveTime")),
        target_site=site(reader, sites[0]) if sites else None,
        comment=comment(reader, procedure),
    )


def _family(reader: Reader, section: Element) -> list[Case]:
    return [_member(reader, organizer) for organizer in entries(section, "organizer")]


def _member(reader: Reader, organizer: Element) -> Case:
    open_entry(reader, organizer)
    for path in ("subject", "subject/relatedSubject"):
        reader.first(organizer, path)
    return present(
        relationship=code(reader, first(organizer, "subject/relatedSubject/code")),
        problems=[_family_problem(reader, one) for one in all_of(organizer, "component/observation")],
    )


def _family_problem(reader: Reader, observation: Element) -> Case:
    open_entry(reader, observation)
    return present(
        text=worded(reader, observation, reader.linked(observation)),
        code=code(reader, first(observation, "value")),
        type=code(reader, first(observation, "code")),
        effective_time=start(reader, first(observation, "effectiveTime")),
    )


def _allergies(reader: Reader, section: Element) -> list[Case]:
    return [
        _problem(reader, act, observation) | present(substance=_substance(reader, observation))
        for act in entries(section, "act")
        for observation in all_of(act, "entryRelationship/observation")
    ]


def _substance(reader: Reader, observation: Element) -> Case | None:
    for path in ("participant", "participant/participantRole"):
        reader.first(observation, path)
    substance = reader.first(observation, "participant/participantRole/playingEntity")
    if substance is None:
        return None
    coded = first(substance, "code")
    words = "" if coded is None else reader.linked(coded, "originalText")
    return present(text=reader.words(substance, "name") or words, code=code(reader, coded))


_PARTS: Mapping[str, tuple[str, str, Callable[[Reader, Element], list[Case]]]] = {
    ACTIVE_PROBLEMS: ("active_problems", "Problèmes actifs", _problems),
    MEDICAL_HISTORY: ("medical_history", "Antécédents médicaux", _problems),
    SURGICAL_HISTORY: ("surgical_history", "Antécédents chirurgicaux", _surgeries),
    ALLERGIES: ("allergies", "Allergies et intolérances", _allergies),
    FAMILY_HISTORY: ("family_history", "Antécédents familiaux", _family),
}
