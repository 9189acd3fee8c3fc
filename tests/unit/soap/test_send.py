"""Writing MTOM packages."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import cast

import pytest

from tests.unit.soap.packages import make_document, make_envelope, receive
from xds_adapter.errors import IntegrityError
from xds_adapter.soap import BytesContent, FileContent, MtomMessage, parse_content_type, read_envelope, xop_include

MIB = 1 << 20
DOCUMENT = b"\r\n\x00document\r\n"


def make_message(content: bytes = DOCUMENT, content_id: str = "d@x", mime_type: str = "text/xml") -> MtomMessage:
    envelope = make_envelope(make_document(xop_include(content_id)))
    return MtomMessage(envelope, [(content_id, mime_type, BytesContent(content))], "urn:a")


def independent(message: MtomMessage) -> list[Message]:
    """Read with the standard library, as a peer would."""
    head = f"MIME-Version: 1.0\r\nContent-Type: {message.content_type}\r\n\r\n".encode()
    return cast("list[Message]", message_from_bytes(head + b"".join(message.chunks())).get_payload())


def test_content_type() -> None:
    """All parameters that IHE asks for are there."""
    content = parse_content_type(make_message().content_type)
    root = independent(message := make_message())[0]
    assert content.media_type == "multipart/related"
    assert content.parameters["type"] == "application/xop+xml"
    assert content.parameters["start-info"] == "application/soap+xml"
    assert content.parameters["action"] == "urn:a"
    assert parse_content_type(message.content_type).parameters["start"] == root["Content-ID"]
    assert root["Content-Type"] == 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    assert "action" not in parse_content_type(MtomMessage(b"<a/>").content_type).parameters


def test_small_message_is_one_piece() -> None:
    """A small message costs one write, and its length is known before."""
    message = make_message()
    (piece,) = message.chunks()
    assert len(piece) == message.content_length


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, 3 * MIB + 5])
def test_pieces(size: int, tmp_path: Path) -> None:
    """A large message comes in pieces of at most 1 MiB, as often as it is asked for."""
    path = tmp_path / "document"
    path.write_bytes(bytes(size))
    envelope = make_envelope(make_document(xop_include("d@x")))
    message = MtomMessage(envelope, [("d@x", "text/xml", FileContent(path))])
    for _ in range(2):
        pieces = list(message.chunks())
        assert all(0 < len(piece) <= MIB for piece in pieces)
        assert sum(map(len, pieces)) == message.content_length
    with receive(b"".join(pieces), message.content_type) as received:
        assert received.resolve(read_envelope(received.envelope).body).size == size


def test_large_envelope() -> None:
    """Even the envelope is cut into pieces."""
    pieces = list(MtomMessage(bytes(2 * MIB + 1)).chunks())
    assert all(0 < len(piece) <= MIB for piece in pieces)


@pytest.mark.parametrize("content_id", ["d@x", "1@urn:ihe:iti:xds-b:2007", "a&b%20'c\"@x", "+/="])
def test_content_ids(content_id: str) -> None:
    """Any Content-ID that can stand in a header finds its part again."""
    message = make_message(content_id=content_id)
    with receive(b"".join(message.chunks()), message.content_type) as received:
        assert b"".join(received.resolve(read_envelope(received.envelope).body).chunks()) == DOCUMENT


def test_boundary_is_unguessable() -> None:
    """No document can be made to hold the boundary."""
    assert make_message().content_type != make_message().content_type


@pytest.mark.parametrize(
    ("mime_type", "sent"),
    [
        ("text/xml", "text/xml"),
        ("text/xml; charset=UTF-8", "text/xml; charset=UTF-8"),
        ("text/xml\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("text/é", "application/octet-stream"),
    ],
)
def test_mime_type(mime_type: str, sent: str) -> None:
    """A MIME type cannot add headers."""
    assert independent(make_message(mime_type=mime_type))[1]["Content-Type"] == sent


@pytest.mark.parametrize("content_id", ["", "a b", "<a>", "a\r\nX: y", "é"])
def test_content_id_refused(content_id: str) -> None:
    """A Content-ID that cannot stand in a header is the caller's mistake."""
    with pytest.raises(ValueError, match="Content-ID"):
        MtomMessage(b"", [(content_id, "text/xml", BytesContent(b""))])


def test_content_id_twice() -> None:
    """Each part has its own Content-ID."""
    part = ("a", "text/xml", BytesContent(b""))
    with pytest.raises(ValueError, match="twice"):
        MtomMessage(b"", [part, part])


@pytest.mark.parametrize("action", ['a"', "a\r\n", "é", "\\"])
def test_action_refused(action: str) -> None:
    """An action that cannot stand in a header is the caller's mistake."""
    with pytest.raises(ValueError, match="action"):
        MtomMessage(b"", action=action)


class Changing(BytesContent):
    def __init__(self, octets: bytes) -> None:
        super().__init__(b"12345")
        self._now = octets

    def chunks(self) -> Iterator[bytes]:
        yield self._now


@pytest.mark.parametrize("octets", [b"1234", b"123456"])
def test_changed_document(octets: bytes) -> None:
    """A document that differs from its size is not sent as if it were whole."""
    message = MtomMessage(b"", [("a", "text/xml", Changing(octets))])
    with pytest.raises(IntegrityError, match="a document of 5 octets changed"):
        list(message.chunks())
