"""Any bytes through ITI-41 and ITI-43, once as MTOM and once as base64 in plain SOAP: do they come back?

Half of the documents are random bytes of any size up to the largest, evenly spread over the orders of magnitude; the
others carry at their ends, or are made of, what careless MIME and XML code damages.

Run: python -m benchmarks.round_trip [--documents 2000] [--max-bytes 2000000]
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.messages import PATIENT, inline, mtom, submission
from benchmarks.serving import add_patient, post, serving
from xds_adapter.client import DocumentConsumer
from xds_adapter.errors import XdsAdapterError

EDGES = (
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b"\x1a", b"\xef\xbb\xbf", b"\r\n\r\n",
    b"--", b"\r\n--", b"\r\n--MIMEBoundary_", b"--MIMEBoundary_0--\r\n", b"]]>", b"=3D=\r\n", b"<?xml version='1.0'?>",
)  # fmt: skip
ENCODINGS = {"MTOM": mtom, "base64": inline}


def make_document(generator: random.Random, max_bytes: int) -> bytes:
    """Make the next document."""
    size = int(2 ** generator.uniform(0, max_bytes.bit_length())) % (max_bytes + 1)
    kind = generator.randrange(8)
    if kind < 4:
        return generator.randbytes(size)
    head, tail = generator.choice(EDGES), generator.choice(EDGES)
    if kind < 6:
        return (head + generator.randbytes(size) + tail)[:max_bytes]
    if kind == 6:
        return b"".join(generator.choices(EDGES, k=generator.randrange(200)))[:max_bytes]
    # Every byte value, with line ends and delimiters sprinkled in.
    return b"".join(generator.choice(EDGES) + generator.randbytes(17) for _ in range(size // 24))[:max_bytes]


def round_trip(repository: str, consumer: DocumentConsumer, number: int, content: bytes) -> list[str]:
    """Send a document in both encodings and say what is wrong with what comes back."""
    faults: list[str] = []
    for place, (name, encode) in enumerate(ENCODINGS.items()):
        document_id, set_id = (f"1.2.250.1.999.7.{arc}.{number}.{place}" for arc in (1, 2))
        status, answer = post(repository, *encode(submission(document_id, set_id, content)))
        if status != 200 or b"ResponseStatusType:Success" not in answer:
            faults.append(f"{name} {len(content)} bytes: HTTP {status}, {answer[:300]!r}")
            continue
        try:
            found = _compare(consumer, document_id, content)
        except XdsAdapterError as error:
            found = [str(error)]
        if found:
            faults.append(f"{name} {len(content)} bytes: {'; '.join(found)}")
    return faults


def _compare(consumer: DocumentConsumer, document_id: str, content: bytes) -> list[str]:
    entries = consumer.get_documents([document_id])
    if len(entries) != 1:
        return [f"{len(entries)} entries"]
    faults = []
    if (entries[0].hash, entries[0].size) != (hashlib.sha1(content).hexdigest(), len(content)):
        faults.append("hash or size of the entry differs")
    with consumer.retrieve(entries) as documents:
        if b"".join(documents[0].content.chunks()) != content:
            faults.append("the bytes differ")
    return faults


def main() -> int:
    """Run and print counts and mismatches; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--max-bytes", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        add_patient(data, PATIENT)
        with serving(data) as server, DocumentConsumer(server.registry, server.repository) as consumer:
            for number in range(options.documents):
                content = make_document(generator, options.max_bytes)
                counts["bytes"] += len(content)
                counts["as files" if len(content) > 128 * 1024 else "in the database"] += 1
                faults += round_trip(server.repository, consumer, number, content)
    print(
        f"{options.documents} documents, {counts['bytes'] / 1e6:.0f} MB ({counts['in the database']} in the database,"
        f" {counts['as files']} as files), each as {' and as '.join(ENCODINGS)}, {time.perf_counter() - started:.0f} s"
    )
    print(f"{2 * options.documents - len(faults)} came back identical, {len(faults)} did not")
    for fault in faults[:20]:
        print(f"  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
