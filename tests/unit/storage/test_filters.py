"""Each query parameter selects what it says, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_author, make_document_entry, make_folder, make_submission_set
from xds_adapter.datatypes import DTM, XCN, CXi
from xds_adapter.ebxml import encode_leaf
from xds_adapter.model import DocumentEntry, Folder, ParameterSlot, StoredQuery, SubmissionSet
from xds_adapter.storage import Database, row_of
from xds_adapter.storage.like import escape_like, has_wildcard, is_like
from xds_adapter.vocabulary.ebrim import DocumentEntryType
from xds_adapter.vocabulary.status import AvailabilityStatus

UUID = "urn:uuid:5f0c1b32-6a1e-4d4f-9a51-0c3b7ad0f0"
ENTRY = make_document_entry(
    entry_uuid=f"{UUID}01",
    confidentiality_codes=(*make_document_entry().confidentiality_codes, make_document_entry().type_code),
)
SET = make_submission_set(entry_uuid=f"{UUID}02")
FOLDER = make_folder(entry_uuid=f"{UUID}06", last_update_time=DTM("20240305101600"))
REFERENCE_ID = ENTRY.reference_id_list[0].text

ENTRY_ROWS: list[tuple[str, str, str]] = [
    ("PatientId", "187060801203587^^^&1.2.250.1.213.1.4.10&ISO", "187060801203587^^^&1.2.250.1.213.1.4.8&ISO"),
    ("Status", AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED),
    ("ClassCode", "10^^1.2.250.1.213.1.1.4.1", "10^^1.2.250.1.213.1.1.4.2"),
    ("TypeCode", "18748-4^^2.16.840.1.113883.6.1", "18748-5^^2.16.840.1.113883.6.1"),
    ("PracticeSettingCode", "ETABLISSEMENT^^1.2.250.1.213.1.1.4.9", "AMBULATOIRE^^1.2.250.1.213.1.1.4.9"),
    ("CreationTimeFrom", "20240305101500", "20240305101501"),
    ("CreationTimeTo", "20240305101501", "20240305101500"),
    ("ServiceStartTimeFrom", "20240305093", "2025"),
    ("ServiceStartTimeTo", "202403050931", "202403050930"),
    ("ServiceStopTimeFrom", "2024", "202403051001"),
    ("ServiceStopTimeTo", "2025", "2024"),
    ("HealthcareFacilityTypeCode", "SA01^^1.2.250.1.71.4.2.4", "SA02^^1.2.250.1.71.4.2.4"),
    ("EventCodeList", "CT^^1.2.840.10008.2.16.4", "ct^^1.2.840.10008.2.16.4"),
    ("ConfidentialityCode", "18748-4^^2.16.840.1.113883.6.1", "18748-4^^2.16.840.1.113883.6"),
    ("FormatCode", "urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013^^1.3.6.1.4.1.19376.1.2.3", "x^^1.2"),
    ("Type", DocumentEntryType.STABLE, DocumentEntryType.ON_DEMAND),
    ("EntryUUID", f"{UUID}01", f"{UUID}03"),
    ("UniqueId", ENTRY.unique_id or "", "1.2.3"),
    ("AuthorPerson", "%MARTIN^Claire%", "%MARTIN^Clair"),
    ("ReferenceIdList", REFERENCE_ID, REFERENCE_ID.upper()),
    ("ReferenceIdList", "1.2.250.%^urn:ihe:iti:xds:2016:studyInstanceUID", "1.2.250.%^urn:ihe:iti:xds:2013:order"),
    ("LogicalID", f"{UUID}01", f"{UUID}02"),
]
SET_ROWS: list[tuple[str, str, str]] = [
    ("PatientId", "187060801203587^^^&1.2.250.1.213.1.4.10&ISO", "1^^^&1.2.250.1.213.1.4.10&ISO"),
    ("Status", AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED),
    ("SourceId", SET.source_id or "", "1.2.3"),
    ("SubmissionTimeFrom", "20240305101600", "20240305101601"),
    ("SubmissionTimeTo", "20240305101601", "20240305101600"),
    ("ContentType", "34133-9^^2.16.840.1.113883.6.1", "34133-9^^2.16.840.1.113883.6.96"),
    ("EntryUUID", f"{UUID}02", f"{UUID}03"),
    ("UniqueId", SET.unique_id or "", "1.2.3"),
    ("AuthorPerson", "801234567897^MARTIN^_laire%", "%MARTIN^_Claire%"),
]
FOLDER_ROWS: list[tuple[str, str, str]] = [
    ("PatientId", "187060801203587^^^&1.2.250.1.213.1.4.10&ISO", "1^^^&1.2.250.1.213.1.4.10&ISO"),
    ("Status", AvailabilityStatus.APPROVED, AvailabilityStatus.DEPRECATED),
    ("LastUpdateTimeFrom", "20240305101600", "20240305101601"),
    ("LastUpdateTimeTo", "20240305101601", "20240305101600"),
    ("CodeList", FOLDER.code_list[0].key, "x^^1.2"),
    ("EntryUUID", f"{UUID}06", f"{UUID}01"),
    ("UniqueId", FOLDER.unique_id or "", "1.2.3"),
    ("LogicalID", f"{UUID}06", f"{UUID}01"),
]


def insert(database: Database, *objects: DocumentEntry | SubmissionSet | Folder) -> None:
    found = [row_of(o, encode_leaf(o)) for o in objects]
    database.write(lambda transaction: transaction.registry.insert(found))


def find(database: Database, kind: str, **parameters: tuple[ParameterSlot, ...]) -> list[str]:
    named = {f"$XDS{kind}{name}": slots for name, slots in parameters.items()}
    query = StoredQuery(query_id="", parameters=named)
    with database.reading() as transaction:
        stable = DocumentEntryType.STABLE if kind == "DocumentEntry" and "Type" not in parameters else None
        return [stored.entry_uuid for stored in transaction.registry.find(kind, query, object_type=stable)]


def one(*values: str) -> tuple[ParameterSlot, ...]:
    return (ParameterSlot(values),)


@pytest.mark.parametrize(("name", "match", "other"), ENTRY_ROWS)
def test_a_parameter_of_document_entries(database: Database, name: str, match: str, other: str) -> None:
    insert(database, ENTRY, SET)
    assert [f"{UUID}01"] == find(database, "DocumentEntry", **{name: one(match)})
    assert [] == find(database, "DocumentEntry", **{name: one(other)})
    if not name.endswith(("From", "To")):
        assert [f"{UUID}01"] == find(database, "DocumentEntry", **{name: one(other, match)})


@pytest.mark.parametrize(("name", "match", "other"), SET_ROWS)
def test_a_parameter_of_submission_sets(database: Database, name: str, match: str, other: str) -> None:
    insert(database, ENTRY, SET)
    assert [f"{UUID}02"] == find(database, "SubmissionSet", **{name: one(match)})
    assert [] == find(database, "SubmissionSet", **{name: one(other)})


@pytest.mark.parametrize(("name", "match", "other"), FOLDER_ROWS)
def test_a_parameter_of_folders(database: Database, name: str, match: str, other: str) -> None:
    insert(database, ENTRY, FOLDER)
    assert [f"{UUID}06"] == find(database, "Folder", **{name: one(match)})
    assert [] == find(database, "Folder", **{name: one(other)})


def test_a_consumer_sees_the_latest_version_unless_it_understands_versions(database: Database) -> None:
    for owner in (ENTRY, FOLDER):
        assert owner.entry_uuid is not None
        first = replace(owner, logical_id=owner.entry_uuid, version="1")
        insert(
            database, first, replace(first, entry_uuid=f"{owner.entry_uuid[:-2]}1{owner.entry_uuid[-1]}", version="2")
        )
    for kind, owner in (("DocumentEntry", ENTRY), ("Folder", FOLDER)):
        assert owner.entry_uuid is not None
        newer = f"{owner.entry_uuid[:-2]}1{owner.entry_uuid[-1]}"
        assert [newer] == find(database, kind, LogicalID=one(owner.entry_uuid))
        query = StoredQuery(query_id="", parameters={"$MetadataLevel": one("2")})
        with database.reading() as transaction:
            found = [stored.entry_uuid for stored in transaction.registry.find(kind, query)]
        assert [owner.entry_uuid, newer] == found


def test_an_underscore_in_a_reference_id_without_percent_is_itself(database: Database) -> None:
    insert(database, replace(ENTRY, reference_id_list=(CXi("A_1^^^&1.2&ISO^urn:ihe:iti:xds:2013:accession"),)))
    assert [] == find(database, "DocumentEntry", ReferenceIdList=one("A__^^^&1.2&ISO^urn:ihe:iti:xds:2013:accession"))
    assert [f"{UUID}01"] == find(database, "DocumentEntry", ReferenceIdList=one("A\\_1^^^%:accession"))


@pytest.mark.parametrize(
    "name", ["ServiceStartTimeFrom", "ServiceStartTimeTo", "ServiceStopTimeFrom", "ServiceStopTimeTo"]
)
def test_an_entry_without_the_time_is_not_excluded(database: Database, name: str) -> None:
    insert(database, replace(ENTRY, service_start_time=None, service_stop_time=None))
    assert [f"{UUID}01"] == find(database, "DocumentEntry", **{name: one("2024")})


def test_slots_of_one_name_must_all_match(database: Database) -> None:
    insert(database, ENTRY)
    both = (*one("N^^2.16.840.1.113883.5.25"), *one("18748-4^^2.16.840.1.113883.6.1"))
    assert [f"{UUID}01"] == find(database, "DocumentEntry", ConfidentialityCode=both)
    assert [] == find(database, "DocumentEntry", ConfidentialityCode=(*both, *one("R^^2.16.840.1.113883.5.25")))


def test_each_author_is_matched_by_itself(database: Database) -> None:
    other = make_author(person=XCN.of(id_number="2", family="DURAND", given="Paul", authority="1.2.3"))
    insert(database, replace(ENTRY, authors=(make_author(), other)))
    assert [f"{UUID}01"] == find(database, "DocumentEntry", AuthorPerson=(*one("%MARTIN%"), *one("%DURAND%")))
    assert [] == find(database, "DocumentEntry", AuthorPerson=one("%MARTIN%DURAND%"))
    insert(database, replace(ENTRY, entry_uuid=f"{UUID}04", authors=()))
    assert [f"{UUID}01"] == find(database, "DocumentEntry", AuthorPerson=one("_%"))


def test_on_demand_entries_are_found_when_asked_for(database: Database) -> None:
    insert(database, ENTRY, replace(ENTRY, entry_uuid=f"{UUID}05", object_type=DocumentEntryType.ON_DEMAND))
    assert [f"{UUID}01"] == find(database, "DocumentEntry")
    assert [f"{UUID}01", f"{UUID}05"] == find(database, "DocumentEntry", Type=one(*DocumentEntryType))


def test_times_compare_as_moments(database: Database) -> None:
    insert(database, replace(ENTRY, creation_time=DTM("2024")))
    assert [f"{UUID}01"] == find(database, "DocumentEntry", CreationTimeFrom=one("20240101000000"))
    assert [] == find(database, "DocumentEntry", CreationTimeTo=one("2024"))


LETTERS = st.text(alphabet="ab%_.*\\\n", max_size=12)


def as_regular_expression(pattern: str) -> str:
    parts: dict[str, str] = {"%": ".*", "_": "."}
    found = re.findall(r"\\.|.", pattern, re.DOTALL)
    return "".join(re.escape(p[-1]) if len(p) == 2 else parts.get(p, re.escape(p)) for p in found)


@given(text=LETTERS, pattern=LETTERS)
def test_like_is_that_of_sql_with_a_backslash_to_escape(text: str, pattern: str) -> None:
    assert (re.fullmatch(as_regular_expression(pattern), text, re.DOTALL) is not None) == is_like(text, pattern)


@given(text=LETTERS, other=LETTERS)
def test_an_escaped_text_is_like_itself_only(text: str, other: str) -> None:
    assert not has_wildcard(escape_like(text))
    assert (text == other) == is_like(other, escape_like(text))


@pytest.mark.parametrize(("text", "pattern"), [("", ""), ("", "%%"), ("a", "%a%"), ("ab", "a%b"), ("aab", "%ab")])
def test_like_matches(text: str, pattern: str) -> None:
    assert is_like(text, pattern)


def test_a_hostile_pattern_takes_little_time() -> None:
    assert not is_like("a" * 2000, "%a" * 100 + "b")
