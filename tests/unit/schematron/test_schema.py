"""What is read from a schema, and where a document's rules and places are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from xds_adapter import xmlio
from xds_adapter.schematron.layout import Model, model_file, model_of
from xds_adapter.schematron.places import line_of, place
from xds_adapter.schematron.schema import Call, Check, Let, Schema, read

CDA = "urn:hl7-org:v3"


def schema(inside: str, *, attributes: str = "", phase: str | None = None) -> Schema:
    text = f'<schema xmlns="http://purl.oclc.org/dsdl/schematron" xmlns:f="urn:f" {attributes}>{inside}</schema>'
    return read(xmlio.parse(text.encode()), phase)


RULE = '<rule context="a"><assert test="b">words</assert></rule>'


def test_prefixes_are_those_that_are_declared_then_those_of_the_file() -> None:
    found = schema('<ns prefix="g" uri="urn:g"/><ns prefix="xml" uri="urn:x"/><pattern/>')
    assert {"g": "urn:g", "f": "urn:f"} == found.namespaces


def test_a_phase_chooses_patterns_and_brings_its_variables() -> None:
    text = (
        '<phase id="p"><let name="x" value="1"/><active pattern="one"/></phase>'
        f'<pattern id="one">{RULE}</pattern><pattern id="two">{RULE}</pattern>'
    )
    chosen, whole, default = schema(text, phase="p"), schema(text), schema(text, attributes='defaultPhase="p"')
    assert ["one"] == [pattern.pattern_id for pattern in chosen.patterns]
    assert {"x": Let("x", "1")} == chosen.lets
    assert chosen == default
    assert ["one", "two"] == [pattern.pattern_id for pattern in whole.patterns]


def test_a_pattern_without_an_id_is_named_by_its_place() -> None:
    found = schema(f"<pattern/><pattern>{RULE}</pattern>")
    assert ["pattern-2"] == [pattern.pattern_id for pattern in found.patterns]


def test_an_instance_of_what_is_missing_is_left_out_with_a_note() -> None:
    found = schema('<pattern id="i" is-a="lost"/>')
    assert ([], ["pattern i is an instance of lost, which is missing"]) == (found.patterns, found.notes)


def test_the_longest_parameter_wins_and_a_variable_of_another_name_stays() -> None:
    text = (
        '<pattern abstract="true" id="m"><rule context="$a/$ab"><assert test="$abc = $a">w</assert></rule></pattern>'
        '<pattern is-a="m"><param name="a" value="x"/><param name="ab" value="y"/></pattern>'
    )
    (rule,) = schema(text).patterns[0].rules
    (check,) = rule.items
    assert isinstance(check, Check)
    assert ("x/y", "$abc = x") == (rule.context, check.test)


ABSTRACT = '<rule abstract="true" id="r"><let name="v" value="1"/><assert test="$v = 1">w</assert></rule>'


def items(rules: str, other: str = "") -> list[type]:
    (rule,) = schema(f"{other}<pattern>{ABSTRACT}{rules}</pattern>").patterns[0].rules
    return [type(item) for item in rule.items]


@pytest.mark.parametrize(
    ("own", "kinds"),
    [
        ('<assert test="true()">w</assert>', [Call, Check]),
        ('<assert test="$v">w</assert>', [Let, Check, Check]),
        ('<assert test="$vv">w</assert>', [Call, Check]),
    ],
    ids=["nothing of the other", "its variable", "another variable"],
)
def test_an_abstract_rule_is_called_only_where_it_stands_alone(own: str, kinds: list[type]) -> None:
    assert kinds == items(f'<rule context="a"><extends rule="r"/>{own}</rule>')


def test_an_abstract_rule_that_uses_a_variable_of_the_other_is_written_out() -> None:
    needy = '<rule abstract="true" id="n"><assert test="$w">w</assert></rule>'
    assert [Let, Check] == items(f'{needy}<rule context="a"><let name="w" value="1"/><extends rule="n"/></rule>')


def test_a_role_of_the_rule_is_one_of_what_it_extends() -> None:
    (rule,) = (
        schema(f'<pattern>{ABSTRACT}<rule context="a" role="WARN"><extends rule="r"/></rule></pattern>')
        .patterns[0]
        .rules
    )
    assert ["warn"] == [item.role for item in rule.items if isinstance(item, Check)]


def test_abstract_rules_that_extend_each_other_come_to_an_end() -> None:
    text = (
        '<rule abstract="true" id="x"><extends rule="y"/><assert test="1">w</assert></rule>'
        '<rule abstract="true" id="y"><let name="l" value="1"/><extends rule="x"/></rule>'
    )
    found = schema(f'<pattern>{text}<rule context="a"><extends rule="x"/></rule></pattern>')
    assert ["the abstract rule x extends itself"] == found.notes


def test_other_elements_of_a_rule_say_nothing() -> None:
    assert [Check] == items('<rule context="a"><title>t</title><assert test="1">w</assert></rule>')


PLACES = {
    "/Q{urn:hl7-org:v3}a[1]/Q{urn:hl7-org:v3}b[2]": ("/a/b[2]", 2),
    "/Q{urn:hl7-org:v3}a[1]/Q{urn:hl7-org:v3}b[1]/@code": ("/a/b[1]/@code", 1),
    "/Q{urn:hl7-org:v3}a[1]/Q{}c[1]": ("/a/c", 2),
    "/Q{urn:hl7-org:v3}a[1]/text()[1]": ("/a/text()", 1),
    "/Q{urn:hl7-org:v3}a[1]/Q{urn:hl7-org:v3}b[3]": ("/Q{urn:hl7-org:v3}a[1]/Q{urn:hl7-org:v3}b[3]", None),
    "/Q{urn:hl7-org:v3}z[1]": ("/Q{urn:hl7-org:v3}z[1]", None),
    "/": ("/", None),
}


@pytest.mark.parametrize(("path", "expected"), PLACES.items())
def test_a_path_becomes_a_place(path: str, expected: tuple[str, int | None]) -> None:
    root = xmlio.parse(f'<a xmlns="{CDA}">t<b/>\n<b/><c xmlns=""/></a>'.encode())
    assert expected == place(root, path)


def test_far_down_the_line_is_not_known() -> None:
    root = xmlio.parse(b"<a>" + b"\n" * 70_000 + b"<b/></a>")
    assert (1, None) == (line_of(root), line_of(root[0]))


def document(templates: str, body: str = "<structuredBody/>", code: str = "18748-4") -> str:
    inside = f'{templates}<code code="{code}"/><component>{body}</component>'
    return f'<ClinicalDocument xmlns="{CDA}">{inside}</ClinicalDocument>'


REPORT, LEVEL_1 = '<templateId root="1.2.250.1.213.1.1.1.45"/>', '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'
MODELS = {
    "a structured report": (document(REPORT), Model("IMG-CR-IMG")),
    "its level 1 variant": (document(REPORT, "<nonXMLBody/>"), None),
    "a level 1 report": (document(LEVEL_1, "<nonXMLBody/>"), None),
    "a telemedicine report": (document(LEVEL_1, "<nonXMLBody/>", "85208-7"), Model("TLM-CR")),
    "another": (document(""), None),
}


@pytest.mark.parametrize(("text", "expected"), MODELS.values(), ids=MODELS.keys())
def test_the_model_of_a_document(text: str, expected: Model | None) -> None:
    assert expected == model_of(xmlio.parse(text.encode()))


def test_a_pack_without_rules_for_a_model_has_no_file_of_it(tmp_path: Path) -> None:
    assert None is model_file(tmp_path, Model("TLM-CR"))
