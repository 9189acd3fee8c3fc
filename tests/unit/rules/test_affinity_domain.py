"""The affinity domain's lists: read from a file, asked for a code, naming the nearest."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_document_entry, make_submission
from xds_adapter.datatypes import Coded
from xds_adapter.errors import ConfigError
from xds_adapter.rules import AffinityDomain, CurrentDomain, check_submission, read_codes_file
from xds_adapter.vocabulary.value_sets import PREGNANCY_STATUS

TYPE_SCHEME = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
FOREIGN = "is not in the affinity domain's list of type codes"
EVENT_SCHEME = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
LOINC = "2.16.840.1.113883.6.1"
FILE = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- lists of one affinity domain -->
<Codes>
  <AssigningAuthority id="1.2.250.1.213.1.4.10"/>
  <CodeType name="typeCode" classScheme="{TYPE_SCHEME}">
    <Code code="18748-4" display="CR d’imagerie" codingScheme="{LOINC}"/>
    <Code code="18749-2" display="Autre" codingScheme="{LOINC}"/>
  </CodeType>
  <CodeType name="typeCode" classScheme="{TYPE_SCHEME}">
    <Code code="IMG" display="Image" codingScheme="1.2.3"/>
  </CodeType>
  <CodeType name="mimeType">
    <Code code="text/xml"/>
    <Code code="application/pdf"/>
  </CodeType>
</Codes>
"""


def read(folder: Path, text: str) -> AffinityDomain:
    path = folder / "codes.xml"
    path.write_text(text, encoding="utf-8")
    return read_codes_file(path)


def test_codes_are_read_by_classification_scheme_and_mime_types_apart(tmp_path: Path) -> None:
    expected = AffinityDomain(
        codes={
            TYPE_SCHEME: {
                f"18748-4^^{LOINC}": "CR d’imagerie",
                f"18749-2^^{LOINC}": "Autre",
                "IMG^^1.2.3": "Image",
            }
        },
        mime_types=frozenset({"text/xml", "application/pdf"}),
        assigning_authorities=frozenset({"1.2.250.1.213.1.4.10"}),
    )
    assert expected == read(tmp_path, FILE)


def test_an_assigning_authority_is_an_oid_or_written_as_in_an_identifier(tmp_path: Path) -> None:
    more = '<AssigningAuthority id="NS&amp;1.2.3&amp;ISO"/><CodeType name="mimeType">'
    domain = read(tmp_path, FILE.replace('<CodeType name="mimeType">', more))
    assert {"1.2.250.1.213.1.4.10", "1.2.3"} == domain.assigning_authorities


@pytest.mark.parametrize("text", ["", "NS", "&amp;1.2.3&amp;DNS", "NS&amp;RIS&amp;ISO"])
def test_an_assigning_authority_without_oid_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"AssigningAuthority .*OID"):
        read(tmp_path, FILE.replace("1.2.250.1.213.1.4.10", text))


def test_a_file_may_list_mime_types_only(tmp_path: Path) -> None:
    domain = read(tmp_path, '<Codes><CodeType name="mimeType"><Code code="text/xml"/></CodeType></Codes>')
    assert (True, False) == (domain.admits_mime_type("text/xml"), domain.admits_mime_type("text/plain"))
    assert domain.code_fault(TYPE_SCHEME, "typeCode", Coded("x", "y")) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("<Codes>", "cannot be read"),
        ("<!DOCTYPE Codes><Codes/>", r"cannot be read: .*DTD"),
        ("<Codes/>", "holds no CodeType with Code elements"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"/>', "holds no CodeType with Code elements"),
    ],
)
def test_another_file_is_an_error_of_the_configuration(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=rf"^the code file .*codes\.xml {words}"):
        read(tmp_path, text)


@pytest.mark.parametrize("name", ["missing.xml", ""], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_opened_is_an_error_of_the_configuration(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"^the code file .* cannot be read"):
        read_codes_file(tmp_path / name)


def test_the_oid_of_an_assigning_authority_may_stand_between_ampersands(tmp_path: Path) -> None:
    text = FILE.replace('id="1.2.250.1.213.1.4.10"', 'id="&amp;1.2.250.1.213.1.4.10&amp;ISO"')
    assert read(tmp_path, FILE) == read(tmp_path, text)


@pytest.mark.parametrize("authority", ["", "hospital", "&amp;hospital&amp;ISO", "&amp;1.2.3&amp;DNS", "&amp;1.2.3"])
def test_an_assigning_authority_is_an_oid(tmp_path: Path, authority: str) -> None:
    with pytest.raises(ConfigError, match="has an AssigningAuthority whose id is no OID"):
        read(tmp_path, FILE.replace('id="1.2.250.1.213.1.4.10"', f'id="{authority}"'))


def test_codes_may_be_written_a_line_each(tmp_path: Path) -> None:
    lines = f"""<Codes>
      <CodeType name="typeCode" classScheme="{TYPE_SCHEME}">
        <Codes codingScheme="{LOINC}">
          18748-4 CR d’imagerie

          18749-2
        </Codes>
        <Codes codingScheme="1.2.3">IMG Image</Codes>
      </CodeType>
      <CodeType name="mimeType"><Codes>text/xml</Codes></CodeType>
    </Codes>"""
    expected = {f"18748-4^^{LOINC}": "CR d’imagerie", f"18749-2^^{LOINC}": "", "IMG^^1.2.3": "Image"}
    found = read(tmp_path, lines)
    assert {TYPE_SCHEME: expected} == found.codes
    assert frozenset({"text/xml"}) == found.mime_types


def test_a_shipped_value_set_may_be_named_instead_of_its_codes(tmp_path: Path) -> None:
    block = '<Codes valueSet="JDV_StatutGrossesse_CISIS"/><Codes codingScheme="1.2.3">IMG Image</Codes>'
    text = f'<Codes><CodeType name="typeCode" classScheme="{TYPE_SCHEME}">{block}</CodeType></Codes>'
    members = {f"{m.code}^^{m.system}": m.display for m in PREGNANCY_STATUS.members}
    assert {TYPE_SCHEME: {**members, "IMG^^1.2.3": "Image"}} == read(tmp_path, text).codes


@pytest.mark.parametrize(
    ("name", "advice"),
    [("JDV_StatutGrosesse", "; nearest: JDV_StatutGrossesse_CISIS"), ("", "")],
    ids=["near", "empty"],
)
def test_a_value_set_that_is_not_shipped_is_an_error_of_the_configuration(
    tmp_path: Path, name: str, advice: str
) -> None:
    text = f'<Codes><CodeType name="typeCode" classScheme="{TYPE_SCHEME}"><Codes valueSet="{name}"/></CodeType></Codes>'
    with pytest.raises(ConfigError, match=rf"names a value set that is not shipped: '{name}'{advice}$"):
        read(tmp_path, text)


def test_a_code_without_a_display_name_is_suggested_alone(tmp_path: Path) -> None:
    domain = read(tmp_path, FILE.replace(' display="Image"', ""))
    fault = domain.code_fault(TYPE_SCHEME, "typeCode", Coded("IMGS", "1.2.3"))
    assert f"{FOREIGN}; nearest: IMG" == fault


def test_the_domain_in_force_is_the_one_last_read(tmp_path: Path) -> None:
    path = tmp_path / "codes.xml"
    path.write_text(FILE, encoding="utf-8")
    current = CurrentDomain(path)
    assert None is current().code_fault(TYPE_SCHEME, "typeCode", Coded("IMG", "1.2.3"))
    path.write_text(FILE.replace("IMG", "ECG"), encoding="utf-8")
    before = current()
    current.reload()
    assert None is current().code_fault(TYPE_SCHEME, "typeCode", Coded("ECG", "1.2.3"))
    assert None is before.code_fault(TYPE_SCHEME, "typeCode", Coded("IMG", "1.2.3"))


def test_a_broken_file_leaves_the_former_domain_in_force(tmp_path: Path) -> None:
    path = tmp_path / "codes.xml"
    path.write_text(FILE, encoding="utf-8")
    current = CurrentDomain(path)
    before = current()
    path.write_text("<Codes>", encoding="utf-8")
    with pytest.raises(ConfigError):
        current.reload()
    assert before is current()


def test_without_a_file_everything_is_admitted_before_and_after() -> None:
    current = CurrentDomain(None)
    current.reload()
    assert AffinityDomain() == current()


def test_an_empty_domain_admits_everything() -> None:
    domain = AffinityDomain()
    assert domain.code_fault(TYPE_SCHEME, "typeCode", Coded("x", "y")) is None
    assert domain.admits_mime_type("anything/at-all")


def test_a_scheme_without_a_list_admits_every_code(tmp_path: Path) -> None:
    assert read(tmp_path, FILE).code_fault(EVENT_SCHEME, "eventCodeList", Coded("x", "y")) is None


def test_display_names_are_not_compared(tmp_path: Path) -> None:
    assert read(tmp_path, FILE).code_fault(TYPE_SCHEME, "typeCode", Coded("18748-4", LOINC, "Anything")) is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            Coded("18748-5", LOINC),
            f"(LOINC) {FOREIGN}; nearest: 18748-4 CR d’imagerie or 18749-2 Autre",
        ),
        (Coded("img", "1.2.3"), f"{FOREIGN}; nearest: IMG Image"),
        (Coded("IMG", "1.2.4"), f"{FOREIGN}; nearest: IMG^^1.2.3 Image"),
        (Coded("CRI", LOINC, "cr d'imagerie"), f"(LOINC) {FOREIGN}; nearest: 18748-4 CR d’imagerie"),
        (Coded("something", "else"), FOREIGN),
        (Coded("something", "else", "x" * 200), FOREIGN),
    ],
)
def test_the_nearest_codes_are_named(tmp_path: Path, code: Coded, words: str) -> None:
    assert words == read(tmp_path, FILE).code_fault(TYPE_SCHEME, "typeCode", code)


class Counted:
    """Counts how often near codes are looked for, and among how many."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        self.compared = 0
        self._search = difflib.get_close_matches
        monkeypatch.setattr(difflib, "get_close_matches", self._counted)

    def _counted(self, code: str, candidates: list[str], **options: Any) -> list[str]:
        self.times += 1
        self.compared += len(candidates)
        return self._search(code, candidates, **options)


@pytest.mark.parametrize(
    ("code", "suggest", "searches"),
    [("x" * 200, True, 0), ("x", False, 0), ("x", True, 1)],
    ids=lambda value: str(value)[:9],
)
def test_near_codes_are_looked_for_only_where_it_is_cheap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, suggest: bool, searches: int
) -> None:
    domain = read(tmp_path, FILE)
    counted = Counted(monkeypatch)
    fault = domain.code_fault(TYPE_SCHEME, "typeCode", Coded(code, LOINC), suggest=suggest)
    assert (searches, True) == (counted.times, fault is not None)


def closed(count: int) -> AffinityDomain:
    return AffinityDomain(codes={EVENT_SCHEME: {f"{number}^^1.2.3": "" for number in range(count)}})


def foreign(count: int) -> tuple[Coded, ...]:
    return tuple(Coded(f"x{number}", "1.2.3", "x") for number in range(count))


def test_a_flood_of_foreign_codes_in_one_object_is_reported_whole_and_searched_a_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted(monkeypatch)
    submission = make_submission(document_entries=(make_document_entry(event_code_list=foreign(500)),))
    assert 500 == len(check_submission(submission, closed(10)))
    assert counted.times <= 40


def test_a_flood_of_foreign_codes_in_many_objects_is_searched_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    entries = tuple(
        make_document_entry(entry_uuid=f"D{number}", unique_id=f"1.2.{number}", event_code_list=foreign(20))
        for number in range(10)
    )
    submission = make_submission(document_entries=entries, associations=())
    assert 200 + len(entries) == len(check_submission(submission, closed(10)))
    assert counted.times <= 80


def test_in_a_long_list_only_codes_that_begin_alike_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    fault = closed(50_000).code_fault(EVENT_SCHEME, "eventCodeList", Coded("4711x", "1.2.3"))
    assert "nearest: 4711 " in (fault or "")
    assert counted.compared <= 500
