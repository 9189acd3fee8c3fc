"""The next version of a document, and the addendum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cda_cases import built, changed, removed, report_case, request_case
from xds_adapter.cda.build import build
from xds_adapter.cda.header import Header, read_header
from xds_adapter.cda.validate import validate
from xds_adapter.cda.versions import addendum, kind_of, next_version
from xds_adapter.cli.main import run
from xds_adapter.errors import CaseInvalid

REPORT = "imaging-report"
FIRST, SET = "1.2.250.1.999.1.9.102", "1.2.250.1.999.1.9.200"
LEVEL_1 = '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'
UNKNOWN = '<raceCode code="1" codeSystem="1.2"/>'
MODEL = '<templateId root="1.2.250.1.213.1.1.1.45" extension="2024.01"/>'


def header(document: bytes | None = None) -> Header:
    return read_header([document or built(REPORT)])


def place(document: bytes) -> tuple[str, str, str, str]:
    """Id, set, version and replaced id of a document."""
    found = header(document)
    assert found.document_id is not None
    assert found.set_id is not None
    replaced = found.replaced_document.root if found.replaced_document else ""
    return found.document_id.root, found.set_id.root, found.version_number, replaced


def refusal(case: dict[str, Any], previous: Header | dict[str, Any] | None = None) -> tuple[str, ...]:
    with pytest.raises(CaseInvalid) as caught:
        next_version(REPORT, case, previous or header())
    return caught.value.findings


@pytest.mark.parametrize("previous", [header(), report_case()], ids=["document", "case"])
def test_a_corrected_report_is_one_call(previous: Header | dict[str, Any]) -> None:
    """New id, the same set, the next number, and the id of the version that is replaced; the case stays as it was."""
    case = changed(report_case(), "sections.conclusion", "Conclusion corrigée.")
    made = next_version(REPORT, case, previous)
    document = build(REPORT, made)
    unique_id, *others = place(document)
    assert [SET, "2", FIRST] == others
    assert unique_id not in ("", FIRST)
    assert "Conclusion corrigée." in document.decode()
    assert FIRST == case["unique_id"]
    assert () == validate(document)


def test_versions_go_on() -> None:
    """The edited case of the second version becomes the third."""
    second = next_version(REPORT, report_case(), header())
    third = next_version(REPORT, second, header(build(REPORT, second)))
    assert [SET, "3", second["unique_id"]] == list(place(build(REPORT, third)))[1:]
    assert third == next_version(REPORT, second, second) | {"unique_id": third["unique_id"]}


def test_a_case_may_bring_its_own_id_or_none_of_all() -> None:
    """The id of the next version is kept when the case has one; a case without any of the four gets them."""
    assert "1.2.3.4" == next_version(REPORT, changed(report_case(), "unique_id", "1.2.3.4"), header())["unique_id"]
    bare = report_case()
    for name in ("unique_id", "set_id", "version_number"):
        bare.pop(name, None)
    assert (SET, 2, {"unique_id": FIRST}) == tuple(
        next_version(REPORT, bare, header())[name] for name in ("set_id", "version_number", "related_document")
    )


def test_uuids_compare_without_case() -> None:
    """A document writes a UUID in upper case, its case may not."""
    uuid = "7b1d0c00-0000-4000-8000-00000000000a"
    case = changed(changed(report_case(), "unique_id", uuid), "set_id", uuid.replace("a", "b"))
    made = next_version(REPORT, case, header(build(REPORT, case)))
    assert uuid.upper() == made["related_document"]["unique_id"]
    assert made["unique_id"] != uuid


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("set_id", "1.2.3", f"$.set_id: is 1.2.3; the version after {FIRST} has {SET}"),
        ("version_number", 7, f"$.version_number: is 7; the version after {FIRST} has 2"),
        (
            "related_document",
            {"unique_id": "1.2.9"},
            f"$.related_document: is 1.2.9; the version after {FIRST} has {FIRST}",
        ),
    ],
)
def test_a_case_that_says_another_place_is_refused(path: str, value: object, words: str) -> None:
    """Both values are named."""
    assert (words,) == refusal(changed(report_case(), path, value))


def test_ids_may_have_an_extension() -> None:
    """They are carried over as XDS writes them."""
    text = built(REPORT).decode().replace(f'<id root="{FIRST}"/>', f'<id root="{FIRST}" extension="7"/>')
    made = next_version(REPORT, report_case(), header(text.encode()))
    assert {"unique_id": f"{FIRST}^7"} == made["related_document"]
    found = header(build(REPORT, made)).replaced_document
    assert found is not None
    assert (FIRST, "7") == (found.root, found.extension)


def test_all_that_is_wrong_is_named_at_once() -> None:
    """Another patient and another set are two findings."""
    case = changed(changed(report_case(), "record_target.ins.extension", "279035121518990"), "set_id", "1.2.3")
    assert ["$.record_target", "$.set_id"] == [finding.split(":")[0] for finding in refusal(case)]
    assert "279035121518990" in refusal(case)[0]
    assert "279035121518989" in refusal(case)[0]


def test_a_case_with_faults_is_refused_for_them() -> None:
    """The form of the case comes first."""
    assert ("$.custodian: is missing",) == refusal(removed(report_case(), "custodian"))


def test_one_national_identity_is_one_patient() -> None:
    """A local number may change; without a national identity on both sides a number must be shared."""
    case = changed(report_case(), "record_target.ipp.extension", "IPP-2")
    assert "2" == place(build(REPORT, next_version(REPORT, case, header())))[2]
    local = removed(report_case(), "record_target.ins")
    assert next_version(REPORT, local, header())["version_number"] == 2
    assert "$.record_target" in refusal(changed(local, "record_target.ipp.extension", "IPP-2"))[0]
    nobody = header(built(REPORT).replace(b"<patientRole>", b"<x>").replace(b"</patientRole>", b"</x>"))
    assert "the previous version is about nobody" in refusal(report_case(), nobody)[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (f'<setId root="{SET}"/>', "", "the previous version has no setId"),
        ('<versionNumber value="1"/>', "", "the previous version has no versionNumber"),
        (MODEL, "", "of no kind that is built here"),
        (MODEL, LEVEL_1, "of the kind imaging-report-pdf, the case is of the kind imaging-report"),
    ],
)
def test_a_version_that_cannot_be_replaced_is_refused(old: str, new: str, words: str) -> None:
    """What it lacks, or what it is, is said."""
    text = built(REPORT).decode()
    assert old in text
    (finding,) = refusal(report_case(), header(text.replace(old, new, 1).encode()))
    assert words in finding


def test_the_kind_of_a_document_follows_from_its_header() -> None:
    """Models by their template, level 1 documents by their type."""
    request = read_header([built("imaging-request")])
    assert ["imaging-request", REPORT] == [kind_of(request), kind_of(header())]
    assert "" == kind_of(Header())
    with pytest.raises(CaseInvalid, match="of the kind imaging-report, the case is of the kind imaging-request"):
        next_version("imaging-request", request_case(), header())


def test_an_addendum_is_a_version() -> None:
    """The section stands in the document, with its author and time; the document's own time is that time."""
    case = changed(report_case(), "legal_authenticator.time", "2026-01-06T11:20:00+01:00")
    made = addendum(REPORT, case, "Relecture : pas d'autre anomalie.", time="2026-01-07T08:00:00+01:00")
    text = build(REPORT, made).decode()
    assert [SET, "2", FIRST] == list(place(text.encode()))[1:]
    section = text.split("<title>Addendum</title>")[1].split("</section>")[0]
    assert "<paragraph>Relecture : pas d&#39;autre anomalie.</paragraph>" in section
    assert '<time value="20260107080000+0100"/>' in section
    assert "<family>MARTEL</family>" in section
    assert '<effectiveTime value="20260107080000+0100"/>' in text
    assert '<legalAuthenticator>\n<time value="20260107080000+0100"/>' in text
    assert () == validate(text.encode())


def test_an_earlier_addendum_stays() -> None:
    """The second addendum stands above the first, which keeps its date and author; its author may be another."""
    first = addendum(REPORT, report_case(), "Premier.", time="2026-01-07T08:00:00+01:00")
    other = {**first["authors"][0], "name": {"family": "DUPUY", "given": "Anne"}}
    second = addendum(REPORT, first, "Second.", author=other)
    assert (
        "Second.\nAddendum du 07/01/2026 à 08:00 (DR Hugo MARTEL) :\nPremier." == second["sections"]["addendum"]["text"]
    )
    assert "DUPUY" == second["sections"]["addendum"]["author"]["name"]["family"]
    assert 3 == second["version_number"]
    assert () == validate(build(REPORT, second))


def test_a_request_takes_no_addendum() -> None:
    """It is corrected instead."""
    with pytest.raises(CaseInvalid, match="take no addendum"):
        addendum("imaging-request", request_case(), "x")


def test_the_command_makes_a_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--replaces` takes the previous document, `--addendum` adds a text to it; a refusal names the case file."""
    case, first, second = (str(tmp_path / name) for name in ("case.json", "first.xml", "second.xml"))
    Path(case).write_text(json.dumps(report_case()))
    assert 0 == run(["build", REPORT, case, "-o", first])
    assert 0 == run(["build", REPORT, case, "--replaces", first, "-o", second])
    assert [SET, "2", FIRST] == list(place(Path(second).read_bytes()))[1:]
    assert 0 == run(["build", REPORT, case, "--replaces", first, "--addendum", "Relu.", "-o", second])
    assert "<paragraph>Relu.</paragraph>" in Path(second).read_text()
    assert 2 == run(["build", REPORT, case, "--addendum", "Relu."])
    assert "--addendum needs --replaces" in capsys.readouterr().err
    Path(case).write_text(json.dumps(changed(report_case(), "set_id", "1.2.3")))
    assert 1 == run(["build", REPORT, case, "--replaces", first])
    assert f"{case}, $.set_id: is 1.2.3" in capsys.readouterr().err


def test_an_addendum_needs_no_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document itself is read back; one that says more than a case can is not cut down, but refused."""
    first, second = tmp_path / "first.xml", tmp_path / "second.xml"
    first.write_bytes(built(REPORT))
    assert 0 == run(["build", REPORT, "--replaces", str(first), "--addendum", "Relu.", "-o", str(second)])
    text = second.read_text()
    assert [SET, "2", FIRST] == list(place(text.encode()))[1:]
    assert "<paragraph>Relu.</paragraph>" in text
    body = first.read_text().split("<title>Conclusion</title>")[1].split("</section>")[0]
    assert body in text
    assert 1 == run(["build", "imaging-request", "--replaces", str(first), "--addendum", "Relu."])
    assert f"{first} is of the kind imaging-report, not imaging-request" in capsys.readouterr().err
    first.write_text(first.read_text().replace("<birthTime ", UNKNOWN + "<birthTime "))
    assert 1 == run(["build", REPORT, "--replaces", str(first), "--addendum", "Relu."])
    assert "cannot be built again as it is" in capsys.readouterr().err
