"""The source of the package, for tests that read it as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.shared import CHECKOUT

PACKAGE = CHECKOUT / "xds_adapter"
MODULES = tuple(sorted(PACKAGE.rglob("*.py")))

_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def short_name(path: Path) -> str:
    """The path of a module inside the checkout, as test ids show it."""
    return path.relative_to(CHECKOUT).as_posix()


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if not isinstance(node, _DOCUMENTED):
            continue
        for statement in node.body:
            # Also the text below a constant, which documents it.
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield statement.value


def string_literals(path: Path) -> Iterator[str]:
    """Every string literal of a module, its docstrings left out; of an f-string its constant parts."""
    tree = tree_of(path)
    docstrings = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
