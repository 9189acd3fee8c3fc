"""SIGHUP: the server reads its codes anew, and keeps the former ones when the file is broken."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.serving import Server, post, start, stop
from tests.factories import PATIENT
from tests.flow.submissions import mtom, numbered
from xds_adapter.cli.main import run
from xds_adapter.datatypes import Coded

SUCCESS = b"ResponseStatusType:Success"
CODES = """<Codes><CodeType name="typeCode" classScheme="urn:uuid:f0306f51-975f-434e-a61c-c59651d33983">
  <Code code="{}" display="Imaging report" codingScheme="1.2.3"/>
</CodeType></Codes>"""


class Reloading:
    """A server with a code file, and the log that it writes."""

    def __init__(self, folder: Path) -> None:
        self.codes = folder / "codes.xml"
        self.codes.write_text(CODES.format("first"), encoding="utf-8")
        config = folder / "config.toml"
        config.write_text(f'[registry]\ncodes = "{self.codes}"\n', encoding="utf-8")
        self._log = folder / "data.log"
        self._submitted = 0
        self.server: Server = start(folder / "data", "--config", str(config))
        assert 0 == run(["patient", "add", PATIENT.text, "--data", str(folder / "data")])

    def reload(self, text: str, words: str) -> None:
        """Write another file, tell the server, and wait until its log says `words` once more."""
        before = self._log.read_text().count(words)
        self.codes.write_text(text, encoding="utf-8")
        self.server.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 10
        while self._log.read_text().count(words) == before:
            assert time.monotonic() < until
            time.sleep(0.01)

    def admits(self, code: str) -> bool:
        self._submitted += 1
        submission = numbered(self._submitted, b"<a/>", type_code=Coded(code, "1.2.3", "x"))
        status, answer = post(self.server.repository, *mtom(submission))
        assert 200 == status
        return SUCCESS in answer


@pytest.fixture
def reloading(tmp_path: Path) -> Iterator[Reloading]:
    reloading = Reloading(tmp_path)
    yield reloading
    assert 0 == stop(reloading.server)


def test_codes_are_read_anew_while_the_server_runs(reloading: Reloading) -> None:
    assert (True, False) == (reloading.admits("first"), reloading.admits("second"))
    reloading.reload(CODES.format("second"), "the codes were read anew")
    assert (False, True) == (reloading.admits("first"), reloading.admits("second"))


def test_a_broken_file_is_named_in_the_log_and_the_former_codes_stay(reloading: Reloading) -> None:
    reloading.reload("<Codes>", "the former codes stay in force: the code file")
    assert (True, False) == (reloading.admits("first"), reloading.admits("second"))
    reloading.reload(CODES.format("second"), "the codes were read anew")
    assert reloading.admits("second")


def test_without_a_code_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    server = start(tmp_path / "data")
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert 0 == stop(server)
    assert "registry.codes is not set" in (tmp_path / "data.log").read_text()
