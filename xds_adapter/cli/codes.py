"""`codes`: look a code up in the shipped value sets."""

from __future__ import annotations

import difflib
import sys
from typing import Annotated

import typer

from xds_adapter.cli.common import JsonOption, json_line
from xds_adapter.errors import ConfigError
from xds_adapter.vocabulary.code_search import Hit, search, suggestions
from xds_adapter.vocabulary.coding_schemes import CODING_SCHEME_NAMES
from xds_adapter.vocabulary.value_sets import VALUE_SETS, ValueSet

_WIDEST = 60
"""A column is no wider; a longer display name moves what follows."""

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _codes() -> None:
    """Codes of the French imaging and telemedicine documents."""


@app.command("search")
def search_command(
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Words of a display name, or (part of) a code.")],
    names: Annotated[
        list[str] | None, typer.Option("--set", help="Only in this value set; may repeat.", metavar="NAME")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show so many at most.", metavar="N")] = 20,
    json_output: JsonOption = False,
) -> None:
    """Look a code up by its display name or by (part of) the code; case and accents do not matter."""
    value_sets = [_value_set(name) for name in names] if names else [*VALUE_SETS.values()]
    wanted = " ".join(text)
    hits = search(wanted, value_sets)
    for line in map(_json, hits[:limit]) if json_output else _lines(hits[:limit]):
        print(line)
    if len(hits) > limit:
        print(f"... and {len(hits) - limit:,} more; add a word, --set NAME or --limit N", file=sys.stderr)
    if not hits:
        near = suggestions(wanted, value_sets)
        advice = f"; nearest: {' or '.join(near[:3])}" if near else ""
        print(f'no code found for "{wanted}"{advice}', file=sys.stderr)
        raise typer.Exit(1)


def _value_set(name: str) -> ValueSet:
    """The set of this name; case does not matter, nor do the publisher's beginning and ending."""
    known = {key.lower().removesuffix("_cisis").removeprefix("jdv_"): key for key in VALUE_SETS}
    key = name.lower().removesuffix("_cisis").removeprefix("jdv_")
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.3)
        raise ConfigError(
            f"--set {name}: is no value set; nearest: {known[near[0]] if near else next(iter(VALUE_SETS))}"
        )
    return VALUE_SETS[known[key]]


def _lines(hits: list[Hit]) -> list[str]:
    rows = [
        (member.code, member.display or "-", CODING_SCHEME_NAMES.get(member.system, member.system), value_set.name)
        for value_set, member in ((hit.value_set, hit.member) for hit in hits)
    ]
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _json(hit: Hit) -> str:
    return json_line(
        {
            "code": hit.member.code,
            "code_system": hit.member.system,
            "code_system_name": CODING_SCHEME_NAMES.get(hit.member.system),
            "display_name": hit.member.display or None,
            "value_set": hit.value_set.name,
            "value_set_id": hit.value_set.oid or None,
        }
    )
