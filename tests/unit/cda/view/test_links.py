"""Addresses a document may lead its reader to."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xds_adapter.cda.view.links import MAX_LENGTH, Link, safe_link, without_bidi


@pytest.mark.parametrize(
    ("address", "link"),
    [
        (
            "https://viewer.example.org/a?b=c&d=e#f",
            Link("https://viewer.example.org/a?b=c&d=e#f", "viewer.example.org"),
        ),
        (" HTTP://Viewer.Example.ORG:8080/ ", Link("http://Viewer.Example.ORG:8080/", "viewer.example.org:8080")),
        ("https://viewer.exa\nmple.org/\tx", Link("https://viewer.example.org/x", "viewer.example.org")),
        ("https://\u202eorg.example/", Link("https://org.example/", "org.example")),
        ("https://hôpital.example/", Link("https://hôpital.example/", "xn--hpital-ixa.example")),
        ("http://[2001:db8::1]:80/x", Link("http://[2001:db8::1]:80/x", "[2001:db8::1]:80")),
        ("mailto:a@b.example?bcc=c@d.example", Link("mailto:a@b.example", "")),
        ("tel:+33(0)1-40.00", Link("tel:+33(0)1-40.00", "")),
    ],
)
def test_safe_address_is_kept_with_the_host_a_browser_would_ask(address: str, link: Link) -> None:
    assert link == safe_link(address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "\u200bjavascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "blob:https://x.example/1",
        "//x.example/",
        "relative",
        "#fragment",
        "",
        "https:",
        "https:///x",
        "https://user@x.example/",
        "https://x.example\\@y.example/",
        "https:\\\\x.example/",
        "https://[::1",
        "https://x.example:port/",
        "https://x.example:99999/",
        "https://a%2eb/",
        "https://.example/",
        f"https://{'x' * 64}é.example/",
        "mailto:nobody",
        "tel:12;ext=<x>",
        "https://x.example/" + "y" * MAX_LENGTH,
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    assert safe_link(address) is None


@given(st.text(alphabet="htpsfile:/\\@#?.[]%\t\n\x00\u200b\u202eaé \"'<>&;=jvcrid0", max_size=40))
@example("https://x\u0000.example/")
def test_what_is_accepted_has_a_known_scheme_and_nothing_invisible(address: str) -> None:
    link = safe_link(address)
    if link is not None:
        assert link.href.startswith(("http://", "https://", "mailto:", "tel:"))
        assert link.href == "".join(link.href.split())
        assert bool(link.host) == link.href.startswith("http")
        assert link.host.isascii()


def test_characters_that_turn_text_around_are_left_out() -> None:
    assert "abc\u200fd" == without_bidi("a\u202eb\u2067c\u2069\u200fd\u202c")
