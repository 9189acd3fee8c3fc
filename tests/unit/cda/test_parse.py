"""Reading back is tolerant, and tells what it did."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cda_cases import minimal_case
from xds_adapter.cda.build import build, example
from xds_adapter.cda.parse import NoteKind, ParsedCase, parse
from xds_adapter.errors import CdaInvalid, MalformedMessage

REPORT = build("imaging-report", example("imaging-report"))
REQUEST = build("imaging-request", example("imaging-request"))


def edited(document: bytes, old: str, new: str, count: int = 1) -> bytes:
    """The document with its first `count` places of a text written otherwise."""
    assert old.encode() in document
    return document.replace(old.encode(), new.encode(), count)


def read(document: bytes, old: str, new: str, count: int = 1) -> ParsedCase:
    return parse(edited(document, old, new, count))


def only_note(parsed: ParsedCase) -> tuple[NoteKind, str]:
    """The kind and the words of the one note."""
    (note,) = parsed.notes
    assert note.line > 1
    assert str(note).startswith(f"line {note.line}, {note.xpath}: ")
    return note.kind, note.message


def at(case: Any, path: str) -> Any:
    for step in path.split("."):
        case = case[int(step)] if step.isdigit() else case[step]
    return case


def test_a_document_comes_as_bytes_as_a_file_or_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_bytes(REPORT)
    pieces = (REPORT[at : at + 1000] for at in range(0, len(REPORT), 1000))
    assert parse(REPORT) == parse(path) == parse(pieces)


def test_what_is_no_cda_document_is_refused() -> None:
    with pytest.raises(CdaInvalid, match=re.escape("/: {}html is no ClinicalDocument")):
        parse(b"<html/>")
    with pytest.raises(MalformedMessage):
        parse(b"report")


def test_a_document_of_another_kind_is_refused() -> None:
    discharge = edited(edited(REPORT, "1.2.250.1.213.1.1.1.45", "1.2.250.1.213.1.1.1.21"), "18748-4", "11490-0")
    with pytest.raises(CdaInvalid, match="neither templateId nor code names a kind"):
        parse(discharge)


def test_a_model_that_is_not_named_follows_from_the_code() -> None:
    parsed = read(REPORT, '<templateId root="1.2.250.1.213.1.1.1.45" extension="2024.01"/>', "")
    assert "imaging-report" == parsed.kind
    assert (
        NoteKind.ASSUMED,
        "the document names no model; it is read as imaging-report because of its code 18748-4",
    ) == only_note(parsed)


def test_another_version_of_the_model_is_told() -> None:
    kind, words = only_note(read(REPORT, 'extension="2024.01"', 'extension="2022.01"'))
    assert (NoteKind.REWORDED, "the model's version is '2022.01'; a built document follows 2024.01") == (kind, words)


def test_a_code_that_is_not_the_models_is_told() -> None:
    kind, words = only_note(read(REPORT, 'code code="18748-4"', 'code code="18782-3"'))
    assert (NoteKind.LOST, True) == (kind, "18782-3" in words)


@pytest.mark.parametrize(
    ("old", "new", "path", "expected"),
    [
        ('effectiveTime value="20260106105800+0100"',
         'effectiveTime value="20260706105800"', "effective_time", "2026-07-06T10:58:00+02:00"),
        ('effectiveTime value="20260106105800+0100"',
         'effectiveTime value="20260106"', "effective_time", "2026-01-06T00:00+01:00"),
        ('<time value="20260106105500+0100"', '<time value="20260106105500"',
         "authors.0.time", "2026-01-06T10:55:00+01:00"),
        ('<time value="20260106105500+0100"', '<time value="2026010610+0100"',
         "authors.0.time", "2026-01-06T10:00+01:00"),
        ('<time value="20260106105500+0100"', '<time value="202601"', "authors.0.time", "2026-01-01T00:00+01:00"),
    ],
)  # fmt: skip
def test_a_time_that_says_too_little_is_completed(old: str, new: str, path: str, expected: str) -> None:
    parsed = read(REPORT, old, new)
    assert expected == at(parsed.case, path)
    assert {NoteKind.ASSUMED} == {note.kind for note in parsed.notes}


def test_a_missing_zone_is_that_of_the_document_overseas() -> None:
    overseas = edited(REPORT, 'effectiveTime value="20260106105800+0100"', 'effectiveTime value="20260106105800+0400"')
    parsed = read(overseas, '<time value="20260106105500+0100"', '<time value="20260106105500"')
    assert "2026-01-06T10:55:00+04:00" == at(parsed.case, "authors.0.time")


@pytest.mark.parametrize(
    ("value", "words"),
    [("20261306", "'20261306' is no date and time"), ("Tuesday", "'Tuesday' is no date and time")],
)
def test_what_is_no_time_is_left_out(value: str, words: str) -> None:
    parsed = read(REPORT, 'birthTime value="19790328"', f'birthTime value="{value}"')
    assert (NoteKind.LOST, words) == only_note(parsed)
    assert "birth_time" not in parsed.case["record_target"]


def test_a_fraction_of_a_second_is_told() -> None:
    parsed = read(REPORT, 'time value="20260106105500+0100"', 'time value="20260106105500.25+0100"')
    assert "2026-01-06T10:55:00+01:00" == at(parsed.case, "authors.0.time")
    assert NoteKind.LOST == only_note(parsed)[0]


def test_a_date_with_a_zone_is_a_date() -> None:
    parsed = read(REPORT, 'birthTime value="19790328"', 'birthTime value="19790328+0100"')
    assert "1979-03-28" == at(parsed.case, "record_target.birth_time")
    assert NoteKind.REPAIRED == only_note(parsed)[0]


def test_a_period_given_as_one_moment_begins_then() -> None:
    period = '<effectiveTime>\n<low value="20260106075500+0100"/>\n</effectiveTime>'
    parsed = read(REPORT, period, '<effectiveTime value="20260106075500+0100"/>')
    assert {"low": "2026-01-06T07:55:00+01:00"} == at(parsed.case, "encompassing_encounter.effective_time")
    assert NoteKind.REPAIRED == only_note(parsed)[0]


def test_a_link_without_its_number_sign_is_followed() -> None:
    parsed = read(REPORT, 'reference value="#medical-history"', 'reference value="medical-history"')
    assert (NoteKind.REPAIRED, "the link 'medical-history' lacks its #") == only_note(parsed)
    assert parse(REPORT).case == parsed.case


def test_a_link_that_leads_nowhere_is_left_out() -> None:
    parsed = read(REPORT, 'reference value="#medical-history"', 'reference value="#history"')
    assert (NoteKind.REPAIRED, "the link '#history' leads to no ID of the document; it is left out") == only_note(
        parsed
    )
    assert parse(REPORT).case == parsed.case, "the value points to the same words"


def test_a_link_out_of_the_document_is_told() -> None:
    parsed = read(REPORT, 'reference value="#medical-history"', 'reference value="https://x.example/1"')
    assert (NoteKind.LOST, "the case form has no place for the link https://x.example/1") == only_note(parsed)


def test_an_id_used_twice_is_told() -> None:
    parsed = read(REPORT, 'ID="surgical-history"', 'ID="medical-history"')
    assert "the ID 'medical-history' is used twice; links lead to the first" in {note.message for note in parsed.notes}


def test_a_code_without_display_takes_the_words_it_points_to() -> None:
    parsed = read(
        REPORT, 'targetSiteCode code="302551006" displayName="thorax entier"', 'targetSiteCode code="302551006"'
    )
    assert "thorax entier" == at(parsed.case, "sections.imaging_acts.0.techniques.0.target_site.display")
    assert NoteKind.ASSUMED == only_note(parsed)[0]


def test_a_code_without_display_and_words_stands_for_itself() -> None:
    parsed = read(REPORT, '<code code="EMER" displayName="Passage aux urgences (établissement)"', '<code code="EMER"')
    assert "EMER" == at(parsed.case, "encompassing_encounter.code.display")
    assert NoteKind.ASSUMED == only_note(parsed)[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<languageCode code=\"fr-FR\"/>", "<languageCode code=\"en\"/>", "'en'"),
        ("<versionNumber value=\"1\"/>", "<versionNumber value=\"one\"/>", "'one' is no version number"),
        ("<serviceEvent>\n<id root=", "<serviceEvent>\n<id extension=\"7\" root=", "the extension '7' is left out"),
        ("<statusCode code=\"completed\"/>", "<statusCode code=\"aborted\"/>", "not 'aborted'"),
        ("<observation classCode=", "<observation negationInd=\"true\" classCode=", "negated"),
        ("<encompassingEncounter>", "<encompassingEncounter><dischargeDispositionCode code=\"1\" codeSystem=\"1.2\"/>",
         "<dischargeDispositionCode code=\"1\" codeSystem=\"1.2\"/>"),
        ("<custodian>", "<custodian xmlns:a=\"urn:a\" a:reason=\"law\">", "reason=\"law\""),
        ("<targetSiteCode nullFlavor=\"MSK\"/>", "<targetSiteCode code=\"7\" codeSystem=\"1.2\"/>",
         "<targetSiteCode code=\"7\""),
    ],
)  # fmt: skip
def test_what_the_case_cannot_say_is_told(old: str, new: str, words: str) -> None:
    kind, message = only_note(read(REPORT, old, new))
    assert NoteKind.LOST == kind
    assert words in message


def test_a_section_that_is_not_known_is_told_with_its_words_and_entries() -> None:
    section = (
        '<component><section><templateId root="1.2.250.1.213.1.1.2.999"/><code code="8716-3"/>'
        "<title>Signes vitaux</title>"
        '<text><paragraph>Poids 59 kg</paragraph></text><entry><observation classCode="OBS" moodCode="EVN">'
        '<code code="29463-7" codeSystem="2.16.840.1.113883.6.1"/><value value="59" unit="kg"/></observation></entry>'
        "</section></component></structuredBody>"
    )
    parsed = read(REPORT, "</structuredBody>", section)
    told = " ".join(note.message for note in parsed.notes)
    assert {NoteKind.LOST} == {note.kind for note in parsed.notes}
    assert all(words in told for words in ("'Signes vitaux'", "'Poids 59 kg'", "8716-3", "29463-7", '"59" unit="kg"'))


def test_a_section_without_french_template_is_known_by_its_code() -> None:
    parsed = read(REPORT, '<templateId root="1.2.250.1.213.1.1.2.209"/>', "")
    assert parse(REPORT).case == parsed.case
    assert NoteKind.ASSUMED == only_note(parsed)[0]


def test_a_second_section_of_a_kind_is_put_behind_the_first() -> None:
    conclusion = REPORT.decode().split("<title>Conclusion</title>")[0].rpartition("<component>")[2]
    again = (
        f"<component>{conclusion}<title>Conclusion</title><text>Et aussi.</text></section></component></structuredBody>"
    )
    parsed = read(REPORT, "</structuredBody>", again)
    assert parsed.case["sections"]["conclusion"].endswith("\nEt aussi.")
    assert NoteKind.REPAIRED in {note.kind for note in parsed.notes}


def test_a_title_that_a_built_document_writes_otherwise_is_told() -> None:
    kind, words = only_note(read(REPORT, "<title>Conclusion</title>", "<title>Synthèse</title>"))
    assert (NoteKind.REWORDED, "the title 'Synthèse' becomes 'Conclusion'") == (kind, words)


def test_words_beside_the_entries_are_told() -> None:
    parsed = read(
        REPORT,
        "<tr><th>Antécédents médicaux</th>",
        "<tr><td>Allergie au latex</td></tr>\n<tr><th>Antécédents médicaux</th>",
    )
    assert (NoteKind.LOST, "the case has no place for the words 'Allergie au latex'") == only_note(parsed)


def test_ids_that_nobody_gives_are_told_once() -> None:
    document = build("imaging-report", example("imaging-report") | {"unique_id": "1.2.3"})
    parsed = read(document, '<id root="1.2.3"/>', '<id root="1.2.4"/>')
    renewed = [note for note in parsed.notes if note.kind == NoteKind.RENEWED]
    assert 1 == len(renewed)


def test_an_attached_file_is_held_whole_and_without_blanks() -> None:
    content = base64.b64encode(b"%PDF-1.4 " + bytes(range(256)) * 40).decode()
    case = example("imaging-request")
    case["sections"]["attached_documents"] = [{"title": "Lettre", "media_type": "application/pdf", "content": content}]
    broken = "\n  ".join(content[at : at + 76] for at in range(0, len(content), 76))
    parsed = read(build("imaging-request", case), content, f"\n  {broken}\n")
    assert () == parsed.notes
    assert content == at(parsed.case, "sections.attached_documents.0.content")


def test_a_file_too_large_for_one_text_node_is_read() -> None:
    """The XML parser takes no text node over 10 MB."""
    case = example("imaging-request")
    content = base64.b64encode(b"%PDF-1.4 ").decode()
    case["sections"]["attached_documents"] = [{"title": "Lettre", "media_type": "application/pdf", "content": content}]
    document = build("imaging-request", case)
    large = content + "AAAA" * 3_000_000
    parsed = read(document, content, large)
    assert () == parsed.notes
    assert large == at(parsed.case, "sections.attached_documents.0.content")


def test_the_smallest_documents_are_read_back() -> None:
    for kind in ("imaging-request", "imaging-report"):
        document = build(kind, minimal_case(kind))
        assert () == parse(document).notes


def test_a_note_far_down_tells_its_line() -> None:
    """An element of the XML library tells lines up to 65,535 only."""
    document = edited(REPORT, "<recordTarget>", "\n" * 70_000 + "<recordTarget>")
    (note,) = read(document, "<title>Conclusion</title>", "<title>Synthèse</title>").notes
    lines = REPORT.decode().split("\n")
    assert 70_000 + lines.index("<title>Conclusion</title>") + 1 == note.line
