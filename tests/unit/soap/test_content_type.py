"""The Content-Type header."""

from __future__ import annotations

import time
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xds_adapter.errors import MalformedMessage
from xds_adapter.soap import ContentType, content_type, parse_content_type


@pytest.mark.parametrize(
    ("value", "parameters"),
    [
        ("Text/XML", {}),
        (" text/xml ;charset=UTF-8", {"charset": "UTF-8"}),
        ("text/xml; Charset = utf-8 ; ; a=b;", {"charset": "utf-8", "a": "b"}),
        (r'text/xml; a="q\"u\\o;te, "; b=""', {"a": r'q"u\o;te, ', "b": ""}),
        ("text/xml; start=<a@b:c>; boundary=uuid:1+x=2", {"start": "<a@b:c>", "boundary": "uuid:1+x=2"}),
    ],
)
def test_read(value: str, parameters: dict[str, str]) -> None:
    """Names are in any case, values quoted or not."""
    assert parse_content_type(value) == ContentType(media_type="text/xml", parameters=parameters)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "text/",
        "text/xml charset=utf-8",
        'text/xml; a="open',
        'text/xml; a="b"c',
        "text/xml; a",
        "text/xml; a=",
        "text/xml; a=b c=d",
        "text/xml; a=b\r\nX: y",
        "text/xml; a=\x00",
        "text/xml; a=b; A=c",
        "text/xml; a=" + "b" * 5000,
    ],
)
def test_refused(value: str) -> None:
    """What can be read in two ways, or not at all, is refused."""
    with pytest.raises(MalformedMessage, match="Content-Type header"):
        parse_content_type(value)


@pytest.mark.parametrize("piece", ["; ", ";a", '"', '\\"', "; =", " ", '; a="\\'])
def test_hostile_values_are_cheap(piece: str) -> None:
    """No value within the length bound takes long."""
    value = 'text/xml; a="' + piece * (4000 // len(piece))
    begin = time.thread_time()
    for _ in range(10):
        with pytest.raises(MalformedMessage):
            parse_content_type(value + "\\")
    assert time.thread_time() - begin < 0.5


_PIECES = st.sampled_from(
    ["text/xml", "a/b", ";", "; ", "=", '"', "\\", " ", "\t", "charset", "type", "Start-Info", "x"]
)


@given(value=st.lists(_PIECES, max_size=14).map("".join))
def test_the_short_way_agrees_with_the_full_grammar(value: str) -> None:
    """What the plain reader accepts, the full grammar reads alike."""
    plain = content_type._parse_plain(value)
    if plain is not None:
        with patch.object(content_type, "_parse_plain", return_value=None):
            assert parse_content_type(value) == plain
