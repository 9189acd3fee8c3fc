"""Build the minimal case, the complete one and many generated ones of every kind; ask the official rules about each.

Run: python -m benchmarks.generated_cases VALIDATOR [--cases 200] [--seed 1] [KIND ...], where VALIDATOR is the official
checker's script; it is started once and kept warm, and reads one path a line. Warnings count as findings, and so do
those of the built-in rules.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.generated_cases import Case, cases
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.validate import validate
from xds_adapter.errors import CaseInvalid


class OfficialRules:
    """The official checker as one warm process.

    Args:
        validator: Its script.
    """

    def __init__(self, validator: Path) -> None:
        command = [sys.executable, str(validator), "--strict", "--serve"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.communicate()

    def findings(self, path: Path) -> list[str]:
        """Return what the rules say of a document, one text a finding."""
        if self._process.stdin is None or self._process.stdout is None:  # Both are pipes; this tells the type checker.
            return []
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        report: dict[str, Any] = json.loads(self._process.stdout.readline())
        return [f"{found['layer']}: {found['message']} at {found['location']}" for found in report["findings"]]


def drawn(kind: str, count: int, start: int = 1) -> list[Case]:
    """Draw cases of a kind; the same seed draws the same ones."""
    taken: list[Case] = []

    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(kind))
    def take(case: Case) -> None:
        taken.append(case)

    take()
    return taken[:count]


def named_cases(kind: str, count: int, start: int = 1) -> Iterator[tuple[str, Case]]:
    """Yield the shipped cases and drawn ones, each with a name."""
    yield "minimal", example(kind, minimal=True)
    yield "complete", example(kind)
    yield from ((str(number), case) for number, case in enumerate(drawn(kind, count, start)))


def faults(kind: str, case: Case, path: Path, official: Callable[[Path], list[str]]) -> Iterator[tuple[str, str]]:
    """Build one case and yield who objects, and how."""
    try:
        document = build(kind, case)
    except CaseInvalid as error:
        yield from (("refused", finding) for finding in error.findings)
        return
    path.write_bytes(document)
    yield from (("built-in", str(finding)) for finding in validate(document))
    yield from (("official", finding) for finding in official(path))


def main() -> int:
    """Print one row a kind, and the first objections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("validator", type=Path)
    parser.add_argument("kinds", nargs="*", default=[kind.name for kind in KINDS])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(f"{'kind':22} {'cases':>6} {'passed':>7} {'refused':>8} {'built-in':>9} {'official':>9}")
    failed = False
    with tempfile.TemporaryDirectory() as folder, OfficialRules(arguments.validator) as rules:
        for kind in arguments.kinds:
            counted: Counter[str] = Counter()
            said: list[str] = []
            for name, case in named_cases(kind, arguments.cases, arguments.seed):
                found = list(faults(kind, case, Path(folder) / f"{kind}-{name}.xml", rules.findings))
                counted.update({who for who, _ in found} or {"passed"})
                counted["cases"] += 1
                said += [f"    case {name}, {who}: {words}" for who, words in found]
            row = [counted[column] for column in ("cases", "passed", "refused", "built-in", "official")]
            print(f"{kind:22} {row[0]:6} {row[1]:7} {row[2]:8} {row[3]:9} {row[4]:9}", flush=True)
            print("\n".join(said[:10]), end="\n" if said else "", flush=True)
            failed |= bool(said)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
