"""Modules and functions stay small, public names are described, and identifiers stand in the vocabulary."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import MODULES, PACKAGE, short_name, string_literals, tree_of

MODULE_LINES = 500
FUNCTION_LINES = 60
USUAL_LINES = 25

Function = ast.FunctionDef | ast.AsyncFunctionDef
IDENTIFIER = re.compile(
    r"urn:uuid:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|urn:oid:[0-9]|(?<![\w.])[0-2](?:\.[0-9]+){4,}(?![\w.])"
)

each_module = pytest.mark.parametrize("path", MODULES, ids=short_name)


def _body(function: Function) -> int:
    """Lines from the first statement below the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _functions() -> Iterator[tuple[str, int]]:
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, Function):
                yield f"{short_name(path)}: {node.name}", _body(node)


def _undescribed(parent: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    """Public classes and functions without a docstring; __init__ is described by its class."""
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _undescribed(node, f"{prefix}{node.name}.")


@each_module
def test_a_module_has_at_most_500_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


def test_no_function_has_more_than_60_lines() -> None:
    assert [] == [(name, lines) for name, lines in _functions() if lines > FUNCTION_LINES]


def test_nine_functions_in_ten_have_fewer_than_25_lines() -> None:
    sizes = [lines for _, lines in _functions()]
    assert 0.9 <= sum(lines < USUAL_LINES for lines in sizes) / len(sizes)


@each_module
def test_every_module_and_public_name_is_described(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree) is not None
    assert [] == list(_undescribed(tree))


@pytest.mark.parametrize("path", [p for p in MODULES if not p.is_relative_to(PACKAGE / "vocabulary")], ids=short_name)
def test_no_identifier_stands_outside_the_vocabulary(path: Path) -> None:
    assert [] == [match.group() for text in string_literals(path) for match in IDENTIFIER.finditer(text)]


@pytest.mark.parametrize(
    "text",
    ["urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1", "urn:oid:1.2", "1.2.250.1.213", "a 2.16.840.1.113883.6.1 b"],
)
def test_an_identifier_is_recognised(text: str) -> None:
    assert IDENTIFIER.search(text)


@pytest.mark.parametrize("text", ["urn:oid:", "urn:uuid:", "1.2.3.4", "127.0.0.1", "v1.2.3.4.5"])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not IDENTIFIER.search(text)
