"""`fsck`: does the store hold what the registry says?"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from xds_adapter.cli.common import ConfigOption, JsonOption, json_line, one_command, settings_of
from xds_adapter.cli.data_folder import DataOption, existing_data, steps
from xds_adapter.cli.main import REFUSED
from xds_adapter.storage import Database
from xds_adapter.storage.check import CheckCounts, Problem, StoreCheck


def command(
    data: DataOption = None,
    scrub: Annotated[bool, typer.Option("--scrub", help="Read every byte and compare SHA-256 and SHA-1.")] = False,
    collect: Annotated[bool, typer.Option("--collect", help="Remove orphans and temporary files.")] = False,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Compare registry and store, also while the server runs: orphans, missing and damaged documents, leftovers.

    Exit code 0: nothing is left to do; 1: there are problems. A folder made by backup can be checked like any other.
    """
    settings = settings_of(config)
    folder = existing_data(data, settings)
    database = Database(folder, url=settings.registry.database.server)
    try:
        check = StoreCheck(
            database,
            folder,
            repository_unique_id=settings.repository.unique_id,
            inbox=settings.recipient.inbox,
            scrub=scrub,
            collect=collect,
        )
        if report(check, json_output=json_output):
            raise typer.Exit(REFUSED)
    finally:
        database.close()


def report(check: StoreCheck, *, json_output: bool) -> int:
    """Print every problem and a summary; returns the number of problems that remain."""
    kinds: Counter[str] = Counter()
    remaining = 0
    with steps("checking") as step:
        for problem in check.problems(step):
            kinds[problem.kind] += 1
            remaining += not problem.collected
            print(json_line(_as_json(problem)) if json_output else _line(problem), flush=True)
    if json_output:
        summary = {"summary": asdict(check.counts) | {"problems": dict(kinds), "remaining": remaining}}
        print(json_line(summary))
    else:
        print(_summary(check.counts, kinds, remaining))
    return remaining


def _as_json(problem: Problem) -> dict[str, object]:
    return asdict(problem) | {"remedy": problem.remedy}


def _line(problem: Problem) -> str:
    return f"{problem.kind:9} {problem.name}  {problem.what}; {problem.remedy}"


def _summary(counts: CheckCounts, kinds: Counter[str], remaining: int) -> str:
    facts = [
        _number(counts.documents, "document"),
        f"{_number(counts.contents, 'content')} ({_number(counts.files, 'file')})",
        f"{counts.octets / 1e6:,.1f} MB",
        _number(counts.entries, "entry", "entries"),
    ]
    if counts.scrubbed_octets:
        facts.append(f"{counts.scrubbed_octets / 1e6:,.1f} MB read and hashed")
    if counts.without_entry:
        facts.append(f"{_number(counts.without_entry, 'document')} without entry in this registry")
    if counts.in_progress:
        facts.append(f"{_number(counts.in_progress, 'file')} of the last hour left for submissions on their way")
    found = ", ".join(f"{number} {kind}" for kind, number in kinds.items()) or "no problem"
    if kinds:
        found += f"; {remaining} left to deal with" if remaining else "; all removed"
    return f"{', '.join(facts)}: {found}"


def _number(number: int, noun: str, several: str = "") -> str:
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


app = one_command(command)
