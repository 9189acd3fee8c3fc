"""How long `serve` takes to be ready, and how much memory it holds when idle.

Run: python -m benchmarks.startup [--rounds 5]
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.serving import start, stop

READY_S = 2.0
RESIDENT_MB = 120.0


def _resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    ready: list[float] = []
    resident: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            started = time.perf_counter()
            server = start(Path(folder) / "data")
            ready.append(time.perf_counter() - started)
            time.sleep(0.5)
            resident.append(_resident_mb(server.process.pid))
            stop(server)
    # The first start makes the data folder and is part of the figure.
    print(f"ready after {statistics.median(ready):.2f} s (at most {max(ready):.2f} s; aim {READY_S:.0f} s)")
    print(f"idle memory {max(resident):.0f} MB (aim {RESIDENT_MB:.0f} MB)")


if __name__ == "__main__":
    main()
