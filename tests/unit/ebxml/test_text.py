"""Text is escaped for content and attributes alike; what XML 1.0 forbids is refused."""

from __future__ import annotations

import pytest

from xds_adapter.ebxml.text import escape
from xds_adapter.xmlio import parse


def test_plain_text_is_left_alone() -> None:
    assert "Compte rendu d’imagerie 😀" == escape("Compte rendu d’imagerie 😀")


@pytest.mark.parametrize("text", ["<a> & \"b\" 'c'", "]]>", "tab\tline\nreturn\rboth\r\n", " blanks "])
def test_escaped_text_reads_back_from_content_and_attribute(text: str) -> None:
    root = parse(f'<a b="{escape(text)}">{escape(text)}</a>'.encode())
    assert (text, text) == (root.text, root.get("b"))


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_a_character_that_xml_forbids_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match=r"a character that XML 1\.0 forbids"):
        escape(f"a{character}b")
