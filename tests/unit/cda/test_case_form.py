"""The fast check of a case and the slow one, which explains, judge alike."""

from __future__ import annotations

import math
import random
from copy import deepcopy
from typing import Any

import pytest

from xds_adapter.cda.build import KINDS, example
from xds_adapter.cda.case_form import form_of
from xds_adapter.cda.schema import FORMATS, flat_schema, follows
from xds_adapter.cda.schema_faults import faults
from xds_adapter.vocabulary.value_sets import VALUE_SETS

ANYTHING: tuple[Any, ...] = (
    None, True, 0, -1, 1.0, 1.5, math.inf, math.nan, "", "  ", "x", "1.2.3", "2026-01-06", "2026-13-06",
    "2026-01-06T11:20:00+01:00", "a\nb", "\ttab", "N", "CT", "http://a.example/", "x" * 5000, [], [1], ["x"], {},
    {"code": "CT"}, {"code": 1}, {"code": "N", "system": "1.2"}, {"root": "1.2", "extension": "x"},
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    items = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    return [(value, key) for key, _ in items] + [place for _, member in items for place in places(member)]


def mutated(case: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """The case with one change anywhere."""
    made = deepcopy(case)
    container, key = draw.choice(places(made))
    change = draw.randrange(4)
    if change == 0:
        del container[key]
    elif change == 1 and isinstance(container, dict):
        container[draw.choice(("unknown", "code", "system", "display", "comment"))] = draw.choice(ANYTHING)
    elif change == 2 and isinstance(container, list):
        container.append(deepcopy(draw.choice(container)))
    else:
        container[key] = deepcopy(draw.choice(ANYTHING))
    return made


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_both_checks_judge_alike(kind: str) -> None:
    """On the example, and on 120 single changes of it anywhere, both say the same."""
    fits = form_of(flat_schema(kind), FORMATS)
    case = example(kind)
    assert fits(case)
    assert [] == faults(kind, case)
    draw = random.Random(kind)
    judged = set()
    for _ in range(120):
        made = mutated(case, draw)
        found = faults(kind, made)
        assert (not found) == fits(made), (found, made)
        assert (not found) == follows(kind, made)
        judged.add(bool(found))
    assert {True, False} == judged


SCHEMAS: dict[str, dict[str, Any]] = {
    "type": {"type": "integer"},
    "number": {"type": "number", "minimum": 2},
    "boolean": {"type": "boolean"},
    "items": {"items": {"type": "string"}},
    "count": {"minItems": 1, "maxItems": 1},
    "length": {"minLength": 1, "maxLength": 3},
    "enum": {"enum": ["N", "x"]},
    "pattern": {"pattern": "^[0-9.]+$"},
    "format": {"format": "oid"},
    "any": {"anyOf": [{"required": ["code"]}, {"required": ["root"]}]},
    "object": {"type": "object", "properties": {"code": {"type": "string"}}, "additionalProperties": False},
    "members": {"properties": {"code": {"type": "string"}}, "minProperties": 2},
    "set": {"valueSet": next(name for name, known in VALUE_SETS.items() if known.find("CT"))},
    "display": {"displayFrom": next(name for name, known in VALUE_SETS.items() if known.find("CT"))},
    "nothing": {"title": "Anything"},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_keyword_is_judged_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against values of every type, with one schema a keyword."""
    schema = SCHEMAS[name]
    monkeypatch.setattr("xds_adapter.cda.schema_faults.flat_schema", lambda _: schema)
    fits = form_of(schema, FORMATS)
    for value in ANYTHING:
        # The slow check keeps what it compiled by the name of the kind.
        assert (not faults(f"only {name}", value)) == fits(value), value


def test_an_unknown_keyword_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="the keyword oneOf of a schema is not known"):
        form_of({"items": {"oneOf": []}}, FORMATS)
