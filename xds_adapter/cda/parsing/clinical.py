"""Clinical information and information of the patient, as requests and reports share them.

Source: ANS CI-SIS, sections FR-DICOM-informations-cliniques (1.2.250.1.213.1.1.2.205) and FR-Education-du-patient
(1.2.250.1.213.1.1.2.107).
"""

from __future__ import annotations

import re

from xds_adapter.cda.parsing.elements import first, get
from xds_adapter.cda.parsing.narrative import Line, lines_of, own_words, text_of_lines
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import (
    beside_entries,
    entries,
    open_entry,
    open_section,
    subsections,
    template_of,
)
from xds_adapter.cda.parsing.values import boolean, code, is_coded, with_code
from xds_adapter.vocabulary.cda import LOINC, TA_ASIP
from xds_adapter.vocabulary.namespaces import XSI, qname
from xds_adapter.xmlio import Element

REQUEST = "211"
HISTORY = "213"
_PURPOSE = re.compile(r"\s*(?:finalit|question)", re.IGNORECASE)
_XSI_TYPE = qname(XSI, "type")


def clinical_information(reader: Reader, section: Element) -> Case:
    """Return reasons, history, contraindications and what the imaging team must know."""
    open_section(reader, section, "Informations cliniques")
    found: Case = {}
    for part in subsections(section):
        if template_of(part) == REQUEST:
            found["request"] = _request(reader, part)
        elif template_of(part) == HISTORY:
            found |= _history(reader, part)
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
    reader.first(observation, "code")
    for path in ("targetSiteCode", "effectiveTime"):
        element = first(observation, path)
        if element is not None and get(element, "nullFlavor"):
            reader.see(element)


def _texts(reader: Reader, observations: list[Element], name: str) -> str:
    texts = []
    for observation in observations:
        open_observation(reader, observation)
        value = reader.first(observation, "value")
        words = reader.linked(observation)
        said = "" if value is None else reader.linked(value, "originalText") or own_words(value).strip()
        if value is not None:
            reader.see_all(first(value, "originalText"))
        texts.append(words or said)
    if len(texts) > 1:
        reader.repaired(observations[1], f"the case form holds one {name}; this one is put behind the first")
    return "\n".join(text for text in texts if text)


def _contraindication(reader: Reader, observation: Element) -> Case:
    open_observation(reader, observation)
    value = reader.first(observation, "value")
    words = reader.linked(observation)
    if value is None:
        return present(text=words)
    coded = code(reader, value)
    if coded is None and not words:
        words = own_words(value).strip()
    if coded is not None and not words:
        words = coded.get("display", coded["code"])
        reader.assumed(observation, f"the contraindication has no words; {words!r} is taken")
    return present(code=coded, text=words)


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
    lines = [] if anchor is None else (anchor.tail or "").splitlines()
    return "\n".join(line.strip().removeprefix(": ").strip() for line in lines if line.strip())


def education(reader: Reader, section: Element) -> Case:
    """Return what the patient was told: whether of the risks, and what else."""
    open_section(reader, section, "Information du patient")
    found: Case = {}
    for observation in entries(section, "observation"):
        element = first(observation, "code")
        if element is None:
            continue
        if is_coded(element, TA_ASIP, "MED-1130"):
            open_observation(reader, observation)
            reader.linked(observation)
            found["informed_of_risks"] = boolean(reader, first(observation, "value"))
        elif is_coded(element, LOINC, "99622-3"):
            open_observation(reader, observation)
            found["other_information"] = reader.linked(observation)
    beside_entries(reader, section, found)
    return present(**found)
