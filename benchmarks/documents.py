"""How fast documents are made, checked and described, and how soon the commands for it are there.

Run: python -m benchmarks.documents [--documents 200] [--rounds 7]

Times are those of the processor (per core), so that other work on the machine does not count. Each figure stands
beside that of the rendering alone: a template and a complete case to text, in the same environment and the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from xds_adapter.cda.build import build, example, rendering
from xds_adapter.cda.case import check, complete
from xds_adapter.cda.description import describe
from xds_adapter.cda.document import read_document
from xds_adapter.cda.metadata import document_entry
from xds_adapter.cda.validate import validate

KIND = "imaging-report"
DOCUMENTS_PER_SECOND = 300
TIMES_RENDERING = 6.0
START_S = 0.5
_BATCHES = 5


def seconds(work: Callable[[], object], count: int) -> float:
    """Processor time of one call: the median over some batches of calls."""
    work()
    batches = []
    for _ in range(_BATCHES):
        begun = time.process_time()
        for _ in range(count):
            work()
        batches.append((time.process_time() - begun) / count)
    return statistics.median(batches)


def made_checked_and_described() -> tuple[int, int]:
    """Make one report from its case, check it and derive its metadata; return its octets and findings."""
    document = build(KIND, example_case())
    read = read_document(document)
    findings = validate(read)
    sha1 = hashlib.sha1(document, usedforsecurity=False).hexdigest()
    document_entry(describe(read), sha1=sha1, size=len(document))
    return len(document), len(findings)


_CASE = example(KIND)


def example_case() -> dict[str, object]:
    """The case of the report; nobody changes it."""
    return _CASE


def measured(count: int) -> dict[str, float]:
    """Seconds of each step, by its name."""
    document = build(KIND, _CASE)
    full = complete(KIND, _CASE)
    read = read_document(document)
    description = describe(read)
    return {
        "rendering alone": seconds(lambda: rendering(KIND, full), count),
        "case checked": seconds(lambda: check(KIND, _CASE), count),
        "case completed": seconds(lambda: complete(KIND, _CASE), count),
        "build (all of these)": seconds(lambda: build(KIND, _CASE), count),
        "document read": seconds(lambda: read_document(document), count),
        "validated": seconds(lambda: validate(read), count),
        "header read": seconds(lambda: describe(read), count),
        "metadata derived": seconds(lambda: document_entry(description), count),
        "built, validated, described": seconds(made_checked_and_described, count),
    }


def start_up(arguments: list[str], rounds: int) -> float:
    """Median seconds of a cold process, on the clock."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        subprocess.run(
            [str(Path(sys.executable).with_name("xds-adapter")), *arguments], check=True, capture_output=True
        )
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    octets, findings = made_checked_and_described()
    print(f"a report of {octets / 1000:.0f} kB, {findings} findings; processor time of one document")
    steps = measured(options.documents)
    rendering_alone = steps["rendering alone"]
    for name, value in steps.items():
        print(f"  {name:28} {value * 1000:6.2f} ms   {value / rendering_alone:4.1f} x rendering")
    whole = steps["built, validated, described"]
    print(f"{1 / whole:.0f} documents per second and core (aim {DOCUMENTS_PER_SECOND})")
    print(f"{whole / rendering_alone:.1f} times the rendering alone (aim at most {TIMES_RENDERING:.0f})")
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "report.xml"
        case = Path(folder) / "case.json"
        case.write_text(json.dumps(_CASE))
        for arguments in (["build", KIND, str(case), "-o", str(document)], ["validate", str(document)]):
            print(f"{arguments[0]} done {start_up(arguments, options.rounds):.2f} s after its start (aim {START_S} s)")


if __name__ == "__main__":
    main()
