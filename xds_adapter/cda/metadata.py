"""The DocumentEntry that follows from a CDA header, attribute by attribute, each with where it came from.

    Header  --document_entry-->  Derived(entry, sources)

One row of `_DERIVATIONS` an attribute: what it is called, how it is read, and what to add when it cannot be.

Source: ANS guide to the transmission of CDA R2 documents, page "mapping"; ANS NOS tables ASS_X04 and ASS_A11;
IHE ITI TF-3 4.2.3.2. Where these leave a choice, the function says which one was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xds_adapter.cda import parties
from xds_adapter.cda.description import Description
from xds_adapter.cda.given import contradiction, joined
from xds_adapter.cda.header import Concept, Header, InstanceId
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.moments import dtm_of_ts
from xds_adapter.datatypes import CX, Coded, CXi, is_oid
from xds_adapter.errors import CdaInvalid, ConfigError
from xds_adapter.model import DocumentEntry
from xds_adapter.vocabulary import cda
from xds_adapter.vocabulary.ebrim import DOCUMENT_ENTRY, ReferenceIdType

GIVEN = "given by the caller"
_HEADER = "/ClinicalDocument"
_FIRST_EVENT = f"{_HEADER}/documentationOf[1]/serviceEvent"
_FACILITY = f"{_HEADER}/componentOf/encompassingEncounter/location/healthCareFacility/code"

Found = tuple[Any, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """An entry with its sources.

    Attributes:
        sources: IHE attribute name to the place in the document, or to the words for what is no place.
        header: What it was derived from.
    """

    entry: DocumentEntry
    sources: Mapping[str, str]
    header: Header


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The header and what the caller knows besides it."""

    header: Header
    description: Description
    class_codes: Mapping[str, Coded] = field(default_factory=dict)


def unique_id(identifier: InstanceId) -> str:
    """Write a document's id as XDS has it.

    ``root``, or ``root^extension``. A UUID becomes ``urn:uuid:`` with lower-case digits, our choice, so that it is
    an identifier that any registry accepts.
    """
    if is_uuid(identifier.root) and not identifier.extension:
        return f"urn:uuid:{identifier.root.lower()}"
    return f"{identifier.root}^{identifier.extension}" if identifier.extension else identifier.root


def _coded(concept: Concept | None) -> Found:
    if concept is None or not concept.code or not concept.system:
        return None
    return Coded(concept.code, concept.system, concept.display or concept.code), concept.path


def _unique_id(given: _Given) -> Found:
    identifier = given.header.document_id
    return (unique_id(identifier), identifier.path) if identifier else None


def _type_code(given: _Given) -> Found:
    return _coded(given.header.code)


def _class_code(given: _Given) -> Found:
    code = given.header.code.code if given.header.code else ""
    if code in given.class_codes:
        return given.class_codes[code], f"classCode set for type {code}"
    row = cda.CLASS_CODES.get(code)
    return (Coded(*row), f"{_HEADER}/code, table ASS_X04") if row else None


def _format_code(given: _Given) -> Found:
    """Look the template up; the format of a level 1 document is that of its body."""
    media_type = given.description.body_media_type.lower()
    for template in given.header.template_ids:
        if template.root in cda.FORMAT_CODES:
            return Coded(*cda.FORMAT_CODES[template.root]), f"{template.path}, table ASS_A11"
        if template.root == cda.LEVEL_1 and media_type in cda.LEVEL_1_FORMAT_CODES:
            where = f"{template.path} and {_HEADER}/component/nonXMLBody/text/@mediaType {media_type}"
            return Coded(*cda.LEVEL_1_FORMAT_CODES[media_type]), where
    return None


def _creation_time(given: _Given) -> Found:
    moment = dtm_of_ts(given.header.effective_time)
    return (moment, f"{_HEADER}/effectiveTime/@value, in UTC") if moment else None


def _service_start(given: _Given) -> Found:
    return _service_time(given, "low")


def _service_stop(given: _Given) -> Found:
    return _service_time(given, "high")


def _service_time(given: _Given, end: str) -> Found:
    events = given.header.service_events
    moment = dtm_of_ts(getattr(events[0], end)) if events else None
    return (moment, f"{events[0].path}/effectiveTime/{end}, in UTC") if moment else None


def _title(given: _Given) -> Found:
    return (given.header.title, f"{_HEADER}/title") if given.header.title else None


def _language(given: _Given) -> Found:
    language = given.header.language_code
    return (language, f"{_HEADER}/languageCode/@code") if language else None


def _mime_type(given: _Given) -> Found:
    mime_type = given.description.mime_type
    return mime_type, "every CDA document" if mime_type == cda.CDA_MIME_TYPE else "a stylesheet that holds the document"


def _facility(given: _Given) -> Found:
    return _coded(given.header.facility_code)


def _practice_setting(given: _Given) -> Found:
    events = given.header.service_events
    for performer in events[0].performers if events else ():
        organization = performer.organization
        if organization and (found := _coded(organization.standard_industry_class_code)):
            return found
    return None


def _confidentiality(given: _Given) -> Found:
    found = _coded(given.header.confidentiality_code)
    return ((found[0],), found[1]) if found else None


def _concepts(given: _Given) -> Iterable[Concept]:
    for event in given.header.service_events:
        if event.code:
            yield event.code
            yield from event.code.translations
    yield from given.description.requested


def _event_codes(given: _Given) -> Found:
    """Take every act code and its translations, in document order, each under its own code system.

    A request adds the modalities and sites that it asks for: our choice, so that it is found by them.
    """
    codes: dict[str, Coded] = {}
    for concept in _concepts(given):
        if (found := _coded(concept)) is not None:
            codes.setdefault(found[0].key, found[0])
    source = f"{_HEADER}/documentationOf/serviceEvent/code and its translations"
    if given.description.requested:
        source += "; code and targetSiteCode of the requested exams in the body"
    return (tuple(codes.values()), source) if codes else None


def _reference(identifier: InstanceId, kind: ReferenceIdType) -> CXi:
    if identifier.extension:
        return CXi.of(identifier.extension, identifier.root, kind)
    return CXi.of(identifier.root, "", kind)


def _references(given: _Given) -> Iterable[CXi]:
    header = given.header
    for order in header.orders:
        for identifier in order.identifiers:
            yield _reference(identifier, ReferenceIdType.ORDER)
        if order.accession_number:
            yield _reference(order.accession_number, ReferenceIdType.ACCESSION)
    for event in header.service_events:
        is_request = event.code is not None and event.code.code == cda.IMAGING_REQUEST_CODE
        is_study = header.code is not None and header.code.code == cda.IMAGING_REPORT_CODE
        for identifier in event.identifiers:
            if is_request:
                yield _reference(identifier, ReferenceIdType.ORDER)
            elif is_study and is_oid(identifier.root) and not identifier.extension:
                yield _reference(identifier, ReferenceIdType.STUDY_INSTANCE_UID)


def _reference_ids(given: _Given) -> Found:
    values = tuple(dict.fromkeys(_references(given)))
    return (values, f"{_HEADER}/inFulfillmentOf/order and documentationOf/serviceEvent/id") if values else None


def _patient_id(given: _Given) -> Found:
    return parties.patient_id(given.header.patient)


def _source_patient_id(given: _Given) -> Found:
    return parties.source_patient_id(given.header.patient)


def _source_patient_info(given: _Given) -> Found:
    return parties.source_patient_info(given.header.patient)


def _authors(given: _Given) -> Found:
    authors = tuple(parties.author(participation) for participation in given.header.authors)
    return (authors, f"{_HEADER}/author") if authors else None


def _legal_authenticator(given: _Given) -> Found:
    authenticator = given.header.legal_authenticator
    person = parties.person(authenticator) if authenticator else None
    return (person, authenticator.path) if authenticator and person else None


_DERIVATIONS: tuple[tuple[str, Callable[[_Given], Found], str], ...] = (
    ("unique_id", _unique_id, f"{_HEADER}/id with a root"),
    ("patient_id", _patient_id, f"{_HEADER}/recordTarget/patientRole/id with root and extension"),
    ("source_patient_id", _source_patient_id, f"{_HEADER}/recordTarget/patientRole/id with root and extension"),
    ("source_patient_info", _source_patient_info, ""),
    ("creation_time", _creation_time, f"{_HEADER}/effectiveTime with a value that is a date and time"),
    ("service_start_time", _service_start, ""),
    ("service_stop_time", _service_stop, ""),
    ("language_code", _language, f"{_HEADER}/languageCode with a code"),
    ("title", _title, ""),
    ("mime_type", _mime_type, ""),
    ("class_code", _class_code, f"{_HEADER}/code with a known document type, or set the class of that type"),
    ("type_code", _type_code, f"{_HEADER}/code with code and codeSystem"),
    (
        "format_code",
        _format_code,
        f"{_HEADER}/templateId of a known document model (level 1: and the mediaType of its body), or give the format",
    ),
    ("healthcare_facility_type_code", _facility, f"{_FACILITY} with code and codeSystem"),
    (
        "practice_setting_code",
        _practice_setting,
        f"{_FIRST_EVENT}/performer/assignedEntity/representedOrganization/standardIndustryClassCode",
    ),
    ("confidentiality_codes", _confidentiality, f"{_HEADER}/confidentialityCode with code and codeSystem"),
    ("event_code_list", _event_codes, ""),
    ("authors", _authors, ""),
    ("legal_authenticator", _legal_authenticator, ""),
    ("reference_id_list", _reference_ids, ""),
)
DERIVED_FIELDS = tuple(name for name, _, _ in _DERIVATIONS)
"""Fields of `DocumentEntry` that a header can fill."""
_IHE_NAMES = {row.field: row.name for row in DOCUMENT_ENTRY}
_REQUIRED = {row.field for row in DOCUMENT_ENTRY if row.required}


def document_entry(
    source: Header | Description,
    *,
    sha1: str | None = None,
    size: int | None = None,
    entry_uuid: str = "Document01",
    masking: Iterable[Coded] = (),
    class_codes: Mapping[str, Coded] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Derived:
    """Derive the DocumentEntry of a document.

    Args:
        source: What `xds_adapter.cda.description` gives; a header alone says nothing of a level 1 body, and not what
            a request asks for.
        sha1: SHA-1 of the document, 40 hexadecimal digits.
        size: Octets of the document.
        entry_uuid: Symbolic id of the entry in its submission.
        masking: Confidentiality codes to add, e.g. MASQUE_PS: they have no place in the document.
        class_codes: classCode by typeCode, for document types that the built-in table lacks.
        overrides: Field name of `DocumentEntry` to a value given by hand. It fills what the header does not say and
            adds to lists; `xds_adapter.cda.given` says what it may change.

    Returns:
        The entry and where each of its attributes came from.

    Raises:
        CdaInvalid: Attributes that XDS requires cannot be derived, each with what to add; or a value given by hand
            contradicts the document, each with both values.

    Source: ANS guide to the transmission of CDA R2 documents, page "mapping"; IHE ITI TF-3 Table 4.3.1-3.
    """
    description = Description(header=source) if isinstance(source, Header) else source
    header = description.header
    given = _Given(header=header, description=description, class_codes=class_codes or {})
    found: dict[str, Found] = {name: derive(given) for name, derive, _ in _DERIVATIONS}
    found |= {name: (value, "the bytes of the document") for name, value in (("hash", sha1), ("size", size)) if value}
    contradictions = _join(found, overrides or {}, header)
    _mask(found, tuple(masking))
    advice = {name: f"{_IHE_NAMES[name]} cannot be derived; add {words}" for name, _, words in _DERIVATIONS}
    missing = [advice[name] for name in advice if name in _REQUIRED and found[name] is None]
    if contradictions or missing:
        raise CdaInvalid((*contradictions, *missing))
    taken = {name: pair for name, pair in found.items() if pair is not None}
    return Derived(
        entry=DocumentEntry(**{"entry_uuid": entry_uuid} | {name: value for name, (value, _) in taken.items()}),
        sources={_IHE_NAMES.get(name, name): place for name, (_, place) in taken.items()},
        header=header,
    )


def _mask(found: dict[str, Found], masking: tuple[Coded, ...]) -> None:
    confidentiality = found["confidentiality_codes"]
    if confidentiality is not None and masking:
        codes, source = confidentiality
        found["confidentiality_codes"] = masked(codes, masking), f"{source}; masking by the caller"


def masked(codes: tuple[Coded, ...], masking: Iterable[Coded]) -> tuple[Coded, ...]:
    """Add masking codes to confidentiality codes, each once."""
    return tuple({code.key: code for code in (*codes, *masking)}.values())


def _join(found: dict[str, Found], overrides: Mapping[str, object], header: Header) -> list[str]:
    """Put what was given by hand into what was derived; return the contradictions."""
    patient = header.patient.identifiers if header.patient else ()
    identifiers = tuple(CX.of(one.extension, one.root) for one in patient)
    contradictions = []
    for name, value in overrides.items():
        derived, source = found.get(name) or (None, "")
        known = identifiers if name in ("patient_id", "source_patient_id") else None
        result, clash = joined(name, derived, value, known=known)
        if clash:
            contradictions.append(contradiction(name, clash, source))
        found[name] = result, f"{source}; completed by the caller" if derived is not None and result != value else GIVEN
    return contradictions


def masking_codes(names: Iterable[str]) -> tuple[Coded, ...]:
    """Return the confidentiality codes that say from whom the DMP hides a document.

    Args:
        names: Codes of the French table of masks, e.g. ``MASQUE_PS``.

    Raises:
        ConfigError: A name is not in the table.

    Source: ANS NOS JDV_J08.
    """
    unknown = [name for name in names if name not in cda.MASKING_CODES]
    if unknown:
        raise ConfigError(f"{unknown[0]!r} is no masking code; known: {', '.join(cda.MASKING_CODES)}")
    return tuple(Coded(*cda.MASKING_CODES[name]) for name in dict.fromkeys(names))
