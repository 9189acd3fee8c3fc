"""The disk fills up: submissions are refused with words, nothing acknowledged is lost, room brings the service back.

The data folder is a small file system of its own, which only root can mount.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.serving import Server, add_patient, serving
from tests.factories import PATIENT
from tests.flow.running import HttpAnswer, Site, post, running
from tests.flow.submissions import mtom, numbered, plain, unique_id
from xds_adapter.config import RepositorySettings, Settings
from xds_adapter.model import DocumentRequest
from xds_adapter.soap import SpoolFolder
from xds_adapter.transactions import iti43
from xds_adapter.vocabulary.transactions import ITI_43

MIB = 1 << 20
SMALL, LARGE = 100_000, 2_000_000
"""Sizes of documents: one lies in the database, one in a file."""
REPOSITORY = "1.2.250.1.999.77"
NO_RESERVE = "free_disk_bytes = 1"
SETTINGS = Settings(repository=RepositorySettings(unique_id=REPOSITORY))
NO_SPACE = "a document file cannot be used: No space left on device"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """64 MiB, of which a file that can be removed takes a part."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root, with the right to mount, can make a small disk")
    try:
        (folder / "ballast").write_bytes(bytes(42 * MIB))
        add_patient(folder / "data", PATIENT.text)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def options(disk: Path, server: str) -> tuple[str, str]:
    config = disk.parent / "site.toml"
    config.write_text(f'[repository]\nunique_id = "{REPOSITORY}"\n[server]\n{server}\n')
    return "--config", str(config)


def content(number: int, size: int) -> bytes:
    seed = hashlib.sha256(str(number).encode()).digest()
    return (seed * (size // 32 + 1))[:size]


class Source:
    """Submits documents, and keeps in mind which were acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: dict[int, int] = {}
        self.number = 0

    def submit(self, server: Server | Site, size: int) -> HttpAnswer:
        """Submit a new document; whatever is not Success must say Busy, and that nothing was stored."""
        self.number += 1
        answer = post(server.repository, *mtom(numbered(self.number, content(self.number, size))))
        if answer.status_word == "Success":
            self.acknowledged[self.number] = size
        else:
            assert (200, ["XDSRepositoryBusy"]) == (answer.status, answer.codes)
            assert answer.errors[0][2].endswith("; nothing was stored, try again later")
        return answer

    def fill(self, server: Server | Site, size: int) -> str:
        """Submit until three in a row are refused; returns the words that the last got."""
        refused: list[str] = []
        while len(refused) < 3:
            answer = self.submit(server, size)
            refused = [*refused, answer.errors[0][2].partition(";")[0]] if answer.errors else []
            assert self.number < 2000, "the disk does not fill"
        return refused[-1]

    def lost(self, server: Server | Site) -> list[int]:
        """Acknowledged documents that do not come back as they were."""
        return [number for number in self.acknowledged if not self._comes_back(server, number)]

    def _comes_back(self, server: Server | Site, number: int) -> bool:
        wanted = DocumentRequest(repository_unique_id=REPOSITORY, document_unique_id=unique_id(number))
        answer = post(server.repository, *plain(iti43.encode_request([wanted]), ITI_43))
        return content(number, self.acknowledged[number]) in answer.content


def leftovers(data: Path, source: Source) -> list[str]:
    """Files that hold nothing which was acknowledged."""
    known = (content(number, size) for number, size in source.acknowledged.items() if size == LARGE)
    wanted = {hashlib.sha256(octets).hexdigest() for octets in known}
    files = (path for name in ("spool", "staging", "content") for path in (data / name).rglob("*") if path.is_file())
    return [str(path) for path in files if path.name not in wanted]


def test_a_full_disk_refuses_and_loses_nothing_and_room_brings_the_service_back(disk: Path) -> None:
    source, data = Source(), disk / "data"
    with serving(data, *options(disk, NO_RESERVE)) as server:
        assert "Success" == source.submit(server, LARGE).status_word
        words = {source.fill(server, SMALL), source.fill(server, LARGE), source.fill(server, SMALL)}
        assert words <= {
            "the database cannot serve (the disk is full)",
            "the document store cannot serve (No space left on device)",
            NO_SPACE,
            "the disk is nearly full (server.free_disk_bytes)",
        }
        assert [] == source.lost(server)
        (disk / "ballast").unlink()
        before = len(source.acknowledged)
        for size in (SMALL, LARGE, SMALL):
            assert "Success" == source.submit(server, size).status_word
        assert (before + 3, []) == (len(source.acknowledged), source.lost(server))
    assert [] == leftovers(data, source)
    with running(data, SETTINGS) as again:
        assert [] == source.lost(again)


def test_a_reserve_is_kept_for_what_makes_room(disk: Path) -> None:
    source = Source()
    with running(disk / "data", SETTINGS) as server:
        assert "the disk is nearly full (server.free_disk_bytes)" == source.fill(server, LARGE)
        assert shutil.disk_usage(disk).free > 64 * MIB // 20 - 16 * 16 * 1024
        assert [] == source.lost(server)
        (disk / "ballast").unlink()
        assert "Success" == source.submit(server, LARGE).status_word


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_where_no_reserve_is_asked_for_the_disk_itself_says_it_is_full(
    disk: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Another program may take the room between the question and the write."""
    monkeypatch.setattr(SpoolFolder, "check", lambda _folder, _octets: None)
    source = Source()
    with running(disk / "data", SETTINGS) as site:
        words = source.fill(site, size)
        assert words in ("the database cannot serve (the disk is full)", NO_SPACE)
        assert [] == source.lost(site)
        assert [] == leftovers(disk / "data", source)
        (disk / "ballast").unlink()
        assert "Success" == source.submit(site, size).status_word
        assert [] == source.lost(site)


def test_a_log_that_cannot_grow_refuses_until_it_can_be_emptied(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of an old state keeps SQLite from using its write-ahead log again, until the disk is full."""
    monkeypatch.setattr(SpoolFolder, "check", lambda _folder, _octets: None)
    source, data = Source(), disk / "data"
    with running(data, SETTINGS) as site:
        with closing(sqlite3.connect(data / "xds.sqlite3", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM document").fetchone()
            assert "the database cannot serve (the disk is full)" == source.fill(site, SMALL)
            assert (data / "xds.sqlite3-wal").stat().st_size > 8 * MIB
            assert [] == source.lost(site)
        (disk / "ballast").unlink()
        assert "Success" == source.submit(site, SMALL).status_word
        assert [] == source.lost(site)
    with running(data, SETTINGS) as again:
        assert [] == source.lost(again)
