"""The narrative block as HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile_cda import HOSTILE, PNG, media
from tests.unit.cda.view.pages import narrative_of
from xds_adapter.cda.view.page import render_html

HOST = '<span class="host">(x.example)</span>'
LINK = '<a href="https://x.example/" rel="noopener noreferrer">'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<paragraph>a &lt; b &amp; c</paragraph>", "<p>a &lt; b &amp; c</p>"),
        ("a<br/>b<sub>2</sub><sup>3</sup>", "a<br>b<sub>2</sub><sup>3</sup>"),
        ('<content styleCode="Bold xUnknown Underline">x</content>', '<span class="bold underline">x</span>'),
        ('<content styleCode="BoldItalics">x</content>', '<span class="bold italics">x</span>'),
        ('<content revised="delete">x</content><content revised="insert">y</content>', "<del>x</del><ins>y</ins>"),
        ('<content ID="a" language="en-GB">x</content>', '<span id="n-a" lang="en-GB">x</span>'),
        ('<content ID="a b" language="e n">x</content>', "<span>x</span>"),
        ('<content ID="a">x</content><content ID="a">y</content>', '<span id="n-a">x</span><span>y</span>'),
        ("<list><item>a</item><item>b</item></list>", "<ul><li>a</li><li>b</li></ul>"),
        (
            '<list listType="ordered" styleCode="BigRoman"><caption>c</caption><item>a</item></list>',
            '<span class="caption">c</span><ol class="big-roman"><li>a</li></ol>',
        ),
        ("<list>stray</list>", "stray"),
        ("<paragraph>a<list><item>b</item></list></paragraph>", "<div>a<ul><li>b</li></ul></div>"),
        ('<linkHtml href="https://x.example/">here</linkHtml>', f"{LINK}here</a> {HOST}"),
        ('<linkHtml href="https://x.example/">x.example</linkHtml>', f"{LINK}x.example</a>"),
        ('<linkHtml href="https://x.example/"/>', f"{LINK}https://x.example/</a>"),
        ('<linkHtml href="tel:12">12</linkHtml>', '<a href="tel:12" rel="noopener noreferrer">12</a>'),
        (
            '<linkHtml href="javascript:x">here</linkHtml>',
            'here <span class="removed">[lien retiré par sécurité]</span>',
        ),
        (
            '<linkHtml href="https://x.example/">a<linkHtml href="https://y.example">b</linkHtml></linkHtml>',
            f"{LINK}ab</a> {HOST}",
        ),
        (
            '<linkHtml href="#a">up</linkHtml><content ID="a">x</content>',
            '<a href="#n-a">up</a><span id="n-a">x</span>',
        ),
        ('<linkHtml href="#b">up</linkHtml>', "up"),
        ('<linkHtml href="#a"/><content ID="a">x</content>', '<span id="n-a">x</span>'),
        (
            '<footnote ID="f">note</footnote><footnoteRef IDREF="f"/><footnoteRef IDREF="g"/>',
            '<span id="n-f" class="footnote">note</span><sup><a href="#n-f">[note]</a></sup>',
        ),
        ('<unknown a="b">text <paragraph>kept</paragraph></unknown>', "text <p>kept</p>"),
        ('<x:paragraph xmlns:x="urn:x">text</x:paragraph>', "text"),
        ("abc\u202edef\u202c", "abcdef"),
    ],
)
def test_narrative_element_becomes_html(text: str, html: str) -> None:
    assert html == narrative_of(text)


@pytest.mark.parametrize(
    ("table", "html"),
    [
        (
            "<table><thead><tr><td>a</td></tr></thead><tbody><tr><td>b</td></tr></tbody><tfoot><tr><td>c</td></tr></tfoot></table>",
            '<thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>b</td></tr></tbody><tfoot><tr><td>c</td></tr></tfoot>',
        ),
        ("<table><tr><th>a</th><td>b</td></tr></table>", '<tbody><tr><th scope="row">a</th><td>b</td></tr></tbody>'),
        (
            "<table><tr><th>a</th><th>b</th></tr></table>",
            '<tbody><tr><th scope="col">a</th><th scope="col">b</th></tr></tbody>',
        ),
        (
            '<table><tr><th scope="rowgroup">a</th><td>b</td></tr></table>',
            '<tbody><tr><th scope="rowgroup">a</th><td>b</td></tr></tbody>',
        ),
        (
            '<table><colgroup><col/></colgroup><col/><caption>c</caption><tr ID="r"><td align="right" colspan="2" rowspan="3">a</td></tr></table>',
            '<caption>c</caption><tbody><tr id="n-r"><td class="right" colspan="2" rowspan="3">a</td></tr></tbody>',
        ),
        (
            '<table><tr><td colspan="9999" rowspan="x">a</td></tr></table>',
            '<tbody><tr><td colspan="100">a</td></tr></tbody>',
        ),
    ],
)
def test_table_gets_the_scope_of_its_headers(table: str, html: str) -> None:
    found = narrative_of(table)

    assert f"<table>{html}</table>" == found[found.index("<table>") : found.index("</table>") + len("</table>")]


def test_what_stands_beside_cells_goes_before_the_table() -> None:
    """A browser would move it itself, and might close what is around."""
    found = narrative_of("<table>a<tbody>b<td>c</td><tr>d<paragraph>e</paragraph><td>f</td></tr></tbody></table>")

    assert 'abcd<p>e</p><div class="scroll"><table><tbody><tr><td>f</td></tr></tbody></table></div>' == found


def test_table_without_cells_is_left_out() -> None:
    assert "a" == narrative_of("<table>a<tbody><tr/></tbody></table>")


def test_wide_table_can_be_scrolled_by_keyboard_and_has_a_name() -> None:
    cells = "<tr><td>a</td><td>b</td><td>c</td><td>d</td></tr>"

    assert narrative_of(f"<table>{cells}</table>").startswith(
        '<div class="scroll wide" role="group" tabindex="0" aria-label="Tableau"><table>'
    )
    assert 'aria-label="Mesures &#34;x&#34;"' in narrative_of(f'<table><caption>Mesures "x"</caption>{cells}</table>')


def test_image_is_shown_once_with_its_caption_as_words() -> None:
    shown = '<renderMultiMedia ID="r" referencedObject="a"><caption>Face</caption></renderMultiMedia>'

    found = narrative_of(shown + '<renderMultiMedia referencedObject="a"/>', entries=media("a", "image/png", PNG))

    assert (
        f'<span id="n-r"></span><figure id="file-1"><img src="data:image/png;base64,{PNG}" alt="Face">'
        '<figcaption><span class="caption">Face</span></figcaption></figure>'
        '<span></span><a href="#file-1">Image 1, déjà affichée</a>'
    ) == found


def test_image_is_found_through_a_region_of_interest() -> None:
    region = '<entry><regionOfInterest ID="r"><entryRelationship>{}</entryRelationship></regionOfInterest></entry>'
    entry = media("a", "image/png", PNG).replace("<entry>", "").replace("</entry>", "")

    assert "<img" in narrative_of('<renderMultiMedia referencedObject="r"/>', entries=region.format(entry))


def test_region_without_an_image_and_an_image_without_content_are_missing() -> None:
    entries = '<entry><regionOfInterest ID="r"/></entry><entry><observationMedia ID="m"/></entry>'

    assert 2 == narrative_of('<renderMultiMedia referencedObject="r m"/>', entries=entries).count("image absente")


def test_missing_and_refused_files_are_said_to_be() -> None:
    found = narrative_of('<renderMultiMedia referencedObject="none a"/>', entries=media("a", "image/svg+xml", "AAAA"))

    assert "[image absente du document]" in found
    assert "[Contenu de type image/svg+xml non affiché : ce type n’est pas sûr ou n’est pas connu.]" in found


def test_file_in_a_link_is_named_and_no_link_in_a_link() -> None:
    text = '<linkHtml href="https://x.example/"><renderMultiMedia referencedObject="a"/><footnoteRef IDREF="f"/></linkHtml><footnote ID="f"/>'

    found = narrative_of(text, entries=media("a", "application/pdf", "JVBERi0="))

    assert f'{LINK}<span></span>Fichier joint 1 (PDF, 5 o)</a> {HOST}<span id="n-f" class="footnote"></span>' == found


def test_what_lies_too_deep_keeps_its_words() -> None:
    assert (
        narrative_of("<content>" * 60 + "deep &lt;" + "</content>" * 60) == "<span>" * 40 + "deep &lt;" + "</span>" * 40
    )


_VOID = {"br", "img", "meta"}


class _Balance(HTMLParser):
    """Checks that every element ends where it began."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", HOSTILE)
def test_every_element_of_a_hostile_page_ends_where_it_began(name: str) -> None:
    balance = _Balance()
    balance.feed(b"".join(render_html([HOSTILE[name]("http://127.0.0.1:9")])).decode())

    assert [] == balance.open


_NAMES = (
    "paragraph",
    "content",
    "list",
    "item",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "caption",
    "linkHtml",
    "sub",
    "br",
    "x",
)
_TREES = st.recursive(
    st.sampled_from(["text", "<br/>", "&lt;b&gt;", ""]),
    lambda inner: st.builds(
        lambda name, parts: f'<{name} href="https://x.example">{"".join(parts)}</{name}>',
        st.sampled_from(_NAMES),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)
_INSIDE = {
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "caption": {"table"},
    "li": {"ul", "ol"},
}
_ONLY = {
    "table": {"caption", "thead", "tbody", "tfoot"},
    "tr": {"td", "th"},
    "ul": {"li"},
    "tbody": {"tr"},
    "thead": {"tr"},
}
_BLOCKS = {"p", "div", "ul", "ol", "table", "figure"}


class _Content(_Balance):
    """Checks what a browser's parser relies on: nothing it would move or end on its own."""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        parent = self.open[-1] if self.open else ""
        assert parent in _INSIDE.get(tag, {parent})
        assert tag in _ONLY.get(parent, {tag})
        if tag in _BLOCKS:
            assert "p" not in self.open
        if tag == "a":
            assert "a" not in self.open
        super().handle_starttag(tag, attrs)

    def handle_data(self, text: str) -> None:
        assert not (self.open and self.open[-1] in _ONLY and text.strip())


@given(_TREES)
def test_no_nesting_of_narrative_elements_makes_html_that_a_browser_takes_apart(tree: str) -> None:
    content = _Content()
    content.feed(narrative_of(tree))

    assert [] == content.open
