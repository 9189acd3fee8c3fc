"""Large documents: memory and time stay bounded, or there is a clear refusal."""

from __future__ import annotations

import base64
import binascii
import os
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile_cda import PNG, b64, document, media, section
from tests.unit.cda.view.pages import narrative_of
from xds_adapter.cda import tree
from xds_adapter.cda.view.document import open_view
from xds_adapter.cda.view.media import size_text
from xds_adapter.cda.view.page import render_html
from xds_adapter.cda.view.payloads import Payload, Store, fill
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


def test_table_of_any_length_is_written_in_time() -> None:
    """A hundred thousand rows take two seconds; a fifth of them are tried here."""
    rows = "<tr><td>1</td></tr>" * 20_000
    start = time.process_time()
    written = sum(map(len, render_html([document(section(f"<table><tbody>{rows}</tbody></table>"))])))

    assert written > 300_000
    assert time.process_time() - start < 10


def test_document_with_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MAX_NODES", 10_000)

    with pytest.raises(tree.Unreadable, match="more than 10000 elements"):
        next(render_html([document(section("<br/>" * 10_001))]))


def test_image_named_again_and_again_is_written_once() -> None:
    found = narrative_of('<renderMultiMedia referencedObject="a"/>' * 1000, entries=media("a", "image/png", PNG))

    assert 1 == found.count(PNG)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


def test_marks_are_filled_wherever_they_stand(store: Store) -> None:
    payloads = [Payload(0, store), Payload(1, store)]
    payloads[0].write("AA\nA")
    payloads[0].write("A")
    payloads[1].write("BBBB")

    page = f"<{payloads[1].mark}|{payloads[0].mark}|{payloads[1].mark}>"

    assert b"<BBBB|AAAA|BBBB>" == b"".join(fill(page, payloads))


def test_payload_pieces_decode_on_their_own(store: Store) -> None:
    content = bytes(range(256)) * 2000
    Payload(0, store).write("AAAA")
    payload = Payload(1, store)
    text = base64.encodebytes(content).decode()
    for at in range(0, len(text), 1001):
        payload.write(text[at : at + 1001])

    pieces = list(payload.pieces())

    assert len(pieces) > 1
    assert content == payload.decoded() == b"".join(map(binascii.a2b_base64, pieces))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux to count open files")
def test_thousands_of_files_need_one_open_file() -> None:
    entries = "".join(media(f"f{number}", "text/plain", b64("x" * 900)) for number in range(1200))
    before = len(os.listdir("/proc/self/fd"))

    with open_view([document(section("x", entries=entries))]) as view:
        assert 1200 == len(view.attachments)
        assert len(os.listdir("/proc/self/fd")) <= before + 1


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_no_document_can_hold_the_mark(version: str) -> None:
    """What stands for a file on the page is a character that XML refuses, however it is written."""
    content = document(section("<paragraph>&#1;0&#1;</paragraph>"))

    for hostile in (content, content.replace(b"&#1;", b"\x01")):
        with pytest.raises(tree.Unreadable):
            next(render_html([hostile.replace(b'version="1.0"', f'version="{version}"'.encode())]))


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [(0, "0 o", "0 bytes"), (999, "999 o", "999 bytes"), (1500, "2 ko", "2 kB"), (2_345_678, "2,3 Mo", "2.3 MB")],
)
def test_size_is_written_for_people(size: int, french: str, english: str) -> None:
    assert (french, english) == (size_text(size, Lang.FR), size_text(size, Lang.EN))
