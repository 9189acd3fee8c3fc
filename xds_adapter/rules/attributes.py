"""Rules on the attributes of one object: present, well-formed, admitted (META-020 to META-028).

Source: IHE ITI TF-3 Tables 4.3.1-3 and 4.2.3.1.7-2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from xds_adapter.datatypes import DTM, XCN, XON, Coded, is_oid, is_uuid_urn, oid_fault
from xds_adapter.model import Association, Author, DocumentEntry, Folder, RegistryError, RegistryObject, SubmissionSet
from xds_adapter.model.finding import finding, label
from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.vocabulary import ebrim
from xds_adapter.vocabulary.ebrim import Attribute, Kind

_TABLES: dict[type, tuple[Attribute, ...]] = {
    DocumentEntry: ebrim.DOCUMENT_ENTRY,
    SubmissionSet: ebrim.SUBMISSION_SET,
    Folder: ebrim.FOLDER,
    Association: ebrim.ASSOCIATION,
}
REQUIRED_IN_REGISTRATION = ("hash", "size", "repositoryUniqueId")
"""Optional for a Document Source, required of the repository that registers (ITI TF-3 Table 4.3.1-3)."""
SUGGESTING = 20
"""Beyond so many findings nearest codes are no longer looked for: a hostile message must not cost seconds."""

_REQUIRED = {
    kind: tuple(
        (a, attrgetter(a.field))
        for a in table
        if a.required or (kind is DocumentEntry and a.name in REQUIRED_IN_REGISTRATION)
    )
    for kind, table in _TABLES.items()
}
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_URI_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_PID_FIELD = re.compile(r"PID-([0-9]{1,2})\|.*", re.DOTALL)
_PID_FORBIDDEN = frozenset({2, 4, 12, 19})
_DOCUMENT_ID_LENGTH = 128
_EXTENSION_LENGTH = 16


def _document_id_fault(text: str) -> str | None:
    if len(text) > _DOCUMENT_ID_LENGTH:
        return f"has {len(text)} characters, {_DOCUMENT_ID_LENGTH} are allowed"
    root, caret, extension = text.partition("^")
    if is_oid(root):
        if caret and not extension:
            return "has an empty extension after ^"
        return f"has an extension of more than {_EXTENSION_LENGTH} characters" if len(extension) > 16 else None
    if text.lower().startswith("urn:uuid:"):
        return None if is_uuid_urn(text) else "is no UUID in lower case"
    return None if _URI_SCHEME.fullmatch(text) else "is neither OID, OID^extension, urn:uuid: nor a URI"


def _pid_field_fault(text: str) -> str | None:
    match = _PID_FIELD.fullmatch(text)
    if match is None:
        return "is not PID-n|value"
    number = int(match[1])
    return f"PID-{number} is not allowed here" if number in _PID_FORBIDDEN or not 1 <= number <= 39 else None


def _pattern(pattern: re.Pattern[str], words: str) -> Callable[[str], str | None]:
    return lambda text: None if pattern.fullmatch(text) else words


def _own_fault(value: Any) -> str | None:
    fault: str | None = value.fault()
    return fault


_FORM: dict[Kind, Callable[[Any], str | None]] = {
    Kind.CX: _own_fault,
    Kind.CXI: _own_fault,
    Kind.XCN: _own_fault,
    Kind.DTM: _own_fault,
    Kind.OID: oid_fault,
    Kind.DOCUMENT_ID: _document_id_fault,
    Kind.SHA1: _pattern(_SHA1, "is not 40 hexadecimal digits"),
    Kind.LANGUAGE: _pattern(_LANGUAGE, "is no language tag (RFC 5646)"),
    Kind.MIME: _pattern(_MIME, "is not type/subtype"),
    Kind.PID_FIELD: _pid_field_fault,
}
_CHECKED = {
    kind: tuple((a, attrgetter(a.field), _FORM[a.kind]) for a in table if a.kind in _FORM)
    for kind, table in _TABLES.items()
}
_CODED = {
    kind: tuple((a, attrgetter(a.field)) for a in table if a.kind is Kind.CODED) for kind, table in _TABLES.items()
}


def check_object(
    registry_object: RegistryObject,
    domain: AffinityDomain,
    *,
    reported: frozenset[str] = frozenset(),
    suggest: bool = True,
) -> Iterator[RegistryError]:
    """Check one object under the profile of ITI-42.

    Args:
        registry_object: The object.
        domain: Admitted codes and MIME types.
        reported: Names of attributes that the decoder found faulty; their absence is not reported again.
        suggest: Name the nearest codes for one that is not admitted.
    """
    yield from _check_presence(registry_object, reported)
    yield from _check_forms(registry_object)
    yield from _check_codes(registry_object, domain, suggest=suggest)
    if registry_object.home_community_id is not None:
        yield from _check_home(registry_object)
    if isinstance(registry_object, DocumentEntry):
        yield from _check_entry(registry_object, domain)
    if isinstance(registry_object, DocumentEntry | SubmissionSet):
        for author in registry_object.authors:
            yield from _check_author(author, registry_object)


def _check_presence(registry_object: RegistryObject, reported: frozenset[str]) -> Iterator[RegistryError]:
    for attribute, read in _REQUIRED[type(registry_object)]:
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
    if not home.startswith("urn:oid:") or not is_oid(home.removeprefix("urn:oid:")):
        words = "is not urn:oid: and an OID"
        yield finding("META-028", words, object_id=label(registry_object), attribute="homeCommunityId", value=home)


def _check_entry(entry: DocumentEntry, domain: AffinityDomain) -> Iterator[RegistryError]:
    name = label(entry)
    if entry.mime_type and not domain.admits_mime_type(entry.mime_type):
        words = "is not in the affinity domain's list mimeType"
        yield finding("META-024", words, object_id=name, attribute="mimeType", value=entry.mime_type)
    start, stop = entry.service_start_time, entry.service_stop_time
    if start and stop and not start.fault() and not stop.fault() and _is_later(start, stop):
        words = f"is later than serviceStopTime {stop}"
        yield finding("META-025", words, object_id=name, attribute="serviceStartTime", value=start.text)
    if entry.object_type == ebrim.DocumentEntryType.ON_DEMAND:
        words = "is an on-demand entry; this transaction takes stable ones"
        yield finding("META-027", words, object_id=name, attribute="objectType", value=entry.object_type)
    elif entry.object_type not in (None, ebrim.DocumentEntryType.STABLE):
        words = "is no type of DocumentEntry"
        yield finding("META-026", words, object_id=name, attribute="objectType", value=entry.object_type or "")


def _is_later(start: DTM, stop: DTM) -> bool:
    """Compare as far as both are known: a stop of a day may be any moment of it."""
    digits = min(len(start.text), len(stop.text))
    return start.text[:digits] > stop.text[:digits]


def _check_author(author: Author, owner: RegistryObject) -> Iterator[RegistryError]:
    texts: list[tuple[str, XCN | XON]] = [("author/authorInstitution", XON(text)) for text in author.institutions]
    if author.person is not None:
        texts.append(("author/authorPerson", author.person))
    for name, value in texts:
        words = value.fault()
        if words is not None:
            yield finding("META-021", words, object_id=label(owner), attribute=name, value=value.text)
