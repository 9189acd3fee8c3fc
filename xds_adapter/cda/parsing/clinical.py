"""Clinical information and information of the patient, as requests and reports share them.

Source: ANS CI-SIS, sections FR-DICOM-informations-cliniques (1.2.250.1.213.1.1.2.205) and FR-Education-du-patient
(1.2.250.1.213.1.1.2.107).
"""

from __future__ import annotations

import re

from xds_adapter.cda.parsing.narrative import LABEL_SEPARATOR, Line, lines_of, own_words, plain, text_of_lines
from xds_adapter.cda.parsing.reader import Case, Reader, present, worded
from xds_adapter.cda.parsing.sections import (
    beside_entries,
    entries,
    once,
    open_entry,
    open_section,
    subsections,
    unknown_section,
)
from xds_adapter.cda.parsing.times import start
from xds_adapter.cda.parsing.values import boolean, code, is_coded, with_code
from xds_adapter.cda.tree import first, get
from xds_adapter.vocabulary.cda import LOINC, TA_ASIP
from xds_adapter.vocabulary.namespaces import XSI, qname
from xds_adapter.vocabulary.section_templates import HISTORY, REQUEST
from xds_adapter.xmlio import Element

_PURPOSE = re.compile(r"\s*(?:finalit|question)", re.IGNORECASE)
_XSI_TYPE = qname(XSI, "type")


def clinical_information(reader: Reader, section: Element) -> Case:
    """Return reasons, history, contraindications and what the imaging team must know."""
    open_section(reader, section, "Informations cliniques")
    found: Case = {}
    for template, part in once(reader, subsections(section)):
        if template == REQUEST:
            found["request"] = _request(reader, part)
        elif template == HISTORY:
            found |= _history(reader, part)
        else:
            unknown_section(reader, part)
    beside_entries(reader, section, found)
    return found


def _request(reader: Reader, section: Element) -> Case:
    """Divide the narrative at the heading of the purpose; without one all of it is the justification."""
    open_section(reader, section, "Motif de l'examen")
    justification: list[Line] = []
    purpose: list[Line] = []
    target = justification
    for line in lines_of(first(section, "text")):
        if line.heading:
            target = purpose if _PURPOSE.match(line.text) else target
        else:
            target.append(line)
    return present(justification=text_of_lines(justification), purpose=text_of_lines(purpose))


def _history(reader: Reader, section: Element) -> Case:
    open_section(reader, section, "Antécédents et précautions")
    observations = entries(section, "observation")
    found = present(
        medical_history=_texts(reader, with_code(observations, LOINC, "11348-0"), "medical_history"),
        surgical_history=_texts(reader, with_code(observations, LOINC, "47519-4"), "surgical_history"),
        contraindications=[_contraindication(reader, one) for one in with_code(observations, LOINC, "64100-1")],
        care_information=[_care(reader, one) for one in with_code(observations, TA_ASIP, "ORG-192")],
    )
    beside_entries(reader, section, found)
    return found


def open_observation(reader: Reader, observation: Element) -> None:
    """Mark what a FR-DICOM-Observation or a FR-Simple-Observation always has."""
    open_entry(reader, observation)
    reader.see(first(observation, "code"))
    for path in ("targetSiteCode", "effectiveTime"):
        element = first(observation, path)
        if element is not None and get(element, "nullFlavor"):
            reader.see(element)


def _texts(reader: Reader, observations: list[Element], name: str) -> str:
    texts = []
    for observation in observations:
        open_observation(reader, observation)
        texts.append(worded(reader, observation, _worded_value(reader, observation)))
    if len(texts) > 1:
        reader.repaired(observations[1], f"the case form holds one {name}; this one is put behind the first")
    return "\n".join(text for text in texts if text)


def _worded_value(reader: Reader, observation: Element) -> str:
    """Return the words of an observation whose value is words; a code in it stays unseen."""
    value = first(observation, "value")
    words = reader.linked(observation)
    if value is None or get(value, "code"):
        return words
    reader.see(value)
    said = reader.linked(value, "originalText") or own_words(value).strip()
    if words and said and words.split() != said.split():
        reader.lost(value, f"the case form holds one text here, {words!r}; {said!r} is left out")
    return words or said


def _contraindication(reader: Reader, observation: Element) -> Case:
    open_observation(reader, observation)
    value = first(observation, "value")
    when = start(reader, first(observation, "effectiveTime"))
    coded = code(reader, value)
    if coded is None or value is None:
        text = worded(reader, observation, _worded_value(reader, observation))
        return present(text=text, effective_time=when)
    words = reader.linked(observation)
    text = "" if _same_link(observation, value) else words
    return present(code=coded, text=text, effective_time=when)


def _care(reader: Reader, observation: Element) -> Case:
    open_observation(reader, observation)
    value = first(observation, "value")
    coded = code(reader, value)
    words = reader.linked(observation)
    if value is not None and _same_link(observation, value):
        # The link leads to the words of the code; what else there is to say stands behind them.
        words = _behind(reader, observation)
    return present(code=coded, text=words)


def _same_link(observation: Element, value: Element) -> bool:
    links = (first(observation, "text/reference"), first(value, "originalText/reference"))
    return len({get(link, "value") for link in links if link is not None}) == 1


def _behind(reader: Reader, observation: Element) -> str:
    reference = first(observation, "text/reference")
    anchor = None if reference is None else reader.target(reference)
    said = "" if anchor is None else anchor.tail or ""
    # A built document writes it so, with the line breaks of the case.
    return said.removeprefix(LABEL_SEPARATOR) if said.startswith(LABEL_SEPARATOR) else plain(said).strip(" :")


def education(reader: Reader, section: Element) -> Case:
    """Return what the patient was told: whether of the risks, and what else."""
    open_section(reader, section, "Information du patient")
    found: Case = {}
    for observation in entries(section, "observation"):
        element = first(observation, "code")
        if element is None:
            continue
        if is_coded(element, TA_ASIP, "MED-1130") and "informed_of_risks" not in found:
            open_observation(reader, observation)
            reader.linked(observation)
            found |= present(informed_of_risks=boolean(reader, first(observation, "value")))
        elif is_coded(element, LOINC, "99622-3") and "other_information" not in found:
            open_observation(reader, observation)
            found["other_information"] = worded(reader, observation, reader.linked(observation))
    beside_entries(reader, section, found)
    return present(**found)
