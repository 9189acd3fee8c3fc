"""Rules on the attributes of one object: present, well-formed, admitted (META-012, META-020 to META-035).

Source: IHE ITI TF-3 Tables 4.3.1-3 and 4.2.3.1.7-2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from xds_adapter.datatypes import DTM, XCN, XON, XTN, Coded, is_oid
from xds_adapter.model import Association, Author, DocumentEntry, Folder, RegistryError, RegistryObject, SubmissionSet
from xds_adapter.model.finding import finding, label
from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.forms import FORM_FAULTS
from xds_adapter.rules.profile import REGISTER, Profile
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, DocumentAvailability, Kind, ReferenceIdType

_TABLES: dict[type, tuple[Attribute, ...]] = {
    DocumentEntry: ebrim.DOCUMENT_ENTRY,
    SubmissionSet: ebrim.SUBMISSION_SET,
    Folder: ebrim.FOLDER,
    Association: ebrim.ASSOCIATION,
}
SUGGESTING = 20
"""Beyond so many findings nearest codes are no longer looked for: a hostile message must not cost seconds."""

_TITLE_LENGTH = 128
_HOME_LENGTH = 64
_ONCE = ("PID-7|", "PID-8|")
_REFERENCE_TYPES = frozenset(ReferenceIdType)
_AVAILABILITIES = frozenset({None, *DocumentAvailability})
_CHECKED = {
    kind: tuple((a, attrgetter(a.field), FORM_FAULTS[a.kind]) for a in table if a.kind in FORM_FAULTS)
    for kind, table in _TABLES.items()
}
_CODED = {
    kind: tuple((a, attrgetter(a.field)) for a in table if a.kind is Kind.CODED) for kind, table in _TABLES.items()
}


def check_object(
    registry_object: RegistryObject,
    domain: AffinityDomain,
    *,
    profile: Profile = REGISTER,
    reported: frozenset[str] = frozenset(),
    suggest: bool = True,
) -> Iterator[RegistryError]:
    """Check one object.

    Args:
        registry_object: The object.
        domain: Admitted codes and MIME types.
        profile: What the transaction asks of entries.
        reported: Names of attributes that the decoder found faulty; their absence is not reported again.
        suggest: Name the nearest codes for one that is not admitted.
    """
    yield from _check_presence(registry_object, profile, reported)
    if not isinstance(registry_object, Association) and registry_object.limited_metadata:
        words = "labels the object; no registry takes it, as it is for XDR and XDM"
        yield finding("META-012", words, object_id=label(registry_object), attribute="limitedMetadata")
    yield from check_values(registry_object, domain, profile=profile, suggest=suggest)


def check_values(
    registry_object: RegistryObject, domain: AffinityDomain, *, profile: Profile = REGISTER, suggest: bool = True
) -> Iterator[RegistryError]:
    """Check the attributes that one object has, whatever it should have.

    Args:
        registry_object: The object.
        domain: Admitted codes and MIME types.
        profile: Which entries the transaction admits.
        suggest: Name the nearest codes for one that is not admitted.
    """
    yield from _check_forms(registry_object)
    yield from _check_codes(registry_object, domain, suggest=suggest)
    if registry_object.home_community_id is not None:
        yield from _check_home(registry_object)
    if isinstance(registry_object, DocumentEntry):
        yield from _check_entry(registry_object, domain, profile)
    if not isinstance(registry_object, Association) and domain.assigning_authorities:
        yield from _check_authority(registry_object, domain)
    if isinstance(registry_object, DocumentEntry | SubmissionSet):
        for author in registry_object.authors:
            yield from _check_author(author, registry_object)


@cache
def _required(kind: type, profile: Profile) -> tuple[tuple[Attribute, Callable[[Any], Any]], ...]:
    table = _TABLES[kind]
    if kind is DocumentEntry:
        return tuple((a, attrgetter(a.field)) for a in table if a.name in profile.required)
    return tuple((a, attrgetter(a.field)) for a in table if a.required)


def _check_presence(
    registry_object: RegistryObject, profile: Profile, reported: frozenset[str]
) -> Iterator[RegistryError]:
    for attribute, read in _required(type(registry_object), profile):  # type: ignore[arg-type]
        if read(registry_object) in (None, ()) and attribute.name not in reported:
            yield finding("META-020", "is required", object_id=label(registry_object), attribute=attribute.name)


def _check_forms(registry_object: RegistryObject) -> Iterator[RegistryError]:
    for attribute, read, fault_of in _CHECKED[type(registry_object)]:
        value = read(registry_object)
        if value is None:
            continue
        for one in value if attribute.many else (value,):
            words = fault_of(one)
            if words is not None:
                name = label(registry_object)
                yield finding("META-021", words, object_id=name, attribute=attribute.name, value=str(one))


def _check_codes(registry_object: RegistryObject, domain: AffinityDomain, *, suggest: bool) -> Iterator[RegistryError]:
    refused = 0
    for attribute, read in _CODED[type(registry_object)]:
        value = read(registry_object)
        if value is None:
            continue
        code: Coded
        for code in value if attribute.many else (value,):
            rule, words = "META-022", code.fault()
            if words is None:
                searched = suggest and refused < SUGGESTING
                rule, words = "META-023", domain.code_fault(attribute.key, attribute.name, code, suggest=searched)
            if words is not None:
                refused += 1
                name = label(registry_object)
                yield finding(rule, words, object_id=name, attribute=attribute.name, value=code.key)


def _check_home(registry_object: RegistryObject) -> Iterator[RegistryError]:
    home = registry_object.home_community_id or ""
    if len(home) > _HOME_LENGTH or not home.startswith("urn:oid:") or not is_oid(home.removeprefix("urn:oid:")):
        words = f"is not urn:oid: and an OID, {_HOME_LENGTH} characters in all at most"
        yield finding("META-028", words, object_id=label(registry_object), attribute="homeCommunityId", value=home)


def _check_authority(owner: DocumentEntry | SubmissionSet | Folder, domain: AffinityDomain) -> Iterator[RegistryError]:
    patient_id = owner.patient_id
    if patient_id is None or patient_id.authority in domain.assigning_authorities or patient_id.fault():
        return
    words = "comes from an assigning authority that the affinity domain does not name"
    yield finding("META-035", words, object_id=label(owner), attribute="patientId", value=patient_id.text)


def _check_entry(entry: DocumentEntry, domain: AffinityDomain, profile: Profile) -> Iterator[RegistryError]:
    if entry.mime_type and not domain.admits_mime_type(entry.mime_type):
        words = "is not in the affinity domain's list of MIME types"
        yield finding("META-024", words, object_id=label(entry), attribute="mimeType", value=entry.mime_type)
    if entry.title and len(entry.title) > _TITLE_LENGTH:
        words = f"has {len(entry.title)} characters, {_TITLE_LENGTH} are allowed"
        yield finding("META-030", words, object_id=label(entry), attribute="title", value=entry.title)
    if entry.document_availability not in _AVAILABILITIES:
        words, value = "is neither Online nor Offline", entry.document_availability or ""
        yield finding("META-031", words, object_id=label(entry), attribute="documentAvailability", value=value)
    start, stop = entry.service_start_time, entry.service_stop_time
    if start and stop and not start.fault() and not stop.fault() and _is_later(start, stop):
        words = f"is later than serviceStopTime {stop}"
        yield finding("META-025", words, object_id=label(entry), attribute="serviceStartTime", value=start.text)
    if entry.object_type != profile.entry_type:
        yield from _check_type(entry)
    if len(entry.source_patient_info) > 1:
        yield from _check_source_patient_info(entry)
    for reference in entry.reference_id_list:
        if (kind := reference.type_code) and kind not in _REFERENCE_TYPES:
            words = f"has a type that IHE does not define: {kind}"
            name, value = label(entry), reference.text
            yield finding("META-034", words, object_id=name, attribute="referenceIdList", value=value)


def _check_type(entry: DocumentEntry) -> Iterator[RegistryError]:
    if entry.object_type == ebrim.DocumentEntryType.ON_DEMAND:
        words = "is an on-demand entry; this transaction takes stable ones"
        yield finding("META-027", words, object_id=label(entry), attribute="objectType", value=entry.object_type)
    elif entry.object_type == ebrim.DocumentEntryType.STABLE:
        words = "is a stable entry; this transaction takes on-demand ones"
        yield finding("OD-001", words, object_id=label(entry), attribute="objectType", value=entry.object_type)
    elif entry.object_type is not None:
        words, value = "is no type of DocumentEntry", entry.object_type
        yield finding("META-026", words, object_id=label(entry), attribute="objectType", value=value)


def _check_source_patient_info(entry: DocumentEntry) -> Iterator[RegistryError]:
    for start in _ONCE:
        fields = [text for text in entry.source_patient_info if text.startswith(start)]
        if len(fields) > 1:
            words = f"is a second {start.rstrip('|')}"
            yield finding("META-032", words, object_id=label(entry), attribute="sourcePatientInfo", value=fields[1])


def _is_later(start: DTM, stop: DTM) -> bool:
    """Compare as far as both are known: a stop of a day may be any moment of it."""
    digits = min(len(start.text), len(stop.text))
    return start.text[:digits] > stop.text[:digits]


def _check_author(author: Author, owner: RegistryObject) -> Iterator[RegistryError]:
    for name, value, fault in _author_faults(author):
        rule = "META-033" if name == "author" else "META-021"
        yield finding(rule, fault, object_id=label(owner), attribute=name, value=value)


@lru_cache(maxsize=1024)
def _author_faults(author: Author) -> tuple[tuple[str, str, str], ...]:
    """Attribute, value and words; the same authors stand in a site's metadata again and again."""
    texts: list[tuple[str, XCN | XON | XTN]] = []
    if author.person is not None:
        texts.append(("author/authorPerson", author.person))
    texts += [("author/authorInstitution", XON(text)) for text in author.institutions]
    texts += [("author/authorTelecommunication", XTN(text)) for text in author.telecommunications]
    if not texts:
        return (("author", "", "names no person, no institution and no telecommunication address"),)
    return tuple((name, value.text, fault) for name, value in texts if (fault := value.fault()) is not None)
