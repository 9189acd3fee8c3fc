"""The multipart parser: every legal form, every refusal."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.soap.packages import BOUNDARY, cut, make_body, make_part
from xds_adapter.errors import MalformedMessage
from xds_adapter.soap import Limits, MultipartParser
from xds_adapter.soap.limits import DEFAULT_LIMITS

Part = tuple[dict[str, str], bytes]
SIZES = [1, 2, 3, 7, 64, 65536]


class Recorder:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.open = False

    def part_begin(self, headers: Mapping[str, str]) -> None:
        assert not self.open
        self.open = True
        self.parts.append((dict(headers), b""))

    def part_data(self, data: memoryview) -> None:
        assert self.open
        assert len(data) > 0
        headers, content = self.parts.pop()
        self.parts.append((headers, content + bytes(data)))

    def part_end(self) -> None:
        assert self.open
        self.open = False


def parse(body: bytes, size: int = 65536, limits: Limits = DEFAULT_LIMITS, boundary: str = BOUNDARY) -> list[Part]:
    sink = Recorder()
    parser = MultipartParser(boundary, sink, limits)
    for chunk in cut(body, size):
        parser.feed(chunk)
    parser.close()
    assert not sink.open
    return sink.parts


DELIMITER = f"--{BOUNDARY}".encode()
CONTENTS = {
    "plain": b"hello",
    "empty": b"",
    "line ends at both ends": b"\r\n\r\nhello\r\n\r\n",
    "single line feed": b"\n",
    "carriage return at the end": b"hello\r",
    "only carriage returns": b"\r" * 200,
    "nul and high octets": bytes(range(256)),
    "delimiter after a bare line feed": b"a\n" + DELIMITER + b"\nb",
    "delimiter in a line": b"a" + DELIMITER + b"\r\nb",
    "longer boundary": b"a\r\n" + DELIMITER + b"x\r\nb",
    "longer boundary after closing hyphens": b"a\r\n" + DELIMITER + b"--x\r\nb",
    "delimiter with one hyphen": b"a\r\n" + DELIMITER + b"-\r\nb",
    "delimiter with a bare line feed": b"a\r\n" + DELIMITER + b"\nb",
    "shorter boundary": b"a\r\n" + DELIMITER[:-1] + b"\r\nb",
    "delimiter and too many blanks": b"a\r\n" + DELIMITER + b" " * 300 + b"\r\nb",
    "delimiter begun": b"a\r\n" + DELIMITER[:5],
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_content_is_unchanged(content: bytes, size: int) -> None:
    """Every octet between two delimiters is content, however the body is cut."""
    body = make_body(make_part(content, "A: 1"), make_part(b"second"), make_part(content))
    assert parse(body, size) == [({"a": "1"}, content), ({}, b"second"), ({}, content)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "body",
    [
        b"preamble\r\nmore\r\n" + DELIMITER + b"\r\nA: b\r\n\r\nx\r\n" + DELIMITER + b"--\r\nepilogue\r\n" + DELIMITER,
        b"\r\n" + DELIMITER + b" \t \r\nA: b\r\n\r\nx\r\n" + DELIMITER + b"-- \t\r\n",
        DELIMITER + b"\r\nA: b\r\n\r\nx\r\n" + DELIMITER + b"--",
        DELIMITER + b"\r\nA: b\r\n\r\nx\r\n" + DELIMITER + b"-- ",
        DELIMITER + b"\r\nA:b\r\n\r\nx\r\n" + DELIMITER + b"--\r",
        DELIMITER + b"\r\nA :\r\n\t b \r\n\r\nx\r\n" + DELIMITER + b"--\r\n",
        b"--almost\r\n" + DELIMITER + b"\r\na: b\r\n\r\nx\r\n" + DELIMITER + b"--\r\n",
    ],
    ids=[
        "preamble and epilogue",
        "blanks",
        "no last line end",
        "blank at the end",
        "half a line end",
        "folded",
        "near",
    ],
)
def test_legal_forms(body: bytes, size: int) -> None:
    """Preamble, epilogue, blanks after delimiters and folded headers are accepted."""
    assert parse(body, size) == [({"a": "b"}, b"x")]


@pytest.mark.parametrize("size", SIZES)
def test_part_without_content(size: int) -> None:
    """The empty line may open the next delimiter: such a part has no content at all."""
    body = DELIMITER + b"\r\nA: b\r\n\r\n" + DELIMITER + b"\r\n\r\n" + DELIMITER + b"--\r\n"
    assert parse(body, size) == [({"a": "b"}, b""), ({}, b"")]


@pytest.mark.parametrize("boundary", ["a", "x" * 70, "'()+_,-./:=? end", "--"])
def test_boundary_characters(boundary: str) -> None:
    """All characters that RFC 2046 allows may be in a boundary."""
    mark = b"--" + boundary.encode()
    assert parse(mark + b"\r\n\r\nx\r\n" + mark + b"--", boundary=boundary) == [({}, b"x")]


@pytest.mark.parametrize("boundary", ["", "x" * 71, "a ", "é", "a\r\nb"])
def test_boundary_refused(boundary: str) -> None:
    """Anything else is no boundary."""
    with pytest.raises(MalformedMessage, match="boundary"):
        MultipartParser(boundary, Recorder())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        DELIMITER,
        DELIMITER + b"\r\nA: b",
        DELIMITER + b"\r\nA: b\r\n\r\nx",
        DELIMITER + b"\r\nA: b\r\n\r\nx\r\n" + DELIMITER + b"-",
        DELIMITER + b"\r\nA: b\r\n\r\nx\r\n" + DELIMITER + b"\r\n",
        DELIMITER + b"\r\nA: b\r\n\r\nx\n" + DELIMITER + b"--\n",
    ],
)
def test_cut_off(body: bytes, size: int) -> None:
    """A body without its closing delimiter is refused."""
    with pytest.raises(MalformedMessage, match="cut off"):
        parse(body, size)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"no colon", "cannot be read"),
        (b": no name", "cannot be read"),
        (b"A: 1\nB: 2", "cannot be read"),
        (b"A: \x00", "cannot be read"),
        (b"A: 1\r\na: 2", '"a" twice'),
    ],
)
def test_headers_refused(block: bytes, reason: str) -> None:
    """A header block that can be read in two ways is refused."""
    with pytest.raises(MalformedMessage, match=reason):
        parse(DELIMITER + b"\r\n" + block + b"\r\n\r\nx\r\n" + DELIMITER + b"--")


def test_headers_that_are_not_utf8() -> None:
    """A file name in another encoding does not stop a document."""
    assert parse(make_body(make_part(b"x").replace(b"\r\n", b"A: \xe9\r\n\r\n", 1))) == [({"a": "\ufffd"}, b"x")]


@pytest.mark.parametrize("size", [1, 50, 65536])
@pytest.mark.parametrize(
    ("limits", "body", "reason"),
    [
        (Limits(max_header_bytes=100), make_body(make_part(b"x", "A: " + "b" * 100)), "headers of a MIME part exceed"),
        (Limits(max_parts=2), make_body(*[make_part(b"")] * 3), "more than 2 MIME parts"),
        (Limits(max_preamble_bytes=10), make_body(make_part(b""), preamble=b"p" * 11 + b"\r\n"), "precede the first"),
    ],
    ids=["headers", "parts", "preamble"],
)
def test_bounds(limits: Limits, body: bytes, reason: str, size: int) -> None:
    """Each bound holds whether the octets come at once or one by one."""
    with pytest.raises(MalformedMessage, match=reason):
        parse(body, size, limits)


@pytest.mark.parametrize("size", [1, 50, 65536])
def test_within_bounds(size: int) -> None:
    """What just fits is accepted."""
    limits = Limits(max_header_bytes=4, max_parts=2, max_preamble_bytes=10)
    body = make_body(make_part(b"", "A: b"), make_part(b""), preamble=b"p" * 10 + b"\r\n")
    assert len(parse(body, size, limits)) == 2
