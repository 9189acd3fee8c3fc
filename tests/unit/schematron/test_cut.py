"""Long base64 is cut short, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xds_adapter import xmlio
from xds_adapter.errors import MalformedMessage
from xds_adapter.schematron.cut import KEPT_BYTES, MAX_BYTES, WHOLE_BYTES, cut

LINE = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\n"
LONG = LINE * (3 * WHOLE_BYTES // len(LINE))


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize("size", [4096, 65_537, 1 << 20, 1 << 24])
def test_a_long_run_is_cut_and_what_follows_keeps_its_line(size: int) -> None:
    content = b'<a>\n<text representation="B64">' + LONG + b"</text>\n<b/></a>"
    done = cut(pieces(content, size))
    assert len(done) < 4 * KEPT_BYTES
    whole = xmlio.parse(done)
    lines: list[object] = [each.sourceline for each in whole]
    assert [2, content[: content.index(b"<b/>")].count(b"\n") + 1] == lines
    text = whole[0].text or ""
    assert LONG[:KEPT_BYTES].decode() == text[:KEPT_BYTES]


def test_what_stands_around_long_runs_is_kept() -> None:
    words = "Compte rendu, " * 4000
    content = f"<a><![CDATA[{LONG.decode()}]]><p>{words}</p><t>{LONG.decode()}</t><q x='1'>é</q></a>".encode()
    root = xmlio.parse(cut([content]))
    assert [words, "é"] == [root[0].text, root[2].text]
    assert "1" == root[2].get("x")


def test_a_document_of_ordinary_size_is_left_as_it_is() -> None:
    content = b"<a>" + b"QUJD" * (WHOLE_BYTES // 5) + b"</a>"
    assert content == cut(pieces(content, 1000))


def test_a_document_without_long_runs_is_left_as_it_is() -> None:
    content = b"<a>" + b"<b c='d'>e.</b>" * 100_000 + b"</a>"
    assert content == cut(pieces(content, 70_000))


def test_another_encoding_is_left_as_it_is() -> None:
    content = ("<a>" + LONG.decode() + "</a>").encode("utf-16")
    assert content == cut([content])


def test_what_is_too_large_even_so_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="beside files in base64"):
        cut(b"<b>.</b>" * 8192 for _ in range(MAX_BYTES // 8192 // 8 + 2))


@given(
    st.lists(st.tuples(st.sampled_from([b"<b>x.</b>", LINE, b"<c>", b"'"]), st.integers(1, 4000)), max_size=6),
    st.integers(1000, 500_000),
)
def test_cutting_does_not_depend_on_the_pieces_much(parts: list[tuple[bytes, int]], size: int) -> None:
    """Whatever the pieces, markup is the same and the lines are."""
    content = b"".join(part * times for part, times in parts)
    once, other = cut([content]), cut(pieces(content, size))
    for found in (once, other):
        assert content.count(b"\n") == found.count(b"\n")
        assert content.count(b"<") == found.count(b"<")
        assert content.count(b"'") == found.count(b"'")
