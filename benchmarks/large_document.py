"""A 200 MB document through ITI-41 and ITI-43: how much memory client and server need for it.

Prints the growth of the resident set on both sides beside the size of the document, and compares the bytes.

Run: python -m benchmarks.large_document [--megabytes 200]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.messages import PATIENT, submission
from xds_adapter.client import DocumentConsumer, DocumentSource
from xds_adapter.model import DocumentRequest, SubmittedDocument
from xds_adapter.soap import FileContent

MIB = 1 << 20


def _peak(pid: int | str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def _reset_peak(pid: int | str) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _document(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MIB))


def _exchange(url: str, path: Path, number: int) -> tuple[float, float]:
    """Submit and retrieve a file; returns the seconds of each."""
    made = submission(f"1.2.250.1.999.8.{number}", f"1.2.250.1.999.9.{number}", b"")
    content = FileContent(path)
    document = SubmittedDocument(document_id="Document01", content=content)
    whole = type(made)(
        submission_set=made.submission_set,
        document_entries=made.document_entries,
        associations=made.associations,
        documents=(document,),
    )
    with (
        DocumentSource(f"{url}/xds/repository") as source,
        DocumentConsumer(f"{url}/xds/registry", f"{url}/xds/repository") as consumer,
    ):
        started = time.perf_counter()
        source.submit(whole)
        submitted = time.perf_counter()
        (entry,) = consumer.get_documents([f"1.2.250.1.999.8.{number}"])
        request = DocumentRequest(
            repository_unique_id=entry.repository_unique_id or "", document_unique_id=entry.unique_id or ""
        )
        with consumer.retrieve_by_id([request]) as documents:
            digest = hashlib.sha256()
            for chunk in documents[0].content.chunks():
                digest.update(chunk)
        retrieved = time.perf_counter()
    if digest.hexdigest() != content.content_id:
        raise SystemExit("the bytes differ")
    return submitted - started, retrieved - submitted


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=200)
    options = parser.parse_args()
    program = Path(sys.executable).with_name("xds-adapter")
    with tempfile.TemporaryDirectory() as folder:
        data, small, large = Path(folder) / "data", Path(folder) / "small", Path(folder) / "large"
        _document(small, 1)
        _document(large, options.megabytes)
        subprocess.run([program, "patient", "add", PATIENT, "--data", data], check=True, stdout=subprocess.DEVNULL)
        command = [str(program), "serve", "--data", str(data), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout is not None
            url = server.stdout.readline().split()[1]
            _exchange(url, small, 1)
            _reset_peak("self")
            _reset_peak(server.pid)
            before = _peak("self"), _peak(server.pid)
            seconds = _exchange(url, large, 2)
            after = _peak("self"), _peak(server.pid)
            server.terminate()
    for side, first, last in zip(("client", "server"), before, after, strict=True):
        print(f"{side}  {first / MIB:6.1f} MiB before, peak {last / MIB:6.1f} MiB: +{(last - first) / MIB:.1f} MiB")
    for name, taken in zip(("ITI-41", "ITI-43"), seconds, strict=True):
        print(
            f"{name}  {options.megabytes} MiB in {taken:.2f} s: {options.megabytes / taken:.0f} MiB/s, byte-identical"
        )


if __name__ == "__main__":
    main()
