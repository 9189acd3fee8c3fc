"""Write the tables of `docs/` from the code, or with --check say which of them are stale.

Run: python docs/generate.py [--check]
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from typer.testing import CliRunner

from xds_adapter.app import PIX_PATH, RECIPIENT_PATH, REGISTRY_PATH, REPOSITORY_PATH
from xds_adapter.cda.validate import RULES as CDA_RULES
from xds_adapter.cli.main import VERBS, app
from xds_adapter.config import Settings
from xds_adapter.vocabulary.rules import RULES, Rule
from xds_adapter.vocabulary.stored_queries import STORED_QUERIES
from xds_adapter.vocabulary.transactions import OFFERED

HERE = Path(__file__).resolve().parent
_SUB_COMMANDS = {"patient": "patient add", "codes": "codes search"}
_PATHS = {
    "DocumentRegistry": REGISTRY_PATH,
    "DocumentRepository": REPOSITORY_PATH,
    "DocumentRecipient": RECIPIENT_PATH,
    "PIXManager": PIX_PATH,
    "UpdateResponder": REGISTRY_PATH,
}


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _severity(urn: str) -> str:
    return urn.rpartition(":")[2].lower()


def _code(rule: Rule) -> str:
    """The error code, and that of ITI-92 where it is another."""
    return f"{rule.code}; ITI-92: {rule.restricted_code}" if rule.restricted_code else rule.code


def rules() -> str:
    """The rules of submissions, queries and documents."""
    rows = [(rule.rule_id, _code(rule), _severity(rule.severity), rule.words, rule.clause) for rule in RULES.values()]
    cda = [(rule.rule, rule.severity, rule.words, rule.source) for rule in CDA_RULES.values()]
    return (
        "# Rules\n\nEvery finding quotes the id of its rule. All findings of a message are reported at once.\n\n"
        "## Submissions and queries\n\n"
        + _table(("Rule", "Error code", "Severity", "What must hold", "Clause"), rows)
        + "\n## CDA documents (`xds-adapter validate`)\n\n"
        + _table(("Rule", "Severity", "Finding", "Source"), cda)
    )


def queries() -> str:
    """The stored queries and their parameters."""
    parts = ["# Stored queries of ITI-18\n"]
    for query in STORED_QUERIES.values():
        rows = [
            (f"`{p.name}`", "one of" if p.name in query.one_of else "yes" if p.required else "", p.form.value)
            for p in query.parameters
        ]
        parts.append(f"## {query.name}\n\n`{query.query_id}`\n\n" + _table(("Parameter", "Required", "Form"), rows))
    return "\n".join(parts)


def _toml(value: object) -> str:
    if value in (None, ()):
        return ""
    return f"`{', '.join(value)}`" if isinstance(value, tuple) else f"`{value}`"


def settings() -> str:
    """The settings with their defaults."""
    rows = [(f"`{key}`", _toml(default), meaning) for key, _, default, meaning in Settings().rows()]
    return (
        "# Settings\n\nIn the TOML file given by `--config`, overridden by environment variables"
        " `XDS_ADAPTER_SECTION_KEY`.\n\n" + _table(("Key", "Default", "Meaning"), rows)
    )


def transactions() -> str:
    """The transactions that the server offers."""
    rows = [
        (t.number, t.name, t.actor, f"`{_PATHS[t.actor]}`", "MTOM" if t.mtom else "SOAP", f"`{t.request_action}`")
        for t in OFFERED
    ]
    heads = ("Transaction", "Name", "Actor", "Path", "Form", "wsa:Action")
    return "# Transactions\n\nSOAP 1.2; a plain or an MTOM request is taken everywhere.\n\n" + _table(heads, rows)


def commands() -> str:
    """The help of every command."""
    parts = ["# Commands\n\nExit codes: 0 done, 1 refused or invalid, 2 wrong use or configuration.\n"]
    for verb in (*(verb for verb in VERBS if verb not in _SUB_COMMANDS), *_SUB_COMMANDS.values()):
        result = CliRunner().invoke(
            app, [*verb.split(), "--help"], prog_name="xds-adapter", env={"COLUMNS": "100", "TERMINAL_WIDTH": "100"}
        )
        shown = "\n".join(line.rstrip() for line in result.output.splitlines()).strip()
        parts.append(f"## {verb}\n\n```text\n{shown}\n```\n")
    return "\n".join(parts)


PAGES: dict[str, Callable[[], str]] = {
    "rules.md": rules,
    "queries.md": queries,
    "settings.md": settings,
    "transactions.md": transactions,
    "commands.md": commands,
}


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or compare them."""
    stale = 0
    for name, make in PAGES.items():
        path = HERE / name
        content = make()
        if "--check" not in arguments:
            path.write_text(content, encoding="utf-8")
            continue
        former = path.read_text(encoding="utf-8") if path.exists() else ""
        if former != content:
            stale += 1
            diff = difflib.unified_diff(former.splitlines(), content.splitlines(), f"docs/{name}", "generated", "", "")
            print("\n".join([*diff][:20]))
    if stale:
        print(f"{stale} pages of docs/ are stale: run make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
