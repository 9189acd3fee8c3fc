"""Temporary files share a bound, and leave the disk its reserve."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from xds_adapter.errors import StorageUnavailable
from xds_adapter.soap import SpooledContent, SpoolFolder
from xds_adapter.soap.spool import Spool
from xds_adapter.soap.spool_folder import GRAIN


def test_files_take_room_and_give_it_back(tmp_path: Path) -> None:
    folder = SpoolFolder(tmp_path, max_bytes=3 * GRAIN, reserve=1)
    with Spool(folder, memory_bytes=10) as small, SpooledContent(folder, memory_bytes=10) as large:
        small.write(b"x" * 10)
        assert (0, None) == (folder.taken, small.path)
        large.write(b"x" * GRAIN)
        assert GRAIN == folder.taken
        large.write(b"x")
        small.write(b"x")
        assert 3 * GRAIN == folder.taken
        large.write(b"x" * (GRAIN - 1))
        with pytest.raises(StorageUnavailable, match="max_spool_bytes"):
            large.write(b"x")
    assert (0, []) == (folder.taken, list(tmp_path.iterdir()))


def test_a_reserve_of_the_disk_is_left_and_the_log_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    free = shutil.disk_usage(tmp_path).free
    full = SpoolFolder(tmp_path, reserve=2 * free)
    for _ in range(2):
        with pytest.raises(StorageUnavailable, match="free_disk_bytes"):
            full.check(0)
    assert 1 == len(caplog.records)
    SpoolFolder(tmp_path, reserve=1).check(1)


def test_the_reserve_is_a_twentieth_of_a_disk_unless_it_is_told(tmp_path: Path) -> None:
    usage = shutil.disk_usage(tmp_path)
    reserve = min(usage.total // 20, 1 << 30)
    with pytest.raises(StorageUnavailable):
        SpoolFolder(tmp_path).check(usage.free - reserve // 2)
    SpoolFolder(tmp_path).check(max(0, (usage.free - reserve) // 2))


def test_room_that_comes_back_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    folder = SpoolFolder(tmp_path, max_bytes=5, reserve=1)
    with pytest.raises(StorageUnavailable):
        folder.check(6)
    folder.check(5)
    assert ["ERROR", "INFO"] == [record.levelname for record in caplog.records]


def test_a_folder_that_is_gone_is_a_failure_of_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be used"):
        SpoolFolder(tmp_path / "none").check(1)
