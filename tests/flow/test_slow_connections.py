"""A hundred slow connections are cut, and nobody else notices; `benchmarks.slow_connections` takes a thousand."""

from __future__ import annotations

import resource
from pathlib import Path

from benchmarks.messages import PATIENT
from benchmarks.serving import add_patient, serving
from benchmarks.slow_connections import measure

MIB = 1 << 20


def test_slow_connections_are_cut_and_queries_are_answered_meanwhile(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text("[server]\nhead_limit_s = 1.5\nbody_grace_s = 1.5\n")
    data = tmp_path / "data"
    add_patient(data, PATIENT)
    with serving(data, "--config", str(config)) as server:
        files = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        got = measure(server, 100, limit_s=6, pause_s=0.25)
    assert (100, 100, 0) == (len(got.cut_s), got.answered, got.failed)
    assert 1 < min(got.cut_s) <= max(got.cut_s) < 4
    assert 20 < got.queries
    assert got.p95_ms < 100, f"before {got.quiet_p95_ms} ms"
    assert got.grown_bytes < 10 * MIB
    # A file for each of server.max_connections, and those of the server itself.
    assert min(4096 + 512, files[1]) <= files[0]
