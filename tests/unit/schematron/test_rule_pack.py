"""The pack as callers see it, with a real worker: what becomes of the worker is never more than an exception."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.rule_packs import document, write_pack
from xds_adapter.errors import CheckUnavailable, ConfigError
from xds_adapter.schematron import Bounds, RulePack
from xds_adapter.schematron import rule_pack as module
from xds_adapter.schematron.layout import PROFILES, XSD_FILE
from xds_adapter.schematron.process import WorkerGone

pytest.importorskip("saxonche", reason="needs the extra schematron")

EMPTY_TITLE = document("<title/>")
SLOW = document("<slow/>")
FOUND = ["header:titles/t1"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "pack")


@pytest.fixture
def pack(folder: Path) -> Iterator[RulePack]:
    with RulePack(folder, bounds=Bounds(limit_s=1.0, waiting=3)) as opened:
        yield opened


def rules(pack: RulePack, content: bytes = EMPTY_TITLE) -> list[str]:
    return [finding.rule for finding in pack.check(content)]


def pid(pack: RulePack) -> int:
    assert pack._worker is not None
    return pack._worker.pid


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def end(pack: RulePack) -> None:
    """End the worker from outside."""
    assert pack._worker is not None
    os.kill(pid(pack), signal.SIGKILL)
    pack._worker._process.wait()


def wait_until_it_checks(pack: RulePack) -> None:
    """A moment in which a slow document, sent before, is with the worker."""
    while not pack._turn.locked():
        time.sleep(0.005)
    time.sleep(0.1)


def test_bytes_a_file_and_pieces_are_the_same_document(pack: RulePack, tmp_path: Path) -> None:
    path = tmp_path / "document.xml"
    path.write_bytes(EMPTY_TITLE)
    assert pack.check(EMPTY_TITLE) == pack.check(path) == pack.check(iter([EMPTY_TITLE[:40], EMPTY_TITLE[40:]]))
    assert FOUND == rules(pack)


def test_a_document_of_thirty_megabytes_is_cut_before_it_is_sent(pack: RulePack) -> None:
    body = [b"<text>", *[b"QUJD" * 16 * 1024] * 480, b"</text><title/>"]
    parts = document("|").split(b"|")
    assert FOUND == [finding.rule for finding in pack.check([parts[0], *body, parts[1]])]


def test_what_is_too_large_to_be_sent_is_a_finding(pack: RulePack) -> None:
    (finding,) = pack.check(b"<b>.</b>" * 8192 for _ in range(400))
    assert "xml:malformed" == finding.rule
    assert "beside files in base64" in finding.message


def test_many_threads_are_served_one_after_the_other(folder: Path) -> None:
    with RulePack(folder, bounds=Bounds(waiting=64)) as pack, ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda number: rules(pack, document(f"<title/><a n='{number}'/>")), range(40))]
        assert [FOUND] * 40 == found


def test_the_worker_sees_no_setting_of_the_installation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDS_ADAPTER_REGISTRY_DATABASE", "postgresql://u:secret@h/n")
    with RulePack(folder) as pack:
        assert b"secret" not in Path(f"/proc/{pid(pack)}/environ").read_bytes()


def test_a_worker_that_ends_by_itself_is_replaced(pack: RulePack, caplog: pytest.LogCaptureFixture) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(pack.check, SLOW)
        wait_until_it_checks(pack)
        os.kill(pid(pack), signal.SIGKILL)
        with pytest.raises(CheckUnavailable, match="ended while it checked this document") as caught:
            slow.result()
    assert caught.value.again
    assert FOUND == rules(pack)
    assert ["the worker ended while it checked a document"] == [record.message for record in caplog.records]


def test_a_worker_that_ended_between_documents_is_replaced_unnoticed(pack: RulePack) -> None:
    end(pack)
    assert FOUND == rules(pack)


def test_a_document_that_takes_too_long_ends_its_worker_and_is_not_tried_for_ever(pack: RulePack) -> None:
    """Twice it gets its time; then it is known and refused at once, and others never notice."""
    former = pid(pack)
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(CheckUnavailable, match="did not come to an end on this document within 1 s") as caught:
            pack.check(SLOW)
        assert not caught.value.again
        assert time.monotonic() - began < 5
        assert FOUND == rules(pack)
    assert not is_alive(former)
    with pytest.raises(CheckUnavailable, match="do not come to an end on this document") as caught:
        pack.check(SLOW)
    assert not caught.value.again


def test_no_more_documents_wait_than_may(pack: RulePack) -> None:
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(pack.check, SLOW) for _ in range(3)]
        while pack._places._value > 0:
            time.sleep(0.005)
        began = time.monotonic()
        with pytest.raises(CheckUnavailable, match="3 documents wait to be checked already") as caught:
            rules(pack)
        assert time.monotonic() - began < 0.5
        assert caught.value.again
        assert all(isinstance(each.exception(), CheckUnavailable) for each in slow)


def test_a_document_does_not_wait_for_its_turn_for_ever(folder: Path) -> None:
    with RulePack(folder, bounds=Bounds(limit_s=0.3)) as pack, pack._turn:
        with pytest.raises(CheckUnavailable, match=r"the turn of this document did not come within 0\.3 s") as caught:
            rules(pack)
        assert caught.value.again


@pytest.mark.parametrize("bounds", [Bounds(documents=2), Bounds(peak_bytes=1)], ids=["documents", "memory"])
def test_a_worn_worker_is_replaced_between_documents(folder: Path, bounds: Bounds) -> None:
    with RulePack(folder, bounds=bounds) as pack:
        former = pid(pack)
        assert [FOUND] * 5 == [rules(pack) for _ in range(5)]
        assert former != pid(pack)
        assert not is_alive(former)


def test_leaving_ends_the_worker_and_what_it_was_doing(folder: Path) -> None:
    pack = RulePack(folder)
    pack.open()
    process = pid(pack)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(pack.check, SLOW)
        wait_until_it_checks(pack)
        pack.close()
        with pytest.raises(CheckUnavailable, match="the rule pack is closed"):
            slow.result(timeout=5)
    assert not is_alive(process)
    pack.close()
    with pytest.raises(CheckUnavailable, match="the rule pack is closed"):
        rules(pack)


def test_a_worker_whose_parent_has_gone_ends(pack: RulePack) -> None:
    assert pack._worker is not None
    process = pack._worker._process
    assert process.stdin is not None
    process.stdin.close()
    assert 0 == process.wait(10)


def test_each_layer_is_told_while_the_pack_is_compiled(folder: Path) -> None:
    layers: list[str] = []
    with RulePack(folder, on_progress=layers.append) as pack:
        assert ["xsd", "header", "body", "ans", "ihe", "terms"] == layers
        assert 3 == len(pack.notes)


def test_files_that_are_missing_are_all_named_at_once(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, {XSD_FILE: None, PROFILES["ihe"]: None})
    with pytest.raises(ConfigError) as caught:
        RulePack(folder)
    assert [f"{folder} is no complete rule pack: it lacks {name}" for name in (XSD_FILE, PROFILES["ihe"])] == str(
        caught.value
    ).splitlines()


def test_a_broken_pack_says_so_when_it_is_opened_and_leaves_no_process(tmp_path: Path) -> None:
    pack = RulePack(write_pack(tmp_path, {PROFILES["ihe"]: "<schema"}))
    with pytest.raises(ConfigError, match=r"IHE\.sch: the XML cannot be read"):
        pack.open()
    assert pack._worker is None


def test_a_pack_that_breaks_later_is_no_end_of_the_server(pack: RulePack, folder: Path) -> None:
    """The operator hears of it; whoever sends documents hears that they cannot be checked, and not too many try."""
    (folder / PROFILES["ihe"]).write_text("<schema")
    end(pack)
    for _ in range(3):
        with pytest.raises(CheckUnavailable) as caught:
            rules(pack)
        assert caught.value.again
    assert "does not start" in str(caught.value)


def test_a_worker_that_cannot_start_is_a_matter_of_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(ConfigError, match="does not start"):
        RulePack(folder).open()


def test_without_the_library_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)  # type: ignore[attr-defined] # of the module under test
    with pytest.raises(ConfigError) as caught:
        RulePack(folder)
    assert "needs the extra \"schematron\": pip install 'xds-adapter[schematron]'" == str(caught.value)


def test_only_so_many_failing_documents_are_remembered(pack: RulePack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 1)
    for number in range(2):
        with pytest.raises(CheckUnavailable):
            rules(pack, document(f"<slow n='{number}'/>"))
    assert 1 == len(pack._ends)


def test_closing_while_the_worker_is_asked_is_an_end_of_the_worker(folder: Path) -> None:
    """Whichever side of the pipe is closed first."""
    pack = RulePack(folder)
    pack.open()
    worker = pack._worker
    assert worker is not None
    worker.close()
    with pytest.raises(WorkerGone):
        worker.check(b"<a/>")
    pack.close()
