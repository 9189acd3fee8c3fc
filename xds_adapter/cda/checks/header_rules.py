"""Checks of the header by the rows of `tables/header.txt`: counts, values that must be there, codes, data types.

Source: ANS CI-SIS, volet Structuration minimale; HL7 v3 data types R1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from xds_adapter.cda.checks.classes import MANY, XSI_TYPE
from xds_adapter.cda.checks.rules import Flaw, found
from xds_adapter.cda.checks.shapes import Fork, Row, Shape
from xds_adapter.cda.checks.value_sets import code_flaws, code_words
from xds_adapter.cda.identifiers import is_uuid
from xds_adapter.cda.moments import ts_fault
from xds_adapter.cda.tree import all_of, first, name_of, text_of
from xds_adapter.datatypes import is_oid
from xds_adapter.vocabulary.value_sets import VALUE_SETS
from xds_adapter.xmlio import Element

Items = Mapping[str, str]
_LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}")
_TEXTUAL = frozenset({"ST", "AD", "PN", "ON", "EN"})
# Attributes that may stand beside a nullFlavor: they say what is missing, or what the standard says anyway.
_BESIDE_NULL = frozenset({XSI_TYPE, "nullFlavor", "classCode", "typeCode", "determinerCode", "moodCode", "partType"})
_DEFAULTS = {
    ("mediaType", "text/plain"),
    ("representation", "TXT"),
    ("operator", "I"),
    ("inclusive", "true"),
    ("inverted", "false"),
    ("unit", "1"),
    ("integrityCheckAlgorithm", "SHA-1"),
}
_WITH_OTHER = frozenset({"codeSystem", "codeSystemName", "codeSystemVersion", "extension"})
_PHONE_NULLS = ("UNK", "NASK", "ASKU", "NAV", "MSK")
_SCHEMES = ("tel", "fax", "mailto", "http", "ftp", "mllp")
_PHONE_USES = frozenset({"H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG"})


def flaws(element: Element, row: Row, items: Items, tags: tuple[str, ...]) -> Iterator[Flaw]:
    """Check what the attributes and the names of the children of an element tell."""
    for needed in row.rows:
        if needed.condition is None:
            yield from _count(element, needed, tags.count(needed.tag))
    yield from _needed(element, row, items)
    for name, value in row.options:
        check = _OPTIONS.get(name)
        if check is not None:
            yield from check(element, value, items)
    if row.null_alone and "nullFlavor" in items:
        yield from _null_alone(element, items, tags)
    if (typed := _TYPED.get(row.kind)) is not None:
        yield from typed(element, items, tags)


def _count(element: Element, row: Row, count: int) -> Iterator[Flaw]:
    if count < row.least:
        yield found("CDA-010", element, element=f"{name_of(element)}/{row.words}")
    elif count > row.most:
        yield found("CDA-011", element, element=f"{name_of(element)}/{row.words}", count=count, most=row.most)


def _needed(element: Element, row: Row, items: Items) -> Iterator[Flaw]:
    for need in row.needs:
        if need == "idornull":
            if not ("root" in items and "extension" in items) and "nullFlavor" not in items:
                yield found("CDA-021", element, attribute="root and extension")
        elif need == "codeornull":
            if ("code" in items) == ("nullFlavor" in items) or ("code" in items) != ("codeSystem" in items):
                yield found("CDA-044", element, attribute="code and codeSystem, or a nullFlavor alone")
        elif need == "completedornull":
            if items.get("code") != "completed" and "nullFlavor" not in items:
                yield found("CDA-037", element, attribute="code", value=items.get("code", ""), allowed="completed")
        elif need not in items:
            yield found("CDA-021" if row.kind == "II" else "CDA-044", element, attribute=need)


def _is(element: Element, written: str, items: Items) -> Iterator[Flaw]:
    attribute, _, values = written.partition("=")
    if items.get(attribute, "") not in values.split(","):
        yield found(
            "CDA-037", element, attribute=attribute, value=items.get(attribute, ""), allowed=values.replace(",", ", ")
        )


def _use(element: Element, values: str, items: Items) -> Iterator[Flaw]:
    if "use" in items and items["use"] not in values.split(","):
        yield found("CDA-037", element, attribute="use", value=items["use"], allowed=values.replace(",", ", "))


def _in(element: Element, name: str, items: Items) -> Iterator[Flaw]:
    if "code" in items:
        yield from code_flaws(element, VALUE_SETS[name], items, error_on_system=False)


def _both(element: Element, name: str, items: Items) -> Iterator[Flaw]:
    if "code" in items:
        yield from code_flaws(element, VALUE_SETS[name], items, error_on_system=True)


def _language(element: Element, form: str, items: Items) -> Iterator[Flaw]:
    """Check a language and a country, e.g. ``fr-FR``: the case counts."""
    if "code" in items and not _LANGUAGE.fullmatch(items["code"]):
        yield found("CDA-037", element, attribute="code", value=items["code"], allowed=form)


def _wish(element: Element, name: str, items: Items) -> Iterator[Flaw]:
    if "code" in items and VALUE_SETS[name].find(items["code"]) is None:
        yield found("CDA-402", element, **code_words(VALUE_SETS[name], items))


def _wish_both(element: Element, name: str, items: Items) -> Iterator[Flaw]:
    if "code" in items and VALUE_SETS[name].find(items["code"], items.get("codeSystem", "")) is None:
        yield found("CDA-402", element, **code_words(VALUE_SETS[name], items))


_OPTIONS: dict[str, Callable[[Element, str, Items], Iterator[Flaw]]] = {
    "is": _is,
    "use": _use,
    "in": _in,
    "both": _both,
    "language": _language,
    "wish": _wish,
    "wishboth": _wish_both,
}


def _null_alone(element: Element, items: Items, tags: tuple[str, ...]) -> Iterator[Flaw]:
    """A nullFlavor says that there is no value, so nothing else says one."""
    others = {
        name
        for name, value in items.items()
        if name not in _BESIDE_NULL and (name, value) not in _DEFAULTS and not name.endswith("}nil")
    }
    if not others and not tags:
        return
    partly = items["nullFlavor"] in ("OTH", "NA", "UNC") and others <= _WITH_OTHER
    if not (
        partly
        and (others & {"codeSystem", "extension"} or any(t.endswith(("originalText", "}translation")) for t in tags))
    ):
        yield found("CDA-047", element, element=name_of(element))


def _identifier(element: Element, items: Items, _: tuple[str, ...]) -> Iterator[Flaw]:
    root = items.get("root", "")
    if "nullFlavor" not in items and "root" not in items:
        yield found("CDA-021", element, attribute="root")
    elif (root and root[0].isalpha() and not is_uuid(root)) or (root and not is_oid(root) and not is_uuid(root)):
        yield found("CDA-020", element, root=root)


def _concept(element: Element, items: Items, tags: tuple[str, ...]) -> Iterator[Flaw]:
    has_text = any(tag.endswith("}originalText") for tag in tags)
    if "code" in items and "codeSystem" not in items:
        yield found("CDA-040", element, code=items["code"])
    elif "code" not in items and "nullFlavor" not in items and not has_text:
        yield found("CDA-042", element, element=name_of(element))
    elif "code" not in items and "displayName" in items:
        yield found("CDA-044", element, attribute="code")
    elif "codeSystem" not in items and ("codeSystemName" in items or "codeSystemVersion" in items):
        yield found("CDA-044", element, attribute="codeSystem")
    elif (system := items.get("codeSystem", "")) and not is_oid(system):
        yield found("CDA-020", element, root=system)


def _simple_code(element: Element, items: Items, _: tuple[str, ...]) -> Iterator[Flaw]:
    if ("code" in items) == ("nullFlavor" in items):
        yield found("CDA-042", element, element=name_of(element))


def _moment(element: Element, items: Items, _: tuple[str, ...]) -> Iterator[Flaw]:
    value = items.get("value")
    if value is None:
        if "nullFlavor" not in items:
            yield found("CDA-042", element, element=name_of(element))
    elif fault := ts_fault(value):
        yield found("CDA-030", element, value=value, fault=fault)


def _interval(element: Element, items: Items, tags: tuple[str, ...]) -> Iterator[Flaw]:
    if "value" in items:
        if tags:
            yield found("CDA-033", element, fault="has a value and a beginning or an end")
        yield from _moment(element, items, tags)
    elif "nullFlavor" not in items and not tags:
        yield found("CDA-042", element, element=name_of(element))


def _number(element: Element, items: Items, _: tuple[str, ...]) -> Iterator[Flaw]:
    if "value" in items and not (items["value"].isascii() and items["value"].isdigit()):
        yield found("CDA-015", element, value=items["value"])


def _contact(element: Element, items: Items, _: tuple[str, ...]) -> Iterator[Flaw]:
    scheme, _colon, rest = items.get("value", "").partition(":")
    if "value" not in items:
        if set(items) != {"nullFlavor"} or items["nullFlavor"] not in _PHONE_NULLS:
            yield found("CDA-034", element, value="", nulls=", ".join(_PHONE_NULLS))
    elif scheme not in _SCHEMES or not rest or quote(items["value"], safe="%:/?#[]@!$&'()*+,;=-._~") != items["value"]:
        yield found("CDA-034", element, value=items["value"], nulls=", ".join(_PHONE_NULLS))
    if "use" in items and items["use"] not in _PHONE_USES:
        yield found("CDA-037", element, attribute="use", value=items["use"], allowed=", ".join(sorted(_PHONE_USES)))


_TYPED: dict[str, Callable[[Element, Items, tuple[str, ...]], Iterator[Flaw]]] = {
    "II": _identifier,
    "CE": _concept,
    "CD": _concept,
    "CS": _simple_code,
    "TS": _moment,
    "IVL": _interval,
    "INT": _number,
    "TEL": _contact,
}


def looks_at_text(row: Row, items: Items) -> bool:
    """Tell whether `text_flaws` has something to look at."""
    if row.null_alone and "nullFlavor" in items:
        return True
    return row.kind in _TEXTUAL or any(name == "text" for name, _ in row.options)


def text_flaws(element: Element, row: Row) -> Iterator[Flaw]:
    """Check the text of an element, which may be another in each (CDA-035, CDA-036, CDA-047, CDA-400)."""
    text = text_of(element)
    is_null = element.get("nullFlavor") is not None
    for name, value in row.options:
        if name == "text" and VALUE_SETS[value].find(element.text or "") is None:
            yield found("CDA-400", element, **code_words(VALUE_SETS[value], {"code": element.text or ""}))
    if is_null:
        if text and row.null_alone:
            yield found("CDA-047", element, element=name_of(element))
    elif row.kind in _TEXTUAL and not len(element) and not text:
        yield found("CDA-035", element, element=name_of(element))
    if row.kind in ("AD", "PN", "EN") and len(element) and text:
        yield found("CDA-036", element, element=name_of(element))


_COMPARED = frozenset({"II", "CE", "CD", "AD", "TEL", "PN", "ON", "EN"})


def compares(shape: Shape, tags: tuple[str, ...]) -> bool:
    """Tell whether `among` has something to look at."""
    row = shape.row
    if row is None:
        return False
    if row.kind == "IVL" or (row.kind in ("CE", "CD") and any(tag.endswith("}translation") for tag in tags)):
        return True
    if any(child.condition and (child.least or child.most < MANY) for child in row.rows):
        return True
    return len(set(tags)) < len(tags) and any(
        child.kind in _COMPARED for child in row.rows if tags.count(child.tag) > 1
    )


def among(element: Element, shape: Shape, children: list[Element], tags: tuple[str, ...]) -> Iterator[Flaw]:
    """Check what only the children themselves tell: counts with a condition, values that repeat, intervals."""
    if shape.row is None:
        return
    for row in shape.row.rows:
        if row.condition is not None and (row.least or row.most < MANY):
            applies = row.condition if row.tag in tags else None
            count = sum([applies(child) for child in children if child.tag == row.tag]) if applies else 0
            if not row.least <= count <= row.most:
                yield from _count(element, row, count)
    if len(set(tags)) < len(tags):
        yield from _repetitions(shape, children, tags)
    if shape.row.kind == "IVL":
        yield from _order(element)
    elif shape.row.kind in ("CE", "CD"):
        yield from _translations(element)


def _repetitions(shape: Shape, children: list[Element], tags: tuple[str, ...]) -> Iterator[Flaw]:
    for tag in dict.fromkeys(tags):
        if tags.count(tag) < 2:
            continue
        equals = [child for child in children if child.tag == tag]
        kinds = [_kind(shape, child) for child in equals]
        for number, (later, kind) in enumerate(zip(equals, kinds, strict=True)):
            for earlier, other in zip(equals[:number], kinds, strict=False):
                judged = kind if kind in _COMPARED else other
                if judged in _COMPARED and _same(judged, earlier, later):
                    yield found("CDA-055", later, element=name_of(later), line=earlier)
                    break


def _kind(shape: Shape, child: Element) -> str:
    found_shape = shape.child(child.tag)
    if isinstance(found_shape, Fork):
        found_shape = found_shape.choose(child)
    return found_shape.row.kind if found_shape is not None and found_shape.row is not None else "-"


def _same(kind: str, one: Element, other: Element) -> bool:
    """Tell whether two values that stand side by side say the same, or one says that there is none."""
    if kind == "II":
        extensions = {one.get("extension", ""), other.get("extension", "")}
        return (
            one.get("root") is not None
            and one.get("root") == other.get("root")
            and ("" in extensions or len(extensions) == 1)
        )
    if kind in ("CE", "CD"):
        pair = one.get("code"), one.get("codeSystem")
        return None not in pair and pair == (other.get("code"), other.get("codeSystem"))
    if (one.get("nullFlavor") is None) != (other.get("nullFlavor") is None):
        return True
    if kind == "TEL":
        pair = one.get("use"), one.get("value")
        return None not in pair and pair == (other.get("use"), other.get("value"))
    return _all_text(one) == _all_text(other)


def _all_text(element: Element) -> str:
    uses = "".join(one.get("use", "") for one in element.iter())
    return uses + "".join(str(text) for text in element.itertext())


def _order(element: Element) -> Iterator[Flaw]:
    low, high = (first(element, name) for name in ("low", "high"))
    values = [end.get("value", "") if end is not None else "" for end in (low, high)]
    if all(values) and not any(map(ts_fault, values)) and values[0][:14] >= values[1][:14]:
        yield found("CDA-033", element, fault="does not end after it begins")


def _translations(element: Element) -> Iterator[Flaw]:
    """Check the translations of a code (CDA-048)."""
    seen: set[tuple[str, str]] = set()
    for translation in all_of(element, "translation"):
        key = translation.get("code", ""), translation.get("codeSystem", "")
        if translation.get("nullFlavor") is not None:
            yield found("CDA-048", translation, fault="has a nullFlavor")
        elif key in seen:
            yield found("CDA-048", translation, fault="repeats another")
        seen.add(key)
