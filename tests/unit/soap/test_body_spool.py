"""Short bodies stay text, long ones go to a file and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from xds_adapter.soap import (
    LongEnvelope,
    MessageReceiver,
    MtomMessage,
    SpooledBody,
    read_envelope,
    spooled,
    write_envelope,
)

PIECE = "<a>é</a>" * 1000


def long_pieces(times: int = 200) -> Iterator[str]:
    yield "<body>"
    for _ in range(times):
        yield PIECE
    yield "</body>"


def test_a_short_body_stays_text(tmp_path: Path) -> None:
    assert ("<a/>", "<b/>") == spooled(iter(["<a/>", "<b/>"]), tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_a_long_body_is_a_file_until_it_is_closed(tmp_path: Path) -> None:
    body = spooled(long_pieces(), tmp_path)
    assert isinstance(body, SpooledBody)
    assert 1 == len(list(tmp_path.iterdir()))
    expected = "".join(long_pieces()).encode()
    assert (len(expected), expected) == (body.size, b"".join(body.chunks()))
    body.close()
    body.close()
    assert [] == list(tmp_path.iterdir())


def test_what_ends_the_text_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[str]:
        yield from long_pieces()
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        spooled(broken(), tmp_path)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("mtom", [False, True])
def test_a_long_body_is_sent_within_its_envelope(tmp_path: Path, *, mtom: bool) -> None:
    body = spooled(long_pieces(), tmp_path)
    assert isinstance(body, SpooledBody)
    envelope = LongEnvelope(write_envelope(LongEnvelope.PLACE, action="urn:a"), body)
    content_type, chunks, length = "application/soap+xml", envelope.chunks(), len(envelope)
    if mtom:
        message = MtomMessage(envelope)
        content_type, chunks, length = message.content_type, message.chunks(), message.content_length
    receiver, received = MessageReceiver(content_type), 0
    for chunk in chunks:
        received += len(chunk)
        receiver.feed(chunk)
    with receiver.finish() as found:
        assert ("urn:a", "body") == ((read := read_envelope(found.envelope)).action, read.body.tag)
        assert 200_000 == len(read.body)
    assert length == received
    body.close()
