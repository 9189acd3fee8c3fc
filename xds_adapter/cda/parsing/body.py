"""The sections of a structured body, each to its member.

Source: ANS CI-SIS, volets IMG-DA-IMG and IMG-CR-IMG 2024.01.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xds_adapter.cda.parsing.acts import imaging_act
from xds_adapter.cda.parsing.attached import attached_documents, pdf_copy
from xds_adapter.cda.parsing.clinical import clinical_information, education
from xds_adapter.cda.parsing.devices import medical_devices
from xds_adapter.cda.parsing.measures import pregnancies, vital_signs
from xds_adapter.cda.parsing.parties import author
from xds_adapter.cda.parsing.plan_of_care import plan_of_care
from xds_adapter.cda.parsing.reader import Case, Reader, present
from xds_adapter.cda.parsing.sections import left_out, merged, subsections, template_of, unknown_section, words_only
from xds_adapter.cda.parsing.telemedicine import risk_factors
from xds_adapter.cda.parsing.treatments import treatments
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary import section_templates as known
from xds_adapter.xmlio import Element

Part = Callable[[Reader, Element, Case], None]


def _words(name: str, title: str) -> Part:
    def read(reader: Reader, section: Element, found: Case) -> None:
        merged(reader, found, name, words_only(reader, section, title), section)

    return read


def _member(name: str, parse: Callable[[Reader, Element], object]) -> Part:
    def read(reader: Reader, section: Element, found: Case) -> None:
        if member := parse(reader, section):
            found[name] = member
        else:
            left_out(reader, section)

    return read


def _act(reader: Reader, section: Element, found: Case) -> None:
    found.setdefault("imaging_acts", []).append(imaging_act(reader, section))


def _told(reader: Reader, section: Element, found: Case) -> None:
    """A report says what the patient was told in words only."""
    told = education(reader, section)
    if "informed_of_risks" in told:
        reader.lost(section, "a report does not say whether the patient was told the risks")
    found |= present(patient_education=told.get("other_information"))
    if not told:
        left_out(reader, section)


def _treatments(reader: Reader, section: Element, found: Case) -> None:
    """A request always has the section, also when there is no drug to name."""
    found |= treatments(reader, section)


def _known_of_patient(reader: Reader, section: Element, found: Case) -> None:
    found |= risk_factors(reader, section)


def _addendum(reader: Reader, section: Element) -> Case:
    text = words_only(reader, section, "Addendum")
    authors = all_of(section, "author")
    return present(text=text, author=author(reader, authors[0]) if authors else None)


_COMMON: Mapping[str, Part] = {
    known.PRIOR_RESULTS: _words("prior_results", "Résultats d'examens antérieurs"),
    known.ATTACHED_DOCUMENTS: _member("attached_documents", attached_documents),
    known.PDF_COPY: _member("pdf_copy", pdf_copy),
}
_PARTS: Mapping[str, Mapping[str, Part]] = {
    "imaging-request": {
        **_COMMON,
        known.CLINICAL_INFORMATION: _member("clinical_information", clinical_information),
        known.PATIENT_EDUCATION: _member("patient_education", education),
        known.PLAN_OF_CARE: _member("plan_of_care", plan_of_care),
    },
    "imaging-report": {
        **_COMMON,
        known.CLINICAL_INFORMATION: _member("clinical_information", clinical_information),
        known.ADDENDUM: _member("addendum", _addendum),
        known.IMAGING_ACT: _act,
        known.MEDICAL_DEVICES: _member("medical_devices", medical_devices),
        known.RESULTS: _words("results", "Résultats"),
        known.COMPARISON: _words("comparison", "Examens comparés"),
        known.CONCLUSION: _words("conclusion", "Conclusion"),
        known.PATIENT_EDUCATION: _told,
        known.COMMENT: _words("comment", "Commentaire"),
    },
    "telemedicine-request": {
        **_COMMON,
        known.RISK_FACTORS: _known_of_patient,
        known.TREATMENTS: _treatments,
        known.MEDICAL_DEVICES: _member("medical_devices", medical_devices),
        known.VITAL_SIGNS: _member("vital_signs", vital_signs),
        known.PREGNANCIES: _member("pregnancies", pregnancies),
    },
}
_REPEATABLE = frozenset(
    {known.IMAGING_ACT, known.PRIOR_RESULTS, known.RESULTS, known.COMPARISON, known.CONCLUSION, known.COMMENT}
)
"""Sections whose second one has a place in the case: as a further act, or behind the words of the first."""
_BY_CODE = {code: template for template, code in known.SECTION_CODES.items() if code not in ("55107-7", "55115-0")}
"""Sections by their code, for those without a French template id; what is left out stands for two."""


def sections(reader: Reader, kind: str) -> Case:
    """Return the members of ``sections``."""
    reader.first(reader.root, "component")
    body = reader.first(reader.root, "component/structuredBody")
    found: Case = {}
    before: set[str] = set()
    if body is None:
        return found
    reader.all(body, "component")
    for section in subsections(body):
        template = _known(reader, section)
        part = _PARTS[kind].get(template)
        if part is not None and (template not in before or template in _REPEATABLE):
            before.add(template)
            part(reader, section, found)
        else:
            unknown_section(reader, section)
    return found


def _known(reader: Reader, section: Element) -> str:
    template = template_of(section)
    if template:
        return template
    element = first(section, "code")
    template = _BY_CODE.get("" if element is None else get(element, "code"), "")
    if template and element is not None:
        reader.assumed(section, f"the section has no French template id; it is read by its code {get(element, 'code')}")
    return template
