"""A pack of our own, run as a whole: each thing that Schematron offers is found where it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rule_packs import ANS, HEADER, XSD, document, write_pack
from xds_adapter.errors import ConfigError
from xds_adapter.model.cda_finding import Finding
from xds_adapter.schematron.layout import PROFILES, XSD_FILE

pytest.importorskip("saxonche", reason="needs the extra schematron")

from xds_adapter.schematron.engine import Engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(write_pack(tmp_path_factory.mktemp("pack")))


def lines(findings: object) -> list[str]:
    assert isinstance(findings, list)
    return [f"{each.severity} {each.line} {each.xpath} {each.rule}: {each.message}" for each in findings]


def only(engine: Engine, inside: str, **more: str) -> str:
    (line,) = lines([*engine.check(document(inside, **more))])
    return line


FINDINGS = {
    "name and value-of fill the words of an assert": (
        "<title/>",
        "error 2 /ClinicalDocument/title header:titles/t1: title is empty: write the title",
    ),
    "the first rule that matches a node is the one that counts, and its report is a warning by its role": (
        '<title nullFlavor="NI"/>',
        "warning 2 /ClinicalDocument/title header:titles: title without text",
    ),
    "an included pattern, found whatever the case of its file, speaks of attributes; hints are warnings": (
        '<id root="1"/>',
        "warning 2 /ClinicalDocument/id/@root header:everywhere: root is short",
    ),
    "an instance of an abstract pattern has its parameters; the variable of a pattern is visible in others": (
        '<section><code code="C"/></section>',
        "error 2 /ClinicalDocument/section/code body:instance: C is no member of LIST",
    ),
    "an abstract rule is written out where its variable is used": (
        '<value codeSystem="9"/>',
        "error 2 /ClinicalDocument/value body:codes: system 9 is closed",
    ),
    "an abstract rule that extends another speaks for both": (
        "<value/>",
        "error 2 /ClinicalDocument/value body:codes: codeSystem is missing",
    ),
    "an abstract rule that stands alone is called": (
        "<confidentialityCode/>",
        "error 2 /ClinicalDocument/confidentialityCode body:codes: codeSystem is missing",
    ),
    "a rule that extends what is missing keeps its own checks": (
        "<other/>",
        "error 2 /ClinicalDocument/other body:codes: a is missing",
    ),
    "the schema speaks of an element that its document gives a prefix": (
        '<c:versionNumber xmlns:c="urn:hl7-org:v3" value="x"/>',
        "error 2 /ClinicalDocument/versionNumber xsd:CVC_DATATYPE_VALID_1_2_1: Element 'versionNumber', attribute"
        " 'value': 'x' is not a valid value of the atomic type 'xs:positiveInteger'.",
    ),
    "an expression loads a file beside its schema": (
        '<unit code="m"/>',
        "error 2 /ClinicalDocument/unit terms:loaded: no unit",
    ),
    "a rule may speak of texts": (
        "<a>forbidden</a>",
        "error 2 /ClinicalDocument/a/text() terms:loaded: a forbidden word",
    ),
    "the model's rules of the version that the document claims are run": (
        '<templateId root="1.2.250.1.213.1.1.1.45" extension="2023.01"/>',
        "error 1 /ClinicalDocument model:model: no component (2023)",
    ),
    "the model's newest rules are run for a version that the pack does not have; fatal is an error": (
        '<templateId root="1.2.250.1.213.1.1.1.45" extension="2031.01"/>',
        "error 1 /ClinicalDocument model:model: no component",
    ),
    "a model that the pack has no rules for is told": (
        '<templateId root="1.2.250.1.213.1.1.1.47"/>',
        "warning None / model:missing: the pack has no rules for IMG-DA-IMG, so those were not checked",
    ),
}


@pytest.mark.parametrize(("inside", "expected"), FINDINGS.values(), ids=FINDINGS.keys())
def test_one_broken_thing_is_one_finding(engine: Engine, inside: str, expected: str) -> None:
    assert expected == only(engine, inside)


def test_a_sound_document_has_no_finding(engine: Engine) -> None:
    inside = (
        '<id root="1.2.3"/><title>T</title><section><code code="B"/></section><value codeSystem="1"/><other a=""/>'
        '<number value="2" parity="even"/><unit code="mm"/><versionNumber value="1"/>'
    )
    assert [] == [*engine.check(document(inside))]


def test_the_schema_speaks_too_with_line_and_path(engine: Engine) -> None:
    line = only(engine, '<title>T</title>\n<versionNumber value="0"/>')
    assert line.startswith("error 3 /ClinicalDocument/versionNumber xsd:")
    assert "'versionNumber', attribute 'value': '0'" in line


def test_an_expression_that_fails_is_a_warning_and_the_others_are_still_run(engine: Engine) -> None:
    found = [*engine.check(document('<number value="x"/>'))]
    assert [("warning", "ans:failing/small"), ("error", "ans:failing/even"), ("error", "ans:sound")] == [
        (each.severity.value, each.rule) for each in found
    ]
    assert "fails on this document" in found[0].message
    assert "cannot be built" in found[1].message
    again = [*engine.check(document('<number value="x"/>'))]
    assert found == again


def test_a_variable_that_fails_is_a_failure_of_the_checks_that_use_it(tmp_path: Path) -> None:
    using = ANS.replace('test="xs:integer(@value) lt 10"', 'test="$n lt 10"')
    engine = Engine(write_pack(tmp_path, {PROFILES["ans"]: using}))
    found = [*engine.check(document('<number value="x"/>'))]
    assert [("warning", "ans:failing/small"), ("error", "ans:failing/even"), ("error", "ans:sound")] == [
        (each.severity.value, each.rule) for each in found
    ]


def test_a_layer_that_cannot_be_run_at_all_is_told(tmp_path: Path) -> None:
    """Here its words are longer than the parser takes."""
    endless = ANS.replace("number is large", '<value-of select="string-join((1 to 2000000)!string(.))"/>')
    engine = Engine(write_pack(tmp_path, {PROFILES["ans"]: endless}))
    (found,) = engine.check(document('<number value="12" parity="even"/>'))
    assert ("warning", "ans:failed") == (found.severity.value, found.rule)
    assert found.message.startswith("the rules of this layer fail on this document, so they were not checked: ")


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (b"<a", "xml:malformed", "cannot be read"),
        (b'<!DOCTYPE ClinicalDocument [<!ENTITY e "x">]><ClinicalDocument/>', "xml:malformed", "DTD"),
        (b"<html/>", "xml:root", "the root element is html"),
    ],
)
def test_what_is_no_cda_never_reaches_the_rules(engine: Engine, content: bytes, rule: str, words: str) -> None:
    (found,) = engine.check(content)
    assert rule == found.rule
    assert words in found.message


def test_numbers_are_written_among_equals_and_foreign_names_in_full(engine: Engine) -> None:
    inside = '<title>a</title><title/><s:x xmlns:s="urn:hl7-org:sdtc"><title/></s:x><f:y xmlns:f="urn:f"><title/></f:y>'
    found: list[Finding] = [*engine.check(document(inside))]
    assert [
        "/ClinicalDocument/title[2]",
        "/ClinicalDocument/sdtc:x/title",
        "/ClinicalDocument/{urn:f}y/title",
    ] == [each.xpath for each in found]


def test_what_the_pack_lacks_is_noted_and_left_out(engine: Engine) -> None:
    assert (
        "ASIP-STRUCT-MIN-StrucMin.sch includes include/nowhere.sch, which is missing",
        "phase p names pattern lost, which is missing",
        "a rule extends unheard-of, which is missing",
    ) == engine.notes


BROKEN = {
    "no XML": ({PROFILES["ihe"]: "<schema"}, "IHE.sch: the XML cannot be read"),
    "no Schematron": ({PROFILES["ihe"]: "<html/>"}, "IHE.sch is no Schematron schema: its root element is html"),
    "an expression that is none": (
        {PROFILES["ans"]: ANS.replace('test="@parity"', 'test="@@"')},
        "CI-SIS_Modeles_ANS.sch cannot be compiled",
    ),
    "an inclusion in itself": (
        {
            "schematrons/profils/structurationMinimale/Include/title.sch": "<r><include href='title.sch' "
            "xmlns='http://purl.oclc.org/dsdl/schematron'/></r>"
        },
        "is included in itself",
    ),
    "nothing but an inclusion": (
        {
            "schematrons/profils/structurationMinimale/Include/title.sch": "<include href='x.sch' "
            "xmlns='http://purl.oclc.org/dsdl/schematron'/>"
        },
        "is nothing but an inclusion",
    ),
    "no XML schema": ({XSD_FILE: "<html/>"}, "is no XML schema"),
    "a part of the schema that is missing": (
        {"infrastructure/cda/parts.xsd": None},
        "refers to parts.xsd, which is missing",
    ),
    "a part of the schema elsewhere": (
        {XSD_FILE: XSD.replace("parts.xsd", "http://elsewhere.example/parts.xsd")},
        "which is not on this disk",
    ),
    "files that are missing": ({XSD_FILE: None, PROFILES["ihe"]: None}, "lacks schematrons/profils/IHE.sch"),
}


@pytest.mark.parametrize(("changes", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_pack_says_what_is_broken(tmp_path: Path, changes: dict[str, str | None], words: str) -> None:
    with pytest.raises(ConfigError, match=r"(?s).*") as caught:
        Engine(write_pack(tmp_path, changes))
    assert words in str(caught.value)


def test_a_whole_schema_may_be_included(tmp_path: Path) -> None:
    """Its parts count, as if they stood in the place of the inclusion."""
    included = HEADER.replace('<include href="Include/TITLE.sch"/>', "").replace("titles", "inner")
    outer = HEADER.replace("Include/TITLE.sch", "inner.sch").replace("titles", "outer")
    folder = "schematrons/profils/structurationMinimale/"
    engine = Engine(write_pack(tmp_path, {PROFILES["header"]: outer, folder + "inner.sch": included}))
    found = [*engine.check(document("<title/>"))]
    assert ["header:inner/t1", "header:outer/t1"] == [each.rule for each in found]


def test_an_unreadable_file_is_a_broken_pack(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    path = folder / "schematrons/profils/structurationMinimale/Include/title.sch"
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match=r"title.sch cannot be read"):
        Engine(folder)
