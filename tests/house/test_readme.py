"""Every command of the README runs and prints what the README shows."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xds_adapter.server.run import listen

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
VARYING = re.compile(r"\b\d+ ms\b|\b\d+\.\d s\b|127\.0\.0\.1:\d+")


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the console blocks with the output shown below it."""
    for block in BLOCK.findall(text):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def same(text: str) -> str:
    """A text without what differs from run to run: times and ports."""
    return VARYING.sub("*", text).rstrip()


@pytest.fixture
def shell(tmp_path: Path) -> tuple[Path, dict[str, str], str]:
    """A folder, an environment that finds the command, and a free port."""
    with listen("127.0.0.1", 0) as socket:
        port = str(socket.getsockname()[1])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return tmp_path, {**os.environ, "PATH": path}, port


def test_every_command_prints_what_is_shown(shell: tuple[Path, dict[str, str], str]) -> None:
    folder, environment, port = shell
    text = README.read_text(encoding="utf-8").replace("8080", port)
    servers: list[subprocess.Popen[str]] = []
    try:
        for command, expected in steps(text):
            if command.endswith("&"):
                server = subprocess.Popen(
                    ["/bin/sh", "-c", f"exec {command.removesuffix('&')}"],
                    cwd=folder,
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
                servers.append(server)
                assert server.stdout is not None
                assert expected == server.stdout.readline()
                continue
            done = subprocess.run(
                command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            assert (command, same(expected)) == (command, same(done.stdout + done.stderr))
            assert done.returncode == (1 if "refused by" in expected else 0)
        (script,) = PYTHON.findall(text)
        run = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
        size = (folder / "report.xml").stat().st_size
        assert (f"{size}\n", "") == (run.stdout, run.stderr)
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
            assert server.wait(15) == 0
            if server.stdout is not None:
                server.stdout.close()
