"""CPU time of receiving MTOM packages: ``python -m benchmarks.soap_receive``.

Prints each stage of a 66 kB package next to SHA-1 and SHA-256 of the same document, the yardstick of the machine.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from collections.abc import Callable

from xds_adapter import xmlio
from xds_adapter.soap import BytesContent, MessageReceiver, MtomMessage, read_envelope, write_envelope, xop_include
from xds_adapter.soap.multipart import MultipartParser

_CHUNK = 65536


class _Nothing:
    def part_begin(self, headers: object) -> None:
        pass

    def part_data(self, data: object) -> None:
        pass

    def part_end(self) -> None:
        pass


def _microseconds(call: Callable[[], object], rounds: int = 7, repeats: int = 300) -> float:
    figures = []
    for _ in range(rounds):
        begin = time.thread_time()
        for _ in range(repeats):
            call()
        figures.append((time.thread_time() - begin) / repeats * 1e6)
    return statistics.median(figures)


def _package() -> tuple[str, list[bytes], bytes, bytes]:
    slot = '<r:Slot name="{}"><r:ValueList><r:Value>value of the slot {}</r:Value></r:ValueList></r:Slot>'
    slots = "".join(slot.format(number, number) for number in range(150))
    body = f'<r:X xmlns:r="urn:r">{slots}<r:Document>{xop_include("d@x")}</r:Document></r:X>'
    envelope = write_envelope(body, action="urn:a", message_id="urn:uuid:1", to="http://localhost/")
    document = os.urandom(51200)
    message = MtomMessage(envelope, [("d@x", "text/xml", BytesContent(document))])
    octets = b"".join(message.chunks())
    chunks = [octets[begin : begin + _CHUNK] for begin in range(0, len(octets), _CHUNK)]
    return message.content_type, chunks, envelope, document


def _parse(boundary: str, chunks: list[bytes]) -> None:
    parser = MultipartParser(boundary, _Nothing())
    for chunk in chunks:
        parser.feed(chunk)
    parser.close()


def _receive(content_type: str, chunks: list[bytes]) -> None:
    receiver = MessageReceiver(content_type)
    for chunk in chunks:
        receiver.feed(chunk)
    with receiver.finish() as message:
        document = read_envelope(message.envelope).body[-1]
        assert message.resolve(document).content_id


def _throughput() -> float:
    piece = os.urandom(1 << 20)
    parser = MultipartParser("b" * 40, _Nothing())
    parser.feed(b"--" + b"b" * 40 + b"\r\n\r\n")
    return (1 << 20) / (_microseconds(lambda: parser.feed(piece), repeats=256) * 1e-6) / (1 << 30)


def main() -> None:
    """Measure and print."""
    content_type, chunks, envelope, document = _package()
    boundary = content_type.split('boundary="')[1].split('"')[0]
    print(f"package {sum(map(len, chunks))} octets, envelope {len(envelope)}")
    print(f"multipart parser      {_microseconds(lambda: _parse(boundary, chunks)):8.1f} us")
    print(f"SHA-1                 {_microseconds(lambda: hashlib.sha1(document)):8.1f} us")
    print(f"SHA-256               {_microseconds(lambda: hashlib.sha256(document)):8.1f} us")
    print(f"lxml                  {_microseconds(lambda: xmlio.parse(envelope)):8.1f} us")
    print(f"whole receiver        {_microseconds(lambda: _receive(content_type, chunks)):8.1f} us")
    print(f"multipart, 1 MiB part {_throughput():8.1f} GiB/s")


if __name__ == "__main__":
    main()
