"""Write `docs/conformance.md` from results of the NIST XDS Toolkit test plans, or say why it cannot be written.

Run: python docs/conformance.py --plans TESTKIT/tests SQLite=r.json PostgreSQL=p.json [-o FILE]

Each result is what the runner wrote with `--json`. The page is refused when a test was skipped or not run, when one
failed that is not in `EXCEPTIONS`, and when one of `EXCEPTIONS` passed everywhere.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
PASS, FAIL = "PASS", "FAIL"

EXCEPTIONS: dict[str, tuple[str, str]] = {
    "20004": (
        "ITI TF-3 4.2.3.3.12 and Table 4.2.3.1.7-2 (SubmissionSet.uniqueId is an OID)",
        "the test submits a SubmissionSet whose uniqueId is the text `SubmissionSet01_uniqueid` and expects Success; "
        "it is refused by META-021",
    ),
    "PnrXop": (
        "ITI TF-3 4.2.3.1.2 (a registry accepts the codes of its affinity domain only)",
        "the test submits codes of the DEMO-Ext lists, which the affinity domain of these test plans does not have, "
        "and expects Success; they are refused by META-023",
    ),
}
"""Test id to the clause that speaks against the test, and what the two say."""

_HEAD = """# Conformance

Results of the NIST XDS Toolkit test plans, written by `docs/conformance.py` from what the runner reports. Nothing is
skipped and no complaint is waived (no `--lenient`); every run begins with an empty registry.
"""
_REPEAT = """## To repeat it

`NIST` is the folder of the runner and its test plans. `site.toml`; for PostgreSQL with a `database` of its own beside
it:

```toml
[registry]
codes = "nist-codes.xml"  # of the test plans
async_reply_hosts = ["127.0.0.1"]
```

```sh
xds-adapter serve --config site.toml --data fresh-folder &
B=http://127.0.0.1:8080
python $NIST/run_nist.py \\
  --registry $B/xds/registry --repository $B/xds/repository --recipient $B/xds/recipient \\
  --pif-v3 $B/pix/manager --async-listen 127.0.0.1:9099 --json r.json
python docs/conformance.py --plans $NIST/testkit/tests SQLite=r.json PostgreSQL=p.json
```
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One result: on which database, and what came of each test."""

    name: str
    tests: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, argument: str) -> Run:
        """Read NAME=FILE.

        Raises:
            ValueError: It is no result of the runner.
        """
        name, _, path = argument.partition("=")
        try:
            tests = json.loads(Path(path).read_text(encoding="utf-8"))["tests"]
            return cls(name, {test["id"]: test for test in tests})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{argument} is no NAME=FILE with a result of the runner ({error})") from error

    def status(self, test_id: str) -> str:
        """PASS, FAIL or SKIP."""
        return str(self.tests[test_id]["status"])

    def totals(self) -> tuple[int, int, int, str, str]:
        """Tests passed, failed and skipped, without those that only prepare others; steps and assertions."""
        tests = Counter(str(test["status"]) for test in self.tests.values() if not test["setup"])
        steps = [step for test in self.tests.values() for step in test["steps"]]
        passed = sum(step["status"] == PASS for step in steps)
        return tests[PASS], tests[FAIL], tests["SKIP"], f"{passed} of {len(steps)}", str(len(self.tests))


def objections(runs: Sequence[Run], exceptions: Mapping[str, tuple[str, str]], plans: Path) -> Iterator[str]:
    """Say all that speaks against writing the page.

    Args:
        runs: The results.
        exceptions: Tests that need not pass.
        plans: Folder of the test plans; what lies there must have been run. One that is missing is not looked at.
    """
    wanted = {path.parent.name for path in plans.glob("*/index.idx")} | {test for run in runs for test in run.tests}
    for run in runs:
        for test_id in sorted(wanted - set(run.tests)):
            yield f"{run.name}: {test_id} was not run"
        for test_id in sorted(run.tests):
            if run.status(test_id) != PASS and not (run.status(test_id) == FAIL and test_id in exceptions):
                yield f"{run.name}: {test_id} is {run.status(test_id)} and no exception: {_reason(run, test_id)}"
    for test_id in sorted(exceptions):
        if all(run.tests.get(test_id, {}).get("status", PASS) == PASS for run in runs):
            yield f"{test_id} is an exception and passes"


def _reason(run: Run, test_id: str) -> str:
    test = run.tests[test_id]
    found = [error for step in test["steps"] for error in step.get("errors", ())]
    return str(test.get("reason") or next(iter(found), "no reason given"))[:200]


def page(runs: Sequence[Run], exceptions: Mapping[str, tuple[str, str]]) -> str:
    """The page, for results that nothing speaks against."""
    heads = ("Database", "Tests passed", "Failed", "Skipped", "Steps passed", "Tests with those that prepare others")
    parts = [_HEAD, _table(heads, [(run.name, *run.totals()) for run in runs])]
    if exceptions:
        rows = [(test_id, clause, words) for test_id, (clause, words) in sorted(exceptions.items())]
        parts += ["## Exceptions\n", _table(("Test", "Clause that speaks against it", "What the two say"), rows)]
    outcomes = [
        (test_id, test["title"], "prepares others" if test["setup"] else "", *(run.status(test_id) for run in runs))
        for test_id, test in sorted(runs[0].tests.items())
    ]
    parts += ["## Tests\n", _table(("Test", "Title", "", *(run.name for run in runs)), outcomes), _REPEAT]
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or print what speaks against it."""
    parser = argparse.ArgumentParser(description="Write docs/conformance.md from results of the runner.")
    parser.add_argument("results", nargs="+", metavar="NAME=FILE", help="a result, e.g. SQLite=r.json")
    parser.add_argument("--plans", type=Path, required=True, help="folder of the test plans")
    parser.add_argument("-o", "--output", type=Path, default=CHECKOUT / "docs" / "conformance.md")
    given = parser.parse_args(arguments)
    try:
        runs = [Run.read(argument) for argument in given.results]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    against = list(objections(runs, EXCEPTIONS, given.plans))
    for line in against:
        print(line, file=sys.stderr)
    if against:
        print("the page is not written", file=sys.stderr)
        return 1
    given.output.write_text(page(runs, EXCEPTIONS), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
