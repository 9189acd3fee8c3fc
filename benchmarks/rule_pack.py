"""An official rule pack: what it costs, and whether another validator of the same rules agrees.

Run: python -m benchmarks.rule_pack PACK [--validator FILE] [--documents 60] [--seed 1] DOCUMENT...

Each document is checked as it is, then so many of them with one thing broken. Without --validator only time and memory
are told.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests import agreement
from tests.mutated import mutations
from xds_adapter.schematron import Bounds, RulePack


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("files", nargs="+", type=Path, metavar="DOCUMENT")
    parser.add_argument("--validator", type=Path)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        names, files = _written(arguments.files, arguments.documents, arguments.seed, Path(folder))
        ours = _measured(arguments.pack, files)
        if arguments.validator is not None:
            _compare(names, ours, agreement.start(arguments.validator, files))


def _written(originals: list[Path], count: int, seed: int, folder: Path) -> tuple[list[str], list[Path]]:
    names, files = [path.name for path in originals], list(originals)
    for number, (name, content) in enumerate(mutations(originals, count, seed)):
        names.append(name)
        files.append(folder / f"{number}.xml")
        files[-1].write_bytes(content)
    return names, files


def _measured(folder: Path, files: list[Path]) -> list[Counter[agreement.Place]]:
    began = time.perf_counter()
    with RulePack(folder, bounds=Bounds(limit_s=120)) as pack:
        print(f"ready after {time.perf_counter() - began:.1f} s")
        found, seconds = [], []
        for path in files:
            began = time.perf_counter()
            found.append(agreement.ours(pack.check(path)))
            seconds.append(time.perf_counter() - began)
        peak = pack.worker_peak_bytes
    print(f"{len(files)} documents: median {statistics.median(seconds) * 1000:.0f} ms, longest {max(seconds):.2f} s")
    print(f"worker held at most {peak / (1 << 20):.0f} MiB")
    return found


def _compare(names: list[str], ours: list[Counter[agreement.Place]], process: agreement.Process) -> None:
    theirs = [agreement.theirs(report) for report in agreement.reports(process)]
    if len(theirs) != len(ours):
        print(f"the other validator stopped after {len(theirs)} documents")
    both: Counter[tuple[str, str]] = Counter()
    apart: Counter[tuple[str, str]] = Counter()
    for name, here, there in zip(names, ours, theirs, strict=False):
        for place, times in (here & there).items():
            both[place[:2]] += times
        differing = (here - there) + (there - here)
        for place, times in differing.items():
            apart[place[:2]] += times
            print(f"differs: {name}: {place} here {here[place]}, there {there[place]}")
    print(f"{'layer':8} {'severity':8} {'agree':>6} {'differ':>6}")
    for layer, severity in sorted(both | apart):
        print(f"{layer:8} {severity:8} {both[layer, severity]:6} {apart[layer, severity]:6}")


if __name__ == "__main__":
    main()
