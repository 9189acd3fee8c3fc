"""A PostgreSQL server of our own: found, made in a temporary folder, started, stopped, killed."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

_OWNERS = ("postgres", "nobody")
_OPTIONS = (
    "listen_addresses=''",
    # What these tests kill is the server, never the machine: the operating system keeps what was written.
    "fsync=off",
    "max_connections=80",
    "logging_collector=off",
)


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server that is installed, or None."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if packaged:
        return packaged[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found is not None else None


def needed_binaries() -> Path:
    """The binaries; without them the test is skipped, or fails where CI=true."""
    found = binaries()
    if found is None:
        reason = "needs a PostgreSQL server (Debian: apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Cluster:
    """A server on a socket in its own folder; `close` removes everything."""

    def __init__(self) -> None:
        self._binaries = needed_binaries()
        # The server refuses to run as root, and then another user must reach the folder: not pytest's own.
        self._owner: dict[str, Any] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="xds-pg-"))
        if os.geteuid() == 0:
            owner = _owner()
            self._owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._numbers = itertools.count(1)
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "xds", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync")
        with (data / "postgresql.auto.conf").open("a") as file:
            file.write("\n".join([*_OPTIONS, f"unix_socket_directories='{self.folder}'", ""]))
        self.start()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        # The server inherits its output: a pipe would never end.
        with (self.folder / "log").open("a") as log:
            done = subprocess.run(command, cwd="/", stdout=log, stderr=log, timeout=60, check=False, **self._owner)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {(self.folder / 'log').read_text()[-2000:]}")

    def start(self) -> None:
        """Start the server, after a crash too."""
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-t", "50", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; ``immediate`` is as good as a crash."""
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-t", "50", "-m", mode, "stop")

    def freeze(self) -> None:
        """Let every process of the server stand still: it takes connections and says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for process in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://xds@/{database}?host={self.folder}"

    def new_database(self, *, encoding: str = "UTF8") -> str:
        """Make an empty database and return its URL."""
        name = f"xds{next(self._numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'".encode())
        return self.url(name)

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """Connect past the package."""
        return psycopg.connect(host=str(self.folder), user="xds", dbname=database, autocommit=True)

    def close(self) -> None:
        """Stop the server and remove its folder."""
        with suppress(RuntimeError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def _owner() -> pwd.struct_passwd:
    for name in _OWNERS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("there is no user to run PostgreSQL as")
