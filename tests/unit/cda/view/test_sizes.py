"""Large documents: memory and time stay bounded, or there is a clear refusal."""

from __future__ import annotations

import base64
import binascii
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.hostile_cda import PNG, document, media, section
from tests.unit.cda.view.pages import narrative_of
from xds_adapter.cda import tree
from xds_adapter.cda.view.media import size_text
from xds_adapter.cda.view.page import render_html
from xds_adapter.cda.view.payloads import Payload, fill
from xds_adapter.cda.view.words import Lang


def _large(size: int) -> Iterator[bytes]:
    """A level 1 document with a PDF of `size` octets, made as it is read."""
    before, after = document(body='<text mediaType="application/pdf" representation="B64">PDF</text>').split(b"PDF<")
    yield before
    yield base64.b64encode(b"%PDF-1.4\n%\n")[:-1].replace(b"=", b"")[:12]
    piece = base64.b64encode(bytes(48 * 1024)) + b"\r\n"
    for _ in range(size // (48 * 1024)):
        yield piece
    yield b"<" + after


def test_large_pdf_passes_through_in_pieces() -> None:
    """60 MB come out unchanged, and no more than a few are held at a time."""
    size = 60_000_000
    tracemalloc.start()
    written = 0
    for piece in render_html(_large(size)):
        written += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert written > 79_000_000
    assert peak < 8_000_000


def test_hundred_thousand_rows_are_written_in_seconds() -> None:
    rows = "<tr><td>1</td></tr>" * 100_000
    start = time.process_time()
    written = sum(map(len, render_html([document(section(f"<table><tbody>{rows}</tbody></table>"))])))

    assert written > 1_500_000
    assert time.process_time() - start < 15


def test_document_with_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_NODES", 10_000)

    with pytest.raises(tree.Unreadable, match="more than 10000 elements"):
        next(render_html([document(section("<br/>" * 10_001))]))


def test_image_named_again_and_again_is_written_once() -> None:
    found = narrative_of('<renderMultiMedia referencedObject="a"/>' * 1000, entries=media("a", "image/png", PNG))

    assert 1 == found.count(PNG)


@pytest.fixture
def made() -> Iterator[Callable[[int], Payload]]:
    """Makes payloads that are closed in the end."""
    payloads: list[Payload] = []

    def make(number: int) -> Payload:
        payloads.append(Payload(number))
        return payloads[-1]

    yield make
    for payload in payloads:
        payload.close()


def test_marks_are_filled_wherever_they_stand(made: Callable[[int], Payload]) -> None:
    payloads = [made(0), made(1)]
    payloads[0].write("AA\nA")
    payloads[0].write("A")
    payloads[1].write("BBBB")

    page = f"<{payloads[1].mark}|{payloads[0].mark}|{payloads[1].mark}>"

    assert b"<BBBB|AAAA|BBBB>" == b"".join(fill(page, payloads))


def test_payload_pieces_decode_on_their_own(made: Callable[[int], Payload]) -> None:
    content = bytes(range(256)) * 2000
    payload = made(0)
    text = base64.encodebytes(content).decode()
    for at in range(0, len(text), 1001):
        payload.write(text[at : at + 1001])

    pieces = list(payload.pieces())

    assert len(pieces) > 1
    assert content == payload.decoded() == b"".join(map(binascii.a2b_base64, pieces))


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [(0, "0 o", "0 bytes"), (999, "999 o", "999 bytes"), (1500, "2 ko", "2 kB"), (2_345_678, "2,3 Mo", "2.3 MB")],
)
def test_size_is_written_for_people(size: int, french: str, english: str) -> None:
    assert (french, english) == (size_text(size, Lang.FR), size_text(size, Lang.EN))
