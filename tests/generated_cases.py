"""Hypothesis strategies for the cases of every kind, drawn from their JSON Schemas.

A schema says which members there are and of which form each value is; `_REPAIRS` then mends what lies across members,
so that every case drawn is a valid one.
"""

from __future__ import annotations

import base64
import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from xds_adapter.cda.schema import flat_schema
from xds_adapter.vocabulary.value_sets import PET_FUNCTION, SCINTIGRAPHY_FUNCTION, VALUE_SETS, Member

Case = dict[str, Any]
_WORDS = st.text(st.sampled_from(string.ascii_letters + string.digits + " éèàçœÉ<>&\"'’-.,:;/()%µ²"), min_size=1)
_LINES = _WORDS.map(lambda text: " ".join(text.split()) or "x")
_TEXTS = st.lists(_LINES, min_size=1, max_size=3).map("\n".join)
_TOKENS = st.text(st.sampled_from(string.ascii_uppercase + string.digits), min_size=1, max_size=8)
_OIDS = st.lists(st.integers(0, 10**6), min_size=2, max_size=5).map(lambda arcs: f"1.2.{'.'.join(map(str, arcs))}")
_UUIDS = st.uuids().map(lambda value: str(value).upper())
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-4))])
_INSTANTS = st.datetimes(datetime(1930, 1, 1), datetime(2090, 1, 1), timezones=_ZONES).map(
    lambda moment: moment.isoformat(timespec="seconds")
)
_MOMENTS = st.one_of(_INSTANTS, _INSTANTS.map(lambda text: text[:10]))
_URLS = st.builds("https://viewer.example.org/{}?{}={}".format, _TOKENS, _TOKENS, _TOKENS)
_PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
_FILES = {
    "application/pdf": _PDF,
    "image/jpeg": base64.b64encode(b"\xff\xd8\xff\xe0jpeg").decode(),
    "image/tiff": base64.b64encode(b"II*\x00tiff").decode(),
    "text/rtf": base64.b64encode(b"{\\rtf1 x}").decode(),
    "text/plain": base64.b64encode("déjà".encode()).decode(),
}
_FORMATS: Mapping[str, st.SearchStrategy[str]] = {
    "oid": _OIDS,
    "cda-moment": _MOMENTS,
    "cda-instant": _INSTANTS,
    "cda-document-id": st.one_of(_OIDS, _UUIDS, st.builds("{}^{}".format, _OIDS, _TOKENS)),
    "web-url": st.one_of(_URLS, _URLS.map(lambda url: f"{url}&id={{unique_id}}")),
    "partial-url": st.one_of(_URLS, _URLS.map(lambda url: base64.b64encode(url.encode()).decode())),
    "one-line": _LINES,
    "name": _LINES.map(lambda text: text.lstrip(' "') or "x"),
}
_PATTERNS: Mapping[str, st.SearchStrategy[str]] = {
    "^[^\\s]+$": _TOKENS,
    "^(tel|fax|mailto|http|ftp|mllp):[^\\s]+$": st.sampled_from(
        ["tel:+33299000000", "fax:0299000000", "mailto:a.b@example.org", "http://example.org/a"]
    ),
    "^[0-9]{6}[0-9AB][0-9]{8}$": st.integers(10**12, 3 * 10**12 - 1).map(lambda n: f"{n}{97 - n % 97:02d}"),
    "^V(09|10)[A-Z0-9]*$": st.sampled_from(["V09AX01", "V10XX03"]),
}

_ONE_IN_THREE = st.sampled_from([False, False, True])
_MADE: dict[int, st.SearchStrategy[Any]] = {}


def _string(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "valueSet" in schema:
        return st.sampled_from([member.code for member in VALUE_SETS[schema["valueSet"]].members])
    if "format" in schema:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return _PATTERNS[schema["pattern"]]
    return st.just(_PDF) if schema["title"] == "The file in base64" else _TEXTS


@cache
def _members_of(name: str) -> st.SearchStrategy[Member]:
    return st.sampled_from(VALUE_SETS[name].members)


@st.composite
def _code(draw: st.DrawFn, schema: Mapping[str, Any], name: str) -> Case:
    member = draw(_members_of(name))
    code: Case = {"code": member.code}
    if "display" in schema["required"] or not member.display or draw(st.booleans()):
        code["display"] = member.display or draw(_LINES)
    for optional in schema["properties"].keys() - {"code", "display", "system"}:
        if draw(st.booleans()):
            code[optional] = draw(values(schema["properties"][optional]))
    if draw(st.booleans()):
        code["system"] = member.system
    return code


@st.composite
def _object(draw: st.DrawFn, schema: Mapping[str, Any]) -> Case:
    properties = schema["properties"]
    wanted = set(schema.get("required", ()))
    if "anyOf" in schema:
        wanted |= set(draw(st.sampled_from(schema["anyOf"]))["required"])
    # Members far inside are drawn less often: a case with everything at once is the shipped example.
    wanted |= {name for name in properties if draw(_ONE_IN_THREE)}
    return {name: draw(values(member)) for name, member in properties.items() if name in wanted}


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Draw a value of a (flattened) schema, which lives as long as the process does."""
    # Making a strategy costs more than drawing from it.
    if id(schema) not in _MADE:
        _MADE[id(schema)] = _values(schema)
    return _MADE[id(schema)]


def _values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        name = schema.get("valueSet") or schema.get("displayFrom")
        return _code(schema, name) if name else st.deferred(lambda: _object(schema))
    if kind == "array":
        least = schema.get("minItems", 0)
        return st.lists(st.deferred(lambda: values(schema["items"])), min_size=least, max_size=least + 1)
    if kind == "string":
        return _string(schema)
    if kind == "integer":
        return st.integers(schema["minimum"], 10**4)
    return st.booleans() if kind == "boolean" else st.decimals(0, 10**6, places=3).map(float)


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """Draw a valid case of a kind."""
    case: Case = draw(_object(flat_schema(kind)))
    for part in list(_objects(case)):
        _mend(part)
    _mend_header(case)
    for exam in case.get("sections", {}).get("plan_of_care", ()):
        _mend_exam(draw, exam)
    _mend_sections(case.get("sections", {}))
    return case


def _objects(value: Any) -> Iterator[Case]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _keep_first(part: Case, *names: str) -> None:
    for name in [name for name in names if name in part][1:]:
        del part[name]


def _mend(part: Case) -> None:
    """Mend what lies within one object."""
    if {"low", "high"} <= part.keys():
        if isinstance(part["low"], str):
            part["low"], part["high"] = sorted((part["low"], part["high"]), key=lambda moment: moment[:10])
            part["high"] = "2091-01-01"
        else:
            part["high"] = dict(part["low"], value=part["low"]["value"] + 1)
    if "street_address_lines" in part:
        for name in part.keys() - {"street_address_lines", "use"}:
            del part[name]
    if "content" in part:
        part["content"] = _FILES[part.get("media_type", "application/pdf")]
    if "partial_viewer_url" in part:
        part.pop("viewer_url", None)


def _mend_header(case: Case) -> None:
    for identifier in _national(case):
        identifier.pop("root", None)
    case["authors"][0] |= {"name": {"family": "MARTEL"}}
    for author in case["authors"]:
        _keep_first(author, "name", "authoring_device")
    _keep_industry(case["authors"][0])
    for event in [*case.get("service_events", ()), *([case["order"]] if "order" in case else ())]:
        if "performer" in event:
            _keep_industry(event["performer"])
    for informant in case.get("informants", ()):
        _keep_first(informant, "related_entity", "assigned_entity")
    for participant in case.get("participants", ()):
        _keep_first(participant, "period", "time")
    if "related_document" in case:
        case["related_document"]["unique_id"] = "1.2.250.1.999.1.9.1"
    patient = case["record_target"]
    for guardian in patient.get("guardians", ()):
        _keep_first(guardian, "name", "organization")
    if "ins" in patient:
        patient["name"].setdefault("first_birth_given", "DOMINIQUE")
        patient.setdefault("birthplace", {"county": "51215"})


def _national(case: Case) -> Iterator[Case]:
    encounter = case["encompassing_encounter"]
    people = [*case.get("information_recipients", ()), *case.get("authenticators", ())]
    people += encounter.get("encounter_participants", [])
    people += [encounter["responsible_party"]] if "responsible_party" in encounter else []
    yield from (person["identifier"] for person in people)
    yield case["custodian"]["identifier"]
    for part in _objects(case):
        for name in ("represented_organization", "scoping_organization", "organization"):
            if "identifier" in part.get(name, ()):
                yield part[name]["identifier"]


def _keep_industry(person: Case) -> None:
    organization = person.setdefault("represented_organization", {"name": "Plateforme"})
    organization.setdefault("standard_industry_class_code", {"code": "AMBULATOIRE"})


def _mend_exam(draw: st.DrawFn, exam: Case) -> None:
    functions = {"PT": PET_FUNCTION, "NM": SCINTIGRAPHY_FUNCTION}.get(exam["modality"]["code"])
    exam.pop("studied_function", None)
    if functions is not None:
        exam["studied_function"] = {"code": draw(st.sampled_from(functions.members)).code}
    if exam["modality"]["code"] != "PT":
        exam.pop("contrast_injection", None)
    qualified = [site for site in exam["target_sites"] if "topographic_modifier" in site]
    for site in qualified[0 if "contrast_injection" in exam else 1 :]:
        del site["topographic_modifier"]


def _mend_sections(sections: Case) -> None:
    if "imaging_acts" in sections and "clinical_information" in sections:
        clinical = sections["clinical_information"]
        clinical["contraindications"] = clinical.get("contraindications") or [{"text": "Aucune"}]
    if "narrative" in sections.get("anamnesis", {}):
        sections["anamnesis"] = {"narrative": sections["anamnesis"]["narrative"]}
    _keep_first(sections, "treatments", "absence_of_treatments")
    units = {"9279-1": "/min", "8867-4": "/min", "20564-1": "%", "8310-5": "Cel", "29463-7": "kg", "39156-5": "kg/m2"}
    units |= dict.fromkeys(("8480-6", "8462-4"), "mm[Hg]")
    units |= dict.fromkeys(("8302-2", "8306-3", "8287-5", "8280-0"), "cm")
    for sign in sections.get("vital_signs", {}).get("observations", ()):
        sign["unit"] = units.get(sign["code"]["code"], sign["unit"])
