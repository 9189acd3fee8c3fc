"""Orders and acts of the header, and the acts of a report's body.

Source: ANS CI-SIS, volet IMG-CR-IMG 2024.01; DICOM PS3.20.
"""

from __future__ import annotations

import re

from xds_adapter.cda.parsing.catalogue import dicom_catalogue
from xds_adapter.cda.parsing.entries import comment, product, site
from xds_adapter.cda.parsing.narrative import Line, is_free, lines_of, text_of_lines
from xds_adapter.cda.parsing.parties import performer
from xds_adapter.cda.parsing.radiation import radiation_exposure
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import (
    beside_entries,
    entries,
    once,
    open_entry,
    open_section,
    subsections,
    unknown_section,
    words_only,
)
from xds_adapter.cda.parsing.times import period, start
from xds_adapter.cda.parsing.values import code, identifier, is_coded, root_only
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary.cda import CCAM, CIM_10, DCM, QUALIFIER_MODALITY, QUALIFIER_REGION
from xds_adapter.vocabulary.section_templates import CATALOGUE, COMPLICATIONS, RADIATION
from xds_adapter.xmlio import Element

SCREENING = "Z13.9"
_PROTOCOL = re.compile(r"\s*protocole", re.IGNORECASE)


def orders(reader: Reader) -> list[Case]:
    """Return the orders that the document fulfils."""
    reader.all(reader.root, "inFulfillmentOf")
    return [
        present(
            order_placer_number=identifier(reader, order),
            code=code(reader, first(order, "code")),
            accession_number=identifier(reader, order, "ps3-20:accessionNumber"),
        )
        for order in reader.all(reader.root, "inFulfillmentOf/order")
    ]


def documented_acts(reader: Reader) -> Case:
    """Return the acts of the header, and whether one of them says that the exam is part of a screening."""
    reader.all(reader.root, "documentationOf")
    events = reader.all(reader.root, "documentationOf/serviceEvent")
    screening = [event for event in events if _is_screening(event)]
    for event in screening:
        reader.see(first(event, "code"))
    found = [_act(reader, event) for event in events if event not in screening]
    _document_translations(reader, found)
    return present(service_events=found, screening=True if screening else None)


def _is_screening(event: Element) -> bool:
    element = first(event, "code")
    return element is not None and is_coded(element, CIM_10, SCREENING)


def _act(reader: Reader, event: Element) -> Case:
    element = first(event, "code")
    return present(
        study_instance_uid=root_only(reader, first(event, "id")),
        code=code(reader, element),
        **({} if element is None else _translations(reader, element)),
        effective_time=period(reader, first(event, "effectiveTime")),
        performer=performer(reader, event),
    )


def _translations(reader: Reader, element: Element) -> Case:
    modalities, regions, others = [], [], []
    for translation in all_of(element, "translation"):
        names = [get(name, "code") for name in all_of(translation, "qualifier/name")]
        if QUALIFIER_MODALITY in names:
            modalities.append(code(reader, translation))
        elif QUALIFIER_REGION in names:
            regions.append(code(reader, translation))
        else:
            others.append(translation)
            continue
        reader.first(translation, "qualifier")
        reader.constant(translation, "qualifier/name", QUALIFIER_MODALITY, system=DCM)
        reader.constant(translation, "qualifier/name", QUALIFIER_REGION)
    return present(ccam=_billed(reader, others), modalities=modalities, regions=regions)


def _billed(reader: Reader, translations: list[Element]) -> Case | None:
    """Return the act as billed: the CCAM code, or else the first code that says nothing else of the act."""
    billed = [one for one in translations if get(one, "codeSystem") == CCAM] or translations
    return code(reader, billed[0]) if billed else None


def _document_translations(reader: Reader, acts: list[Case]) -> None:
    """Mark the translations of the document's code that repeat the acts: a built document writes one an act."""
    codes = [(act["code"]["code"], act["code"].get("system", "")) for act in acts if "code" in act]
    for translation in all_of(reader.root, "code/translation"):
        said = (translation.get("code", "").strip(" "), get(translation, "codeSystem"))
        if said in codes:
            reader.see(translation)
            codes.remove(said)


def imaging_act(reader: Reader, section: Element) -> Case:
    """Return one act of the body with its sub-sections."""
    open_section(reader, section, None)
    found = present(
        title=reader.words(section, "title"),
        **_free_text(section),
        techniques=[_technique(reader, procedure) for procedure in entries(section, "procedure")],
        administered_products=[product(reader, given) for given in entries(section, "substanceAdministration")],
    )
    beside_entries(reader, section, found)
    for template, part in once(reader, subsections(section)):
        if template == COMPLICATIONS:
            found["complications"] = words_only(reader, part, "Complications")
        elif template == RADIATION:
            found["radiation_exposure"] = radiation_exposure(reader, part)
        elif template == CATALOGUE:
            found["dicom_catalogue"] = dicom_catalogue(reader, part)
        else:
            unknown_section(reader, part)
    return found


def _free_text(section: Element) -> Case:
    """Return how the act was done, and the protocol, which a line in bold introduces."""
    parts: dict[str, list[Line]] = {"description": [], "protocol": []}
    target = "description"
    for line in filter(is_free, lines_of(first(section, "text"))):
        if line.heading and _PROTOCOL.match(line.text):
            target = "protocol"
        else:
            parts[target].append(line)
    return {name: text_of_lines(lines) for name, lines in parts.items()}


def _technique(reader: Reader, procedure: Element) -> Case:
    open_entry(reader, procedure)
    words = reader.linked(procedure)
    element = first(procedure, "code")
    same = element is None or reader.anchor_of(procedure) == reader.anchor_of(element, "originalText")
    sites = all_of(procedure, "targetSiteCode")
    return present(
        code=code(reader, element),
        ccam=None if element is None else _translations(reader, element).get("ccam"),
        description="" if same else words,
        effective_time=start(reader, first(procedure, "effectiveTime")),
        modalities=[code(reader, method) for method in all_of(procedure, "methodCode")],
        target_site=site(reader, sites[0]) if sites else None,
        comment=comment(reader, procedure),
    )
